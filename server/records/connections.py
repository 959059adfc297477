"""Connections over SQL: who has which, sealed; which one an Action goes through.

Nothing is read back of a secret but its end; it is opened for who sends, in
`find` and `open`. Each change writes its row of the audit log in the same
transaction. Sealing is `server/actions/credentials.py`; the delivery log is
`deliveries.py`; what a Connection must know is judged before it gets here.

Rules: protocol/SPEC.md, CO1 to CO6 and CO10.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.base import Key, Millis, PersonId, SessionId
from protocol.connections import ConnectionStatus, ConnectionView, Deliveries, Delivery, SecretState
from protocol.events import Party
from server.actions.credentials import Envelope, Sealed, last4, redact
from server.actions.integrations.base import Connection
from server.ports import DeliveryQuery, NameTaken, Resolved
from server.records.audit import audit_row
from server.records.clock import Clock, wall_clock_ms
from server.records.database import Database, insert_new
from server.records.deliveries import add_delivery, find_deliveries, find_recent
from server.records.tables import connections, integrations, people, sessions
from server.store.keyring import KeyRing, SealBroken

ROTATING_MS = 24 * 3_600_000
"""How long the signing secret before the last one signs too: a day for receivers to change over."""

PREVIOUS = "previous_"
"""Before the name under which such a secret is sealed."""

DEFAULT_NAME = "default"
"""Of several, the one of this name is meant by who names none."""

ACCOUNT = ""


class SqlConnections:
    """The `Connections` port over SQL."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock = wall_clock_ms) -> None:
        self._database = database
        self._envelope = Envelope(ring)
        self._clock = clock

    # --- for who sends ----------------------------------------------------------------

    async def find(self, integration: Key, name: str | None, owner: PersonId) -> Resolved:
        """What an Action of this owner's Session goes through that names this Connection, or none."""
        here = (connections.c.integration == integration) & connections.c.owner_id.in_([ACCOUNT, owner])
        if name is not None:
            here &= connections.c.name == name
        switch = select(integrations.c.enabled).where(integrations.c.key == integration)
        async with self._database.reading() as connection:
            enabled = (await connection.execute(switch)).scalar_one_or_none()
            rows = (await connection.execute(select(connections).where(here))).all()
        if enabled is False:
            return _none(ConnectionStatus.DISABLED, f"the Integration {integration} is switched off")
        row, reason = _choose(rows, name, integration)
        if row is None:
            return _none(None, reason)
        status = ConnectionStatus(row.status)
        try:
            opened = self._open(row) if status is ConnectionStatus.OK else None
        except SealBroken:
            return _none(status, f"the secrets of the Connection {row.name} cannot be opened: set them again")
        reason = row.reason or (f"the Connection {row.name} is disabled" if opened is None else "")
        return Resolved(connection=opened, connection_id=row.id, status=status, reason=reason)

    async def mark(self, connection_id: str, status: ConnectionStatus, reason: str, by: str = "system") -> None:
        """What sending through it showed. Whatever is disabled stays so; repeated calls are harmless."""
        news = {"status": status.value, "reason": reason[:500]}
        differs = (connections.c.status != status) | (connections.c.reason != reason[:500])
        these = (connections.c.id == connection_id) & (connections.c.status != ConnectionStatus.DISABLED) & differs
        async with self._database.writing() as connection:
            if (await connection.execute(update(connections).where(these).values(news))).rowcount:
                await self._note(connection, by, "mark_connection", connection_id, {"status": status.value})

    async def note_attempt(self, delivery: Delivery) -> None:
        """Append to the delivery log, without the Connection's secrets; nothing if Connection or Session is gone."""
        async with self._database.writing() as connection:
            if await _is_deleted(connection, delivery.session_id):
                return
            row = await _find(connection, connections.c.id == delivery.connection_id)
            if row is not None:
                secrets = self._open(row).secrets.values()
                await add_delivery(connection, delivery, lambda text: redact(text, secrets))

    async def keep_secrets(self, connection_id: str, secrets: Mapping[str, str]) -> None:
        """Secrets that the other system gave anew, such as a token; nothing if the Connection is gone."""
        await self.update(connection_id, "system", secrets=secrets)

    async def open(self, connection_id: str) -> Connection | None:
        """With its credentials, whatever its status: for trying it out."""
        async with self._database.reading() as connection:
            row = await _find(connection, connections.c.id == connection_id)
        return None if row is None else self._open(row)

    # --- for who manages them ---------------------------------------------------------

    async def enabled(self) -> Mapping[Key, bool]:
        """What was switched; an Integration that is not here is switched on."""
        async with self._database.reading() as connection:
            return {row.key: row.enabled for row in await connection.execute(select(integrations))}

    async def set_enabled(self, integration: Key, enabled: bool, by: PersonId) -> None:
        """Switch an Integration on or off."""
        async with self._database.writing() as connection:
            await connection.execute(insert_new(connection, integrations, [{"key": integration, "enabled": True}]))
            switched = update(integrations).where(integrations.c.key == integration, integrations.c.enabled != enabled)
            if (await connection.execute(switched.values(enabled=enabled))).rowcount:
                act = "enable_integration" if enabled else "disable_integration"
                await self._note(connection, by, act, integration, {})

    async def list(self, owner: PersonId | None) -> tuple[ConnectionView, ...]:
        """All Connections, or one person's own, by Integration and name."""
        query = _with_owner().order_by(connections.c.integration, connections.c.name, connections.c.id)
        if owner is not None:
            query = query.where(connections.c.owner_id == owner)
        async with self._database.reading() as connection:
            views = [self._view(row) for row in await connection.execute(query)]
            recent = await find_recent(connection, self._clock())
        return tuple(replace(view, recent=recent.get(view.id)) for view in views)

    async def get(self, connection_id: str) -> ConnectionView | None:
        """One of them."""
        async with self._database.reading() as connection:
            return await self._get(connection, connection_id)

    async def create(
        self,
        integration: Key,
        name: str,
        owner: PersonId | None,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        by: str,
    ) -> ConnectionView:
        """A new one. Raises `NameTaken`."""
        connection_id, now_ms = token_hex(16), self._clock()
        row = {
            "id": connection_id,
            "integration": integration,
            "name": name,
            "owner_id": owner or ACCOUNT,
            "settings": dict(settings),
            "status": ConnectionStatus.OK.value,
            "reason": "",
            "created_ms": now_ms,
            "updated_ms": now_ms,
            **self._sealed(connection_id, secrets, dict.fromkeys(secrets, now_ms), {}),
        }
        try:
            async with self._database.writing() as connection:
                await connection.execute(insert(connections).values(row))
                detail = {"integration": integration, "name": name, "given": _names({**settings, **secrets})}
                await self._note(connection, by, "create_connection", connection_id, detail)
                view = await self._get(connection, connection_id)
        except IntegrityError:
            raise NameTaken(name) from None
        assert view is not None
        return view

    async def ensure(
        self, integration: Key, name: str, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> ConnectionView:
        """The account's Connection of this name, made if it is not there; one that is there is left as it is."""
        this = (connections.c.integration == integration) & (connections.c.name == name)
        async with self._database.reading() as connection:
            row = await _find(connection, this & (connections.c.owner_id == ACCOUNT))
        found = None if row is None else await self.get(row.id)
        if found is not None:
            return found
        return await self.create(integration, name, None, settings, secrets, by="system")

    async def update(
        self,
        connection_id: str,
        by: PersonId,
        *,
        name: str | None = None,
        settings: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        enabled: bool | None = None,
    ) -> ConnectionView | None:
        """Change what is given. New settings or secrets make it ok again, unless it is disabled. Raises `NameTaken`."""
        given = {setting: text for setting, text in (secrets or {}).items() if text}
        try:
            async with self._database.writing() as connection:
                row = await _find(connection, connections.c.id == connection_id, to_change=True)
                if row is None:
                    return None
                news: dict[str, Any] = self._resealed(row, given) if given else {}
                if name is not None and name != row.name:
                    news["name"] = name
                if settings is not None and dict(settings) != row.settings:
                    news["settings"] = dict(settings)
                news |= _status_news(row, is_mended=bool(given or "settings" in news), enabled=enabled)
                if news:
                    await self._change(connection, connection_id, news)
                    detail = {"changed": _names({**news, **given})}
                    await self._note(connection, by, "change_connection", connection_id, detail)
                return await self._get(connection, connection_id)
        except IntegrityError:
            raise NameTaken(name) from None

    async def rotate(self, connection_id: str, setting: Key, secret: str, by: PersonId) -> ConnectionView | None:
        """Replace a signing secret; the one before stays in use for a day."""
        async with self._database.writing() as connection:
            row = await _find(connection, connections.c.id == connection_id, to_change=True)
            if row is None:
                return None
            until_ms = self._clock() + ROTATING_MS
            await self._change(connection, connection_id, self._resealed(row, {setting: secret}, {setting: until_ms}))
            await self._note(connection, by, "rotate_secret", connection_id, {"setting": setting})
            return await self._get(connection, connection_id)

    async def delete(self, connection_id: str, by: PersonId) -> bool:
        """Remove it with its credentials and its delivery log; whether it was there."""
        async with self._database.writing() as connection:
            row = await _find(connection, connections.c.id == connection_id)
            if row is None:
                return False
            await connection.execute(delete(connections).where(connections.c.id == connection_id))
            detail = {"integration": row.integration, "name": row.name}
            await self._note(connection, by, "delete_connection", connection_id, detail)
        return True

    async def deliveries(self, query: DeliveryQuery) -> Deliveries:
        """A page of its delivery log."""
        async with self._database.reading() as connection:
            return await find_deliveries(connection, query)

    # --- rows -------------------------------------------------------------------------

    async def _get(self, connection: AsyncConnection, connection_id: str) -> ConnectionView | None:
        row = (await connection.execute(_with_owner().where(connections.c.id == connection_id))).one_or_none()
        return None if row is None else self._view(row)

    async def _change(self, connection: AsyncConnection, connection_id: str, news: Mapping[str, Any]) -> None:
        changed = update(connections).where(connections.c.id == connection_id)
        await connection.execute(changed.values(**news, updated_ms=self._clock()))

    async def _note(
        self, connection: AsyncConnection, by: str, act: str, subject: str, detail: Mapping[str, str]
    ) -> None:
        await connection.execute(audit_row(self._clock(), by, act, subject, detail))

    def _view(self, row: Row[Any]) -> ConnectionView:
        until_ms = [each["until_ms"] for each in row.rotating.values() if each["until_ms"] > self._clock()]
        return ConnectionView(
            id=row.id,
            integration=row.integration,
            name=row.name,
            owner=None if row.owner_id == ACCOUNT else Party(id=row.owner_id, name=row.owner_name or row.owner_id),
            status=ConnectionStatus(row.status),
            reason=row.reason,
            settings=row.settings,
            secrets={
                setting: SecretState(set=True, last4=each["last4"], updated_ms=each["updated_ms"])
                for setting, each in row.sealed.items()
            },
            rotating_until_ms=max(until_ms, default=None),
            created_ms=row.created_ms,
            updated_ms=row.updated_ms,
        )

    def _open(self, row: Row[Any]) -> Connection:
        secrets = self._opened(row)
        for setting in row.rotating:
            if (before := secrets.pop(PREVIOUS + setting, None)) is not None:
                secrets[setting] = f"{secrets[setting]} {before}"
        return Connection(
            id=row.id,
            integration=row.integration,
            name=row.name,
            settings=row.settings,
            secrets=secrets,
        )

    def _opened(self, row: Row[Any]) -> dict[str, str]:
        now_ms = self._clock()
        kept = {setting: each["sealed"] for setting, each in row.sealed.items()}
        kept |= {
            PREVIOUS + setting: each["sealed"] for setting, each in row.rotating.items() if each["until_ms"] > now_ms
        }
        sealed = Sealed(
            kid=row.kid, wrapped=row.wrapped, secrets={name: b64decode(text) for name, text in kept.items()}
        )
        return self._envelope.open(row.id, sealed)

    def _resealed(
        self, row: Row[Any], given: Mapping[str, str], rotated_until: Mapping[str, Millis] | None = None
    ) -> dict[str, Any]:
        """The row's sealed columns with other secrets in it; what is rotated keeps the secret before it."""
        opened, now_ms = self._opened(row), self._clock()
        until = {setting: each["until_ms"] for setting, each in row.rotating.items() if PREVIOUS + setting in opened}
        for setting, until_ms in (rotated_until or {}).items():
            if setting in opened:
                opened[PREVIOUS + setting] = opened[setting]
                until[setting] = until_ms
        updated_ms = {setting: each["updated_ms"] for setting, each in row.sealed.items()}
        return self._sealed(row.id, {**opened, **given}, {**updated_ms, **dict.fromkeys(given, now_ms)}, until)

    def _sealed(
        self,
        connection_id: str,
        secrets: Mapping[str, str],
        updated_ms: Mapping[str, Millis],
        until_ms: Mapping[str, Millis],
    ) -> dict[str, Any]:
        sealed = self._envelope.seal(connection_id, secrets)
        text = {name: b64encode(secret).decode() for name, secret in sealed.secrets.items()}
        return {
            "kid": sealed.kid,
            "wrapped": sealed.wrapped,
            "sealed": {
                setting: {"sealed": text[setting], "last4": last4(secrets[setting]), "updated_ms": at_ms}
                for setting, at_ms in updated_ms.items()
            },
            "rotating": {
                setting: {"sealed": text[PREVIOUS + setting], "until_ms": at_ms} for setting, at_ms in until_ms.items()
            },
        }


def _choose(rows: Sequence[Row[Any]], name: str | None, integration: Key) -> tuple[Row[Any] | None, str]:
    account = [row for row in rows if row.owner_id == ACCOUNT]
    personal = [row for row in rows if row.owner_id != ACCOUNT]
    for found in (account, personal) if name is not None else (personal, account):
        named_default = [row for row in found if row.name.casefold() == DEFAULT_NAME]
        if len(found) == 1 or len(named_default) == 1:
            return (found if len(found) == 1 else named_default)[0], ""
        if found:
            whose = "the account has" if found is account else "its owner has"
            return None, f"{whose} several Connections for {integration}: expected one to be named, or called Default"
    called = "" if name is None else f" called {name}"
    return None, f"there is no Connection{called} for {integration}"


def _none(status: ConnectionStatus | None, reason: str) -> Resolved:
    return Resolved(connection=None, connection_id=None, status=status, reason=reason)


def _status_news(row: Row[Any], *, is_mended: bool, enabled: bool | None) -> dict[str, str]:
    was_disabled = row.status == ConnectionStatus.DISABLED
    if enabled is False and not was_disabled:
        return {"status": ConnectionStatus.DISABLED.value, "reason": ""}
    is_ok = (enabled is True and was_disabled) or (is_mended and row.status == ConnectionStatus.NEEDS_ATTENTION)
    return {"status": ConnectionStatus.OK.value, "reason": ""} if is_ok else {}


def _with_owner() -> Any:
    joined = connections.outerjoin(people, people.c.id == connections.c.owner_id)
    return select(connections, people.c.name.label("owner_name")).select_from(joined)


async def _find(connection: AsyncConnection, this: ColumnElement[bool], *, to_change: bool = False) -> Row[Any] | None:
    query = select(connections).where(this)
    return (await connection.execute(query.with_for_update() if to_change else query)).one_or_none()


async def _is_deleted(connection: AsyncConnection, session_id: SessionId | None) -> bool:
    query = select(sessions.c.deleted_ms).where(sessions.c.session_id == session_id).with_for_update()
    return session_id is not None and (await connection.execute(query)).scalar_one_or_none() is not None


def _names(given: Mapping[str, object]) -> str:
    hidden = {"kid", "wrapped", "sealed", "rotating", "reason"}
    return ", ".join(sorted(given.keys() - hidden))
