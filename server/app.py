"""The composition root: one server process's parts, and its one table of routes.

Only here and in `parts.py` do ports meet what implements them. Running the app in a process is
`worker.py`; starting processes is `launcher.py`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from protocol.base import Key
from server.actions.egress import Egress, EgressRules
from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.base import IntegrationModule
from server.alerting import AlertWatch
from server.auth.passwords import Passwords
from server.auth.proof import Proofs
from server.auth.provider import find_provider
from server.auth.second_factor import SecondFactors
from server.demo_calls import DemoCalls
from server.due_mending import DueMending
from server.dwell import UsualTimes
from server.erasing import Eraser
from server.gateway.connection import Services
from server.gateway.gateway import Gateway
from server.http.account import OwnAccount
from server.http.alerts import AlertDesk
from server.http.attention import AttentionShelf
from server.http.audit import AuditDesk
from server.http.connections import ConnectionDesk
from server.http.demo import DemoDoor
from server.http.entrance import Entrance
from server.http.erasure import ErasureDesk
from server.http.event_hooks import EventDesk
from server.http.first_steps import FirstStepsDesk
from server.http.floor import FloorDesk
from server.http.frames import FrameDoor
from server.http.guard import Guard
from server.http.health import Health
from server.http.integrations import IntegrationShelf
from server.http.me import Reception
from server.http.notices import NoticeDesk
from server.http.people import PeopleDesk
from server.http.problems import PROBLEM_ANSWERS
from server.http.replay import ReplayDesk
from server.http.requests import RequestWatch
from server.http.saved_views import ViewDesk
from server.http.second_factor import SecondFactorDesk
from server.http.sessions import SessionShelf
from server.http.settings import SettingsDesk
from server.http.static import ClientFiles
from server.http.tokens import TokenDesk
from server.http.v1.door import ApiDoor
from server.http.v1.operation import ApiParts
from server.http.v1.rate import Rates
from server.http.v1.routes import api_routes
from server.http.workflows import WorkflowShelf
from server.parts import build_parts, endpoint_of, own_endpoints
from server.ports import Sender, SessionStore
from server.records.accounts import SqlAccounts
from server.records.api_answers import SqlAnswerBook
from server.records.api_tokens import SqlApiTokens
from server.records.attention import SqlAttention
from server.records.clock import wall_clock_ms
from server.records.demo_calls import SqlCallsBook
from server.records.dwell import SqlDwell
from server.records.erasure import SqlErasure
from server.records.first_steps import SqlFirstSteps
from server.records.frame_codes import SqlFrameCodes
from server.records.house import SqlHouse
from server.records.identities import SqlIdentities
from server.records.leftovers import SqlLeftovers
from server.records.notices import SqlNotices
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.saved_views import SqlViewShelf
from server.records.second_factors import SqlSecondFactors
from server.records.sign_ins import SqlSignIns
from server.records.turns import SqlTurns
from server.replaying import Replaying
from server.retention import Retention
from server.rooms.alert_board import AlertBoard
from server.rooms.live_list import LiveList
from server.rooms.notices import Notices
from server.rooms.rooms import Rooms
from server.settings import Settings
from server.vacating import Vacating
from server.watching import figures
from server.watching.looking import NO_SESSION, Looking


def build_app(
    settings: Settings,
    store: SessionStore | None = None,
    modules: Mapping[Key, IntegrationModule] = INTEGRATIONS,
    sender: Sender | None = None,
    passwords: Passwords | None = None,
    rates: Rates | None = None,
    demo_pace: float = 1.0,
) -> Starlette:
    """One process's application, on the store that the settings name unless another is given.

    `app.state.drain()` is awaited before the process stops.
    """
    parts = build_parts(settings, store, modules, sender)
    store, submit = parts.store, parts.submit
    people = SqlPeople(parts.database, parts.house.locale)
    sign_ins = SqlSignIns(parts.database, people)
    parts.house.on_locale(sign_ins.forget_all)
    accounts, passwords = SqlAccounts(parts.database, sign_ins), passwords or Passwords()
    roster = SqlRoster(parts.database, sign_ins)

    proofs = Proofs(parts.key_ring.derive("proof of origin")) if settings.frame_ancestors else None
    reception = Reception(sign_ins, people, parts.house, settings, proofs)
    frames = FrameDoor(SqlFrameCodes(parts.database), reception, settings)
    factors, second = SqlSecondFactors(parts.database), SecondFactors(parts.key_ring)
    entrance = Entrance(accounts, roster, passwords, factors, second, parts.house, settings)
    factor_desk = SecondFactorDesk(accounts, factors, second, passwords, reception, lambda: parts.house.now.name)
    account = OwnAccount(accounts, sign_ins, passwords, reception)
    vacating = Vacating(store, parts.key_ring, submit)
    people_desk = PeopleDesk(roster, sign_ins, reception, settings, vacating, parts.audit)
    settings_desk = SettingsDesk(parts.house, SqlHouse(parts.database), reception)
    steps_desk = FirstStepsDesk(SqlFirstSteps(parts.database), parts.catalog, reception, settings.demo)
    audit_desk = AuditDesk(parts.audit, reception)
    tokens = SqlApiTokens(parts.database)
    token_desk = TokenDesk(tokens, reception)
    shelf = WorkflowShelf(parts.catalog, reception)
    session_shelf = SessionShelf(parts.sessions, reception)
    demo_calls = DemoCalls(
        SqlCallsBook(parts.database),
        people,
        SqlTurns(parts.database),
        sign_ins,
        parts.catalog,
        settings.port,
        wall_clock_ms,
        demo_pace,
    )
    door = DemoDoor(sign_ins, demo_calls, settings)
    integration_shelf = IntegrationShelf(modules, parts.connections, parts.rule_book, parts.catalog, reception)
    desk = ConnectionDesk(modules, parts.connections, parts.sender, reception, parts.audit)
    events = EventDesk(parts.event_book, parts.connections, reception)
    attention = AttentionShelf(SqlAttention(parts.database), submit, reception)
    eraser = Eraser(SqlErasure(parts.database, parts.key_ring), parts.sessions, store, submit)
    erasure = ErasureDesk(eraser, submit, parts.sessions, reception, parts.audit)
    replay = ReplayDesk(Replaying(submit.sessions, store), reception, parts.audit)
    retention = Retention(
        SqlLeftovers(parts.database), SqlTurns(parts.database), eraser, lambda: parts.house.now, wall_clock_ms
    )
    mending = DueMending(
        SqlLeftovers(parts.database),
        SqlTurns(parts.database),
        store,
        submit,
        lambda: parts.house.now,
        parts.house.policy,
    )
    alert_board = AlertBoard(parts.alert_book, store)
    live_list = LiveList(store, parts.key_ring, alert_board)
    submit.circumstances.find_ring = live_list.find_ring
    notice_book = SqlNotices(parts.database)
    notices = Notices(notice_book, store, wall_clock_ms)
    rooms = Rooms(submit, store, live_list, notices)
    notice_desk = NoticeDesk(notice_book, notices, parts.catalog.find_newest, reception, wall_clock_ms)
    floor_desk = FloorDesk(live_list, people, parts.sessions, reception)
    view_desk = ViewDesk(SqlViewShelf(parts.database), reception)
    usual = UsualTimes(SqlDwell(parts.database), wall_clock_ms)
    alert_desk = AlertDesk(parts.alert_book, usual, store, reception)
    alert_watch = AlertWatch(
        parts.alert_book, SqlTurns(parts.database), store, submit.sessions, live_list.sessions, usual
    )
    gateway = Gateway(
        Services(
            process=settings.process, store=store, submit=submit, rooms=rooms, sign_ins=sign_ins, audit=parts.audit
        ),
        settings,
    )

    api_parts = ApiParts(
        settings=settings,
        locale=parts.house.locale,
        tokens=tokens,
        submit=submit,
        catalog=parts.catalog,
        sessions=parts.sessions,
        roster=roster,
        vacating=vacating,
        connections=parts.connections,
        integrations=frozenset(modules),
        audit=parts.audit,
    )
    api_door = ApiDoor(api_parts, SqlAnswerBook(parts.database), rates or Rates())
    oidc_routes = []
    if (provider := find_provider(settings, os.environ)) is not None:
        # What knows the protocol takes a fifth of a second to load: only where it is used.
        from server.auth.openid import OpenId
        from server.http.openid import OpenIdDoor

        egress = Egress(EgressRules(named=(endpoint_of(provider.issuer),), own=own_endpoints(settings)))
        identities = SqlIdentities(
            parts.database, sign_ins, provider.group_map, takes_newcomers=provider.takes_newcomers
        )
        oidc = OpenIdDoor(OpenId(provider, egress), identities, parts.key_ring, settings)
        oidc_routes = [Route("/api/oidc/start", oidc.start), Route("/api/oidc/callback", oidc.callback)]

    health = Health(settings.process, (parts.database.check, lambda: store.presence(NO_SESSION)))

    def count_here() -> None:
        gateway.count()
        rooms.count()
        figures.ROWS_WAITING.set(parts.mirror.waiting)
        figures.BREAKERS_OPEN.set(parts.limits.open())

    looking = Looking(store, parts.database.check, parts.archive.backlog, parts.house.policy, count_here)

    demo_routes = [
        Route("/api/demo", door.people),
        Route("/api/demo/calls", door.calls),
        Route("/api/demo/calls", door.start_calls, methods=["POST"]),
        Route("/api/demo/calls", door.stop_calls, methods=["DELETE"]),
        Route("/api/demo/sign-in", door.sign_in, methods=["POST"]),
    ]
    frame_routes = [
        Route("/api/me/frame-code", frames.make, methods=["POST"]),
        Route("/api/frame-codes/use", frames.use, methods=["POST"]),
    ]
    routes = [
        Route("/healthz", health.healthz),
        Route("/readyz", health.readyz),
        Route("/api/me", reception.me),
        Route("/api/me/locale", reception.set_locale, methods=["PUT"]),
        Route("/api/me/password", account.change_password, methods=["POST"]),
        Route("/api/me/second-factor", factor_desk.state),
        Route("/api/me/second-factor", factor_desk.switch_on, methods=["PUT"]),
        Route("/api/me/second-factor/offer", factor_desk.offer, methods=["POST"]),
        Route("/api/me/second-factor/off", factor_desk.switch_off, methods=["POST"]),
        Route("/api/me/views", view_desk.views),
        Route("/api/me/views/{id}", view_desk.keep, methods=["PUT"]),
        Route("/api/me/views/{id}", view_desk.drop, methods=["DELETE"]),
        Route("/api/me/sign-ins", account.sign_ins),
        Route("/api/me/sign-ins/{id}", account.end_sign_in, methods=["DELETE"]),
        Route("/api/house", entrance.house),
        Route("/api/sign-in", entrance.sign_in, methods=["POST"]),
        Route("/api/sign-out", reception.sign_out, methods=["POST"]),
        Route("/api/links/look", entrance.look, methods=["POST"]),
        Route("/api/links/use", entrance.use, methods=["POST"]),
        Route("/api/people", people_desk.people),
        Route("/api/people", people_desk.add, methods=["POST"]),
        Route("/api/people/{id}", people_desk.change, methods=["PATCH"]),
        Route("/api/people/{id}/link", people_desk.make_link, methods=["POST"]),
        Route("/api/people/{id}/deactivate", people_desk.deactivate, methods=["POST"]),
        Route("/api/people/{id}/sessions", people_desk.sessions),
        Route("/api/people/{id}/activate", people_desk.activate, methods=["POST"]),
        Route("/api/people/{id}/second-factor", factor_desk.switch_off_for, methods=["DELETE"]),
        Route("/api/people/{id}/sign-ins", people_desk.sign_ins),
        Route("/api/people/{id}/sign-ins", people_desk.end_sign_ins, methods=["DELETE"]),
        Route("/api/people/{id}/identity", people_desk.forget_identity, methods=["DELETE"]),
        Route("/api/teams", people_desk.teams),
        Route("/api/teams", people_desk.add_team, methods=["POST"]),
        Route("/api/teams/{id}", people_desk.rename_team, methods=["PATCH"]),
        Route("/api/tokens", token_desk.tokens),
        Route("/api/tokens", token_desk.make, methods=["POST"]),
        Route("/api/tokens/{id}/revoke", token_desk.revoke, methods=["POST"]),
        Route("/api/audit", audit_desk.lines),
        Route("/api/audit.csv", audit_desk.export),
        Route("/api/settings", settings_desk.settings),
        Route("/api/settings", settings_desk.change, methods=["PATCH"]),
        Route("/api/first-steps", steps_desk.steps),
        Route("/api/first-steps", steps_desk.change, methods=["PUT"]),
        Route("/api/examples", steps_desk.import_examples, methods=["POST"]),
        Route("/api/examples", steps_desk.remove_examples, methods=["DELETE"]),
        Route("/api/workflows", steps_desk.import_document, methods=["POST"]),
        Route("/api/workflows", shelf.offers),
        Route("/api/versions/{version_id}", shelf.version),
        Route("/api/sessions", session_shelf.sessions),
        Route("/api/sessions/owners", session_shelf.owners),
        Route("/api/sessions/transfer", floor_desk.transfer),
        Route("/api/sessions/{id}", erasure.delete, methods=["DELETE"]),
        Route("/api/sessions/{id}/erase", erasure.erase, methods=["POST"]),
        Route("/api/sessions/{id}/export", erasure.export),
        Route("/api/sessions/{id}/replay", replay.page),
        Route("/api/people-search", erasure.find_person),
        Route("/api/look-up", session_shelf.look_up),
        Route("/api/floor", floor_desk.leads),
        Route("/api/floor/agents", floor_desk.agents),
        Route("/api/external-ids/{external_id:path}", session_shelf.external),
        Route("/api/integrations", integration_shelf.integrations),
        Route("/api/integrations/{key}", integration_shelf.switch, methods=["PUT"]),
        Route("/api/egress-rules", integration_shelf.egress_rules),
        Route("/api/egress-rules", integration_shelf.set_egress_rules, methods=["PUT"]),
        Route("/api/connections", desk.connections),
        Route("/api/connections", desk.create, methods=["POST"]),
        Route("/api/connections/{id}", desk.connection),
        Route("/api/connections/{id}", desk.update, methods=["PUT"]),
        Route("/api/connections/{id}", desk.delete, methods=["DELETE"]),
        Route("/api/connections/{id}/check", desk.check, methods=["POST"]),
        Route("/api/connections/{id}/test-fire", desk.test_fire, methods=["POST"]),
        Route("/api/connections/{id}/rotate", desk.rotate, methods=["POST"]),
        Route("/api/connections/{id}/deliveries", desk.deliveries),
        Route("/api/connections/{id}/events", events.feed),
        Route("/api/connections/{id}/events", events.choose, methods=["PUT"]),
        Route("/api/connections/{id}/events/send-again", events.send_again, methods=["POST"]),
        Route("/api/floor/dwell", alert_desk.dwell),
        Route("/api/alerts/seen", alert_desk.see, methods=["POST"]),
        Route("/api/alerts/snooze", alert_desk.snooze, methods=["POST"]),
        Route("/api/alerts/teams", alert_desk.teams),
        Route("/api/alerts/teams/{id}", alert_desk.set, methods=["PUT"]),
        Route("/api/notices", notice_desk.lines),
        Route("/api/notices", notice_desk.write, methods=["POST"]),
        Route("/api/notices/{id}/take-back", notice_desk.take_back, methods=["POST"]),
        Route("/api/attention", attention.lines),
        Route("/api/attention/count", attention.count),
        Route("/api/attention/act", attention.act, methods=["POST"]),
        api_routes(api_door),
        *oidc_routes,
        *(frame_routes if settings.frame_ancestors else ()),
        *(demo_routes if settings.demo else ()),
        Route("/{path:path}", GZipMiddleware(ClientFiles(), compresslevel=6)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        await parts.start(rooms.on_push)
        rooms.start()
        gateway.start()
        retention.start()
        mending.start()
        alert_board.start()
        alert_watch.start()
        if settings.demo:
            demo_calls.start()
        if settings.metrics_port is not None:
            looking.start()
        yield {"door": gateway}  # for every `UvicornSocket`: WebSockets are no routes of Starlette's
        await looking.close()
        await demo_calls.close()
        await alert_watch.close()
        await alert_board.close()
        await mending.close()
        await retention.close()
        await gateway.close()
        await rooms.close()
        await parts.close()

    async def drain() -> None:
        health.is_draining = True
        await gateway.drain()

    app = Starlette(
        routes=routes,
        middleware=[Middleware(RequestWatch), Middleware(Guard, settings=settings, proofs=proofs)],
        exception_handlers=PROBLEM_ANSWERS,
        lifespan=lifespan,
    )
    app.state.drain = drain
    app.state.submit = submit
    return app
