"""The parts that every process of an installation has: the store, the records, the one door, who sends.

Only here and in `app.py` do ports meet what implements them. A server process
adds rooms and pages (`app.py`); `sidecoach worker` adds nothing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import urlsplit

from msgspec.structs import replace
from sqlalchemy import make_url

from protocol.actions import OutcomeKind
from protocol.base import Key
from protocol.integrations import IntegrationAction
from server.actions.addresses import Allow
from server.actions.dispatcher import Dispatcher
from server.actions.egress import EgressRules, Endpoint
from server.actions.integrations import INTEGRATIONS
from server.actions.integrations.base import Connection, IntegrationModule, Order
from server.actions.limits import Limits
from server.actions.outcomes import Outcome
from server.actions.sender import ATTEMPT_S, Sender
from server.alerting import SignNotes
from server.archiver import Archiver
from server.event_hooks import EventTeller
from server.house import House
from server.mirror import Mirror
from server.ports import PushListener, SessionStore, Unavailable
from server.ports import Sender as SenderPort
from server.records.alerts import SqlAlerts
from server.records.archive import SqlArchive
from server.records.audit import SqlAudit
from server.records.catalog import SqlCatalog
from server.records.connections import SqlConnections
from server.records.database import Database
from server.records.egress_rules import SqlEgressRules
from server.records.event_hooks import SqlEventHooks
from server.records.house import SqlHouse
from server.records.people import SqlPeople
from server.records.session_keys import SqlSessionKeys
from server.records.sessions import SqlSessions
from server.recreating import RecreatingStore
from server.settings import SOCKET, CannotRun, Settings
from server.store.address import parse_store_url
from server.store.keyring import KeyRing
from server.store.redis import RedisStore
from server.store.sealing import Sealing
from server.submit import Submit
from server.timers import Timers
from session_engine.attempts import LEASE_MS
from session_engine.state import SessionState
from session_engine.workflow import Workflow

POSTGRESQL_PORT = 5432
UNREADABLE = Outcome(kind=OutcomeKind.RETRY, message="What may be reached could not be read; nothing was sent.")
RULES_FOR_S = 5.0
"""A receiver that an administrator takes off the list is not reached any more after this."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One process's parts, not started yet."""

    live: SessionStore
    """Without what is archived."""
    store: SessionStore
    archive: SqlArchive
    database: Database
    house: House
    key_ring: KeyRing
    audit: SqlAudit
    catalog: SqlCatalog
    sessions: SqlSessions
    connections: SqlConnections
    rule_book: SqlEgressRules
    modules: Mapping[Key, IntegrationModule]
    sender: SenderPort
    limits: Limits
    mirror: Mirror
    submit: Submit
    timers: Timers
    event_book: SqlEventHooks
    teller: EventTeller
    alert_book: SqlAlerts
    signs: SignNotes

    async def start(self, listener: PushListener) -> None:
        """Connect, and begin to work."""
        await self.store.start(listener)
        self.mirror.start(self.submit.sessions.read, self.submit.sessions.drop_deleted)
        # Not before it is known when that is.
        await self.house.start(self.timers.start)
        self.teller.start()
        self.signs.start()

    async def close(self) -> None:
        """Finish what is under way, then disconnect."""
        await self.teller.close()
        await self.house.close()
        await self.timers.close()
        await self.submit.close()
        await self.mirror.close()
        await self.signs.close()
        await self.store.close()
        await self.database.close()


def build_parts(
    settings: Settings,
    store: SessionStore | None = None,
    modules: Mapping[Key, IntegrationModule] = INTEGRATIONS,
    sender: SenderPort | None = None,
) -> Parts:
    """The parts that these settings ask for, on another store or with another way out if one is given."""
    if store is None:
        assert settings.redis_url is not None, "the launcher names the store"
        store = RedisStore(settings.redis_url)
    database = Database(settings.sql_url)
    archive = SqlArchive(database)
    house = House(settings, SqlHouse(database))
    live, store = store, RecreatingStore(store, archive, house.policy)
    key_ring = KeyRing.open(settings.key_ring_path, create=settings.makes_keys)
    integrations = actions_of(modules)
    catalog = SqlCatalog(database, integrations=integrations)
    sessions = SqlSessions(database, house.policy)
    connections = SqlConnections(database, key_ring)
    rule_book = SqlEgressRules(database)
    mirror = Mirror(sessions, store)
    alert_book = SqlAlerts(database)
    signs = SignNotes(alert_book)

    def noted(before: SessionState | None, after: SessionState, workflow: Workflow) -> None:
        mirror.note(before, after, workflow)
        timers.note(before, after, workflow)
        signs.note(before, after, workflow)

    people = SqlPeople(database, house.locale)
    submit = Submit(
        store,
        catalog,
        Sealing(SqlSessionKeys(database, key_ring)),
        key_ring,
        house.policy,
        noted,
        integrations,
        settings.address,
        people.find_active,
        people.find_team,
    )
    if ATTEMPT_S * 1_000 >= LEASE_MS:
        raise CannotRun(f"an attempt may take {ATTEMPT_S} s, its lease {LEASE_MS} ms: expected a shorter attempt")
    way_out = sender or RuledSender(rule_book, connections, settings)
    archiver = Archiver(live, archive, sessions, house.policy)
    event_book = SqlEventHooks(database)
    limits = Limits(time.monotonic)
    timers = Timers(store, submit, archiver, house.policy, Dispatcher(submit, connections, way_out, limits))
    return Parts(
        live=live,
        store=store,
        archive=archive,
        database=database,
        house=house,
        key_ring=key_ring,
        audit=SqlAudit(database),
        catalog=catalog,
        sessions=sessions,
        connections=connections,
        rule_book=rule_book,
        modules=modules,
        sender=way_out,
        limits=limits,
        mirror=mirror,
        submit=submit,
        timers=timers,
        event_book=event_book,
        teller=EventTeller(event_book, live, archive, connections, way_out, settings.address),
        alert_book=alert_book,
        signs=signs,
    )


def find_store(settings: Settings) -> Settings:
    """The settings with the store's address, for a process that the launcher did not start.

    Raises:
        CannotRun: no store is named, and none of our own runs on this data directory.
    """
    if settings.redis_url is not None:
        return settings
    path = settings.runtime_path / SOCKET
    if not path.is_socket():
        raise CannotRun(f"nothing runs on {settings.data_dir}: start `sidecoach serve`, or give --redis-url")
    return replace(settings, redis_url=f"unix://{path}")


def actions_of(modules: Mapping[Key, IntegrationModule]) -> dict[str, IntegrationAction]:
    """All that these Integrations can do, by id."""
    return {action.id: action for module in modules.values() for action in module.DESCRIPTION.actions}


class RuledSender:
    """Sends by the rules that an administrator gave, read anew every few seconds."""

    def __init__(self, rule_book: SqlEgressRules, connections: SqlConnections, settings: Settings) -> None:
        self._rule_book = rule_book
        self._connections = connections
        self._own = own_endpoints(settings)
        self._sender: Sender | None = None
        self._rules: EgressRules | None = None
        self._until_s = 0.0

    async def send(self, order: Order, connection: Connection) -> Outcome:
        """See `Sender`."""
        try:
            sender = await self._current()
        except Unavailable:
            return UNREADABLE
        return await sender.send(order, connection)

    async def recover(self, order: Order, connection: Connection) -> Outcome:
        """See `Sender`."""
        try:
            sender = await self._current()
        except Unavailable:
            return UNREADABLE
        return await sender.recover(order, connection)

    async def check(self, integration: str, connection: Connection) -> Outcome:
        """See `Sender`."""
        return await (await self._current()).check(integration, connection)

    async def _current(self) -> Sender:
        if self._sender is None or time.monotonic() > self._until_s:
            allowed = [Allow(ip_network(rule.network), rule.port) for rule in await self._rule_book.rules()]
            rules = _rules_of(allowed, self._own)
            if rules != self._rules:
                self._sender, self._rules = Sender(rules, keep_secrets=self._connections.keep_secrets), rules
            self._until_s = time.monotonic() + RULES_FOR_S
        assert self._sender is not None
        return self._sender


def _rules_of(allowed: list[Allow], own: tuple[Endpoint, ...]) -> EgressRules:
    """What may be reached: what the administrator says; never our own store and database."""
    return EgressRules(allow=tuple(allowed), own=own)


def own_endpoints(settings: Settings) -> tuple[Endpoint, ...]:
    """Where our store and database listen; files and sockets on disk do not."""
    found = []
    if settings.redis_url is not None:
        seeds = parse_store_url(settings.redis_url).seeds
        found += [Endpoint(seed.host, seed.port) for seed in seeds if seed.port is not None]
    if settings.database_url is not None:
        url = make_url(settings.database_url)
        hosts = (url.host or "").split(",")
        found += [Endpoint(host.partition(":")[0], url.port or POSTGRESQL_PORT) for host in hosts if host]
    return tuple(found)


def endpoint_of(address: str) -> Endpoint:
    """Where an address of the web leads."""
    parts = urlsplit(address)
    return Endpoint(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
