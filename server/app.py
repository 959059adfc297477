"""The composition root: one server process's parts, and its one table of routes.

Only here and in `parts.py` do ports meet what implements them. Running the app in a process is
`worker.py`; starting processes is `launcher.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from protocol.base import Key
from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.base import IntegrationModule
from server.erasing import Eraser
from server.gateway.connection import Services
from server.gateway.gateway import Gateway
from server.http.attention import AttentionShelf
from server.http.connections import ConnectionDesk
from server.http.demo import DemoDoor
from server.http.erasure import ErasureDesk
from server.http.guard import Guard
from server.http.health import Health
from server.http.integrations import IntegrationShelf
from server.http.me import Reception
from server.http.problems import PROBLEM_ANSWERS
from server.http.sessions import SessionShelf
from server.http.static import ClientFiles
from server.http.workflows import WorkflowShelf
from server.parts import build_parts
from server.ports import Sender, SessionStore
from server.records.attention import SqlAttention
from server.records.erasure import SqlErasure
from server.records.people import SqlPeople
from server.records.sign_ins import SqlSignIns
from server.rooms.live_list import LiveList
from server.rooms.rooms import Rooms
from server.settings import Settings

NO_SESSION = "0" * 32
"""Nobody's Session: asking for its presence is the smallest question that the store must answer itself."""


def build_app(
    settings: Settings,
    store: SessionStore | None = None,
    modules: Mapping[Key, IntegrationModule] = INTEGRATIONS,
    sender: Sender | None = None,
) -> Starlette:
    """One process's application, on the store that the settings name unless another is given.

    `app.state.drain()` is awaited before the process stops.
    """
    parts = build_parts(settings, store, modules, sender)
    store, submit = parts.store, parts.submit
    people = SqlPeople(parts.database, settings.locale)
    sign_ins = SqlSignIns(parts.database, people)

    reception = Reception(sign_ins, people, parts.audit, settings)
    shelf = WorkflowShelf(parts.catalog, reception)
    session_shelf = SessionShelf(parts.sessions, reception)
    door = DemoDoor(sign_ins, parts.audit, settings)
    integration_shelf = IntegrationShelf(modules, parts.connections, parts.rule_book, reception)
    desk = ConnectionDesk(modules, parts.connections, parts.sender, reception, parts.audit)
    attention = AttentionShelf(SqlAttention(parts.database), submit, reception)
    eraser = Eraser(SqlErasure(parts.database, parts.key_ring), parts.sessions, store, submit)
    erasure = ErasureDesk(eraser, submit, parts.sessions, reception, parts.audit)
    rooms = Rooms(submit, store, LiveList(store, parts.key_ring))
    gateway = Gateway(
        Services(
            process=settings.process, store=store, submit=submit, rooms=rooms, sign_ins=sign_ins, audit=parts.audit
        ),
        settings,
    )

    health = Health(settings.process, (parts.database.check, lambda: store.presence(NO_SESSION)))

    demo_routes = [
        Route("/api/demo", door.people),
        Route("/api/demo/sign-in", door.sign_in, methods=["POST"]),
    ]
    routes = [
        Route("/healthz", health.healthz),
        Route("/readyz", health.readyz),
        Route("/api/me", reception.me),
        Route("/api/me/locale", reception.set_locale, methods=["PUT"]),
        Route("/api/sign-out", reception.sign_out, methods=["POST"]),
        Route("/api/workflows", shelf.offers),
        Route("/api/versions/{version_id}", shelf.version),
        Route("/api/sessions", session_shelf.sessions),
        Route("/api/sessions/owners", session_shelf.owners),
        Route("/api/sessions/{id}", erasure.delete, methods=["DELETE"]),
        Route("/api/sessions/{id}/erase", erasure.erase, methods=["POST"]),
        Route("/api/sessions/{id}/export", erasure.export),
        Route("/api/people-search", erasure.find_person),
        Route("/api/look-up", session_shelf.look_up),
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
        Route("/api/attention", attention.lines),
        Route("/api/attention/count", attention.count),
        Route("/api/attention/act", attention.act, methods=["POST"]),
        *(demo_routes if settings.demo else ()),
        Route("/{path:path}", GZipMiddleware(ClientFiles(), compresslevel=6)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        await parts.start(rooms.on_push)
        rooms.start()
        gateway.start()
        yield {"door": gateway}  # for every `UvicornSocket`: WebSockets are no routes of Starlette's
        await gateway.close()
        await rooms.close()
        await parts.close()

    async def drain() -> None:
        health.is_draining = True
        await gateway.drain()

    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, settings=settings)],
        exception_handlers=PROBLEM_ANSWERS,
        lifespan=lifespan,
    )
    app.state.drain = drain
    app.state.submit = submit
    return app
