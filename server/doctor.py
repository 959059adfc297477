"""`sidecoach doctor`: looks whether everything is where it belongs, and mends the due sets from the logs.

A line per thing that was looked at, with what to do about it; the exit status is
1 if something needs a person. It may be run at any time: what it mends, it mends
only while the log still ends where it was read. What it looks at around the
Sessions is in `examining.py`.

Rules: protocol/SPEC.md, DI7 and OP14.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from protocol.account import Policy
from protocol.base import Record, SessionId
from protocol.connections import ConnectionStatus
from server.due_mending import mend_due
from server.examining import Finding, Level, fail, look_at_machine, look_at_store, look_at_tables, ok, warn
from server.folded import ForkedError
from server.parts import Parts, build_parts, find_store
from server.ports import SessionNotFound, Unavailable
from server.records.session_keys import SqlSessionKeys
from server.settings import CannotRun, Settings, policy_of
from server.store.address import BadStoreUrl
from server.store.keyring import SealBroken
from server.store.redis import WrongPartitions
from server.watching.looking import ARCHIVE_SLACK_MS

AT_ONCE = 500
MARKS = {Level.OK: "ok   ", Level.WARN: "warn ", Level.FAIL: "FAIL "}


class Report(Record, frozen=True, kw_only=True):
    """What `--json` prints."""

    ok: bool
    findings: tuple[Finding, ...]


def run(settings: Settings, *, as_json: bool = False) -> int:
    """Look at everything, and tell; the exit status."""
    return asyncio.run(_tell(settings, as_json))


async def _tell(settings: Settings, as_json: bool) -> int:
    findings = []
    async for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            advice = f" – {finding.advice}" if finding.advice else ""
            print(f"{MARKS[finding.level]} {finding.what}: {finding.found}{advice}", flush=True)
    is_well = all(finding.level is not Level.FAIL for finding in findings)
    if as_json:
        report = Report(ok=is_well, findings=tuple(findings))
        print(msgspec.json.format(msgspec.json.encode(report), indent=2).decode())
    return 0 if is_well else 1


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything; what depends on what does not answer is left out."""
    around = list(look_at_machine(settings))
    for finding in around:
        yield finding
    if any(finding.what == "key ring" and finding.level is Level.FAIL for finding in around):
        return  # one would be made
    try:
        settings = find_store(settings)
        parts = build_parts(settings)
    except (CannotRun, BadStoreUrl) as error:
        yield fail("store", str(error), "start it, or name it")
        return
    try:
        has_store = False
        async for finding in _look_at_store(parts):
            has_store = finding.level is not Level.FAIL or has_store
            yield finding
        has_tables = False
        async for finding in _look_at_database(parts):
            has_tables = finding.what == "tables" and finding.level is Level.OK
            yield finding
        if has_store and has_tables:
            policy = policy_of((await parts.house.read())[1])
            async for finding in _mend_due_sets(parts, policy):
                yield finding
            async for finding in _look_at_connections(parts):
                yield finding
            yield await _look_at_archive(parts, policy)
    except Unavailable as error:
        yield fail("store or database", f"went away: {error}", "look again when it is back")
    finally:
        await parts.submit.close()
        await parts.store.close()
        await parts.database.close()


async def _look_at_store(parts: Parts) -> AsyncIterator[Finding]:
    try:
        await parts.store.start(lambda push: None)
        live, condition = await parts.store.live(), await parts.store.condition()
    except (Unavailable, WrongPartitions) as error:
        yield fail("store", str(error), "is it up, and does its address and password fit?")
        return
    yield ok("store", f"{len(live)} live Sessions")
    for finding in look_at_store(condition, await parts.store.now_ms()):
        yield finding


async def _look_at_database(parts: Parts) -> AsyncIterator[Finding]:
    try:
        found = await parts.database.describe()
    except Unavailable as error:
        yield fail("database", str(error), "is it up, and does its address and password fit?")
        return
    yield ok("database", "it answers")
    for finding in look_at_tables(*found):
        yield finding


async def _look_at_archive(parts: Parts, policy: Policy) -> Finding:
    now_ms = await parts.store.now_ms()
    waiting, _ = await parts.archive.backlog(now_ms - policy.archive_after_ms - ARCHIVE_SLACK_MS)
    if waiting:
        return warn("archive", f"{waiting} finished Sessions are overdue", "look for `archive.` in the log of servers")
    return ok("archive", "nothing is overdue")


async def _mend_due_sets(parts: Parts, policy: Policy) -> AsyncIterator[Finding]:
    """Whether each Session with a log comes up when it should, and can be read."""
    seen = mended = 0
    async for session_id in _session_ids(parts):
        try:
            mended += await mend_due(parts.store, parts.submit, policy, session_id)
        except SessionNotFound:
            continue  # a record: nothing of it is in the store
        except (ForkedError, SealBroken, Unavailable, msgspec.MsgspecError, ValueError) as error:
            yield fail("Session", f"{session_id}: {error}", "are these its keys? Has the store another history?")
            continue
        seen += 1
    yield ok("due sets", f"{seen} Sessions looked at, {mended} mended")


async def _session_ids(parts: Parts) -> AsyncIterator[SessionId]:
    keys, after = SqlSessionKeys(parts.database, parts.key_ring), ""
    while found := await keys.session_ids(after, AT_ONCE):
        # A record that is archived stays there: nothing of it is due.
        for session_id in await parts.live.positions(found):
            yield session_id
        after = found[-1]


async def _look_at_connections(parts: Parts) -> AsyncIterator[Finding]:
    """Connections that their Actions wait for."""
    ill = [view for view in await parts.connections.list(None) if view.status is ConnectionStatus.NEEDS_ATTENTION]
    for view in ill:
        advice = "an administrator gives it new credentials, on the page Integrations"
        yield fail("Connection", f"{view.name} ({view.integration}): {view.reason}", advice)
    if not ill:
        yield ok("Connections", "none needs attention")
