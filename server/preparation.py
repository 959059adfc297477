"""What must stand before the first server process may serve: the key ring, the store, the SQL tables.

In a demo also its people and sample Workflows; without one, its people are
kept out. Kept apart from `launcher.py` because loading all this takes as long
as a server process needs to load itself: the two happen at the same time.

Rules: protocol/SPEC.md, HS13, HS28 and HS32.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack

from msgspec.structs import replace

from server.auth.demo import DEMO_PEOPLE, SIMULATED_PEOPLE, TEAM_ID, TEAM_NAME
from server.auth.provider import find_provider
from server.data_lock import make_private
from server.demo_connections import seed_connections
from server.embedded import EmbeddedRefused, EmbeddedValkey
from server.records.catalog import SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import Database
from server.records.egress_rules import SqlEgressRules
from server.records.people import SqlPeople
from server.records.roster import SqlRoster
from server.records.sign_ins import SqlSignIns
from server.samples import sample_documents
from server.settings import CannotRun, Settings
from server.store.address import BadStoreUrl
from server.store.keyring import KeyRing, KeyRingRefused
from server.store.redis import RedisStore, WrongPartitions


async def prepare(settings: Settings, stack: AsyncExitStack) -> tuple[Settings, EmbeddedValkey | None]:
    """Make everything ready; gives the settings with the store's address, and the store if it is our own.

    Our own store is stopped when the stack unwinds.

    Raises:
        CannotRun, Unavailable: something is not as it must be.
    """
    find_provider(settings, os.environ)  # what is wrong with it is told before anything is started
    settings, valkey = await prepare_store(settings, stack)
    await _prepare_records(settings)
    return settings, valkey


async def prepare_store(settings: Settings, stack: AsyncExitStack) -> tuple[Settings, EmbeddedValkey | None]:
    """The same for the key ring and the store alone."""
    try:
        KeyRing.open(settings.key_ring_path, create=settings.makes_keys)
        valkey = None
        if settings.redis_url is None:
            make_private(settings.runtime_path)
            valkey = EmbeddedValkey(settings.data_path / "valkey", settings.runtime_path)
            stack.push_async_callback(valkey.stop)
            await valkey.start()
            settings = replace(settings, redis_url=valkey.url)
        await _check_store(settings)
    except (BadStoreUrl, EmbeddedRefused, KeyRingRefused, WrongPartitions) as error:
        raise CannotRun(str(error)) from error
    return settings, valkey


async def _check_store(settings: Settings) -> None:
    assert settings.redis_url is not None
    store = RedisStore(settings.redis_url)
    try:
        await store.start(lambda _: None)
    finally:
        await store.close()


async def _prepare_records(settings: Settings) -> None:
    database = Database(settings.sql_url)
    try:
        await database.migrate()
        people = SqlPeople(database, lambda: settings.locale)
        actors = [person.actor for person in DEMO_PEOPLE]
        if settings.demo:
            await people.add_team(TEAM_ID, TEAM_NAME, actors)
            await _publish_samples(database)
            if settings.receiver_url is not None:
                connections = SqlConnections(database, KeyRing.open(settings.key_ring_path, create=settings.makes_keys))
                documents = tuple(sample_documents())
                await seed_connections(connections, SqlEgressRules(database), documents, settings)
        # Simulated people come with the first simulated call.
        await people.set_active([actor.id for actor in (*actors, *SIMULATED_PEOPLE)], settings.demo)
    finally:
        await database.close()


async def has_people(settings: Settings) -> bool:
    """Whether anybody can sign in, or only has to use their link."""
    database = Database(settings.sql_url)
    try:
        return await SqlRoster(database, SqlSignIns(database, SqlPeople(database))).has_people()
    finally:
        await database.close()


async def _publish_samples(database: Database) -> None:
    # Here, because knowing the Integrations brings along all that sends, and only a demo publishes anything now.
    from server.actions.integrations import INTEGRATIONS
    from server.parts import actions_of

    catalog = SqlCatalog(database, integrations=actions_of(INTEGRATIONS))
    for document in sample_documents():
        # A sample that was published before and edited since is not put on top of the edit.
        if not await catalog.holds(document):
            await catalog.publish(document)
