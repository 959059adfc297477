"""The composition root: one server process's parts, and its one table of routes.

Only here do ports meet what implements them. Running the app in a process is
`worker.py`; starting processes is `launcher.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from server.archiver import Archiver
from server.gateway.connection import Services
from server.gateway.gateway import Gateway
from server.http.demo import DemoDoor
from server.http.guard import Guard
from server.http.health import Health
from server.http.me import Reception
from server.http.problems import PROBLEM_ANSWERS
from server.http.sessions import SessionShelf
from server.http.static import ClientFiles
from server.http.workflows import WorkflowShelf
from server.mirror import Mirror
from server.ports import SessionStore
from server.records.archive import SqlArchive
from server.records.audit import SqlAudit
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.records.people import SqlPeople
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.records.sign_ins import SqlSignIns
from server.recreating import RecreatingStore
from server.rooms.live_list import LiveList
from server.rooms.rooms import Rooms
from server.settings import Settings
from server.store.keyring import KeyRing
from server.store.redis import RedisStore
from server.store.sealing import Sealing
from server.submit import Submit
from server.timers import Timers

NO_SESSION = "0" * 32
"""Nobody's Session: asking for its presence is the smallest question that the store must answer itself."""


def build_app(settings: Settings, store: SessionStore | None = None) -> Starlette:
    """One process's application, on the store that the settings name unless another is given.

    `app.state.drain()` is awaited before the process stops.
    """
    if store is None:
        assert settings.redis_url is not None, "the launcher names the store"
        store = RedisStore(settings.redis_url)
    database = Database(settings.sql_url)
    archive = SqlArchive(database)
    live, store = store, RecreatingStore(store, archive, settings.policy)
    audit = SqlAudit(database)
    people = SqlPeople(database, settings.locale)
    sign_ins = SqlSignIns(database, people)
    catalog = SqlCatalog(database)
    sessions = SqlSessions(database, settings.policy)

    reception = Reception(sign_ins, people, audit, settings)
    shelf = WorkflowShelf(catalog, reception)
    session_shelf = SessionShelf(sessions, reception)
    door = DemoDoor(sign_ins, audit, settings)

    key_ring = KeyRing.open(settings.key_ring_path)
    mirror = Mirror(sessions, store)
    sealing = Sealing(SqlSessionKeys(database, key_ring))
    submit = Submit(store, catalog, sealing, key_ring, settings.policy, mirror.note)
    timers = Timers(store, submit, Archiver(live, archive, sessions, settings.policy), settings.policy)
    rooms = Rooms(submit, store, LiveList(store, key_ring))
    gateway = Gateway(
        Services(process=settings.process, store=store, submit=submit, rooms=rooms, sign_ins=sign_ins, audit=audit),
        settings,
    )

    health = Health(settings.process, (database.check, lambda: store.presence(NO_SESSION)))

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
        Route("/api/look-up", session_shelf.look_up),
        Route("/api/external-ids/{external_id:path}", session_shelf.external),
        *(demo_routes if settings.demo else ()),
        Route("/{path:path}", GZipMiddleware(ClientFiles(), compresslevel=6)),
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        await store.start(rooms.on_push)
        rooms.start()
        gateway.start()
        mirror.start(submit.sessions.read)
        timers.start()
        yield {"door": gateway}  # for every `UvicornSocket`: WebSockets are no routes of Starlette's
        await gateway.close()
        await timers.close()
        await rooms.close()
        await submit.close()
        await mirror.close()
        await store.close()
        await database.close()

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
