"""A Session that goes to the archive and comes back at any moment, by any process, with any of them dying in between.

An oracle remembers what was acknowledged. Whatever happens, the log is exactly that, and a page that comes back with
any position, real or not, is told exactly what it lacks.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from protocol.account import Policy
from protocol.base import EntryId, Millis, Position, SessionId
from protocol.commands import SetField, StartSession
from server.ports import StoredEntry
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.rooms.rooms import RESUME_AT_MOST
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from tests.support.processes import Process, Tab, nothing_to_record, submit
from tests.support.scenario import ANA
from tests.support.stores import at
from tests.support.workflows import SMALL_DOCUMENT

WHO = st.integers(0, 1)
QUIET_MS = Policy().archive_after_ms


class Page(Tab):
    """One that keeps the frames it was sent."""

    def __init__(self) -> None:
        super().__init__(ANA)
        self.frames: list[dict[str, Any]] = []

    def send(self, frame: bytes) -> None:
        """Take a frame in."""
        self.frames.append(msgspec.json.decode(frame))

    send_droppable = send


class Archiving(RuleBasedStateMachine):
    """Two processes on one store and one archive; each may stop after any step, for good or for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="sc-")
        self.acknowledged: list[EntryId] = []
        self.csn = 1
        self.in_hand: dict[int, tuple[StoredEntry, ...]] = {}
        self.written: dict[int, Position] = {}
        self.brought: dict[int, tuple[tuple[StoredEntry, ...], Millis]] = {}
        self.now_ms: Millis = 1_775_000_000_000
        self.last_ms: Millis = 0

    @initialize()
    def begin(self) -> None:
        """Ana starts a Session."""
        self.runner.run(self._begin())

    async def _begin(self) -> None:
        path = Path(self.folder.name)
        self.database = Database(f"sqlite:///{path / 'sidecoach.db'}")
        await self.database.migrate()
        self.bus = MemoryBus(clock=lambda: self.now_ms)
        ring = KeyRing.open(path / "keys.json")
        self.processes = [Process(MemoryStore(self.bus), self.database, ring) for _ in range(2)]
        for process in self.processes:
            await process.start()
        version = (await SqlCatalog(self.database).publish(SMALL_DOCUMENT)).version
        self.session_id: SessionId = secrets.token_hex(16)
        await self.processes[0].submit.start(self.session_id, StartSession(version_id=version.id), ANA, "c" * 32, 1)
        self.acknowledged.append(self.bus.logs[self.session_id][0].entry_id)

    # --- what people do -------------------------------------------------------------------

    @rule(who=WHO, count=st.integers(1, 3))
    def publish(self, who: int, count: int) -> None:
        """Commands through a process, whatever it last knew of the Session."""
        self.runner.run(self._publish(self.processes[who], count))

    async def _publish(self, process: Process, count: int) -> None:
        for _ in range(count):
            self.csn += 1
            command = SetField(visit_id="v1", seat=1, field_key="customer", content=f"name {self.csn}")
            accepted = await submit(process.submit, self.session_id, command, ANA, "c" * 32, self.csn)
            assert (accepted.seq, accepted.is_repeat) == (len(self.acknowledged) + 1, False)
            self.acknowledged.append(self.bus.logs[self.session_id][-1].entry_id)
            self.last_ms = self.now_ms

    @rule(who=WHO, data=st.data())
    def repeat(self, who: int, data: st.DataObject) -> None:
        """A command that was answered comes again, to either process."""
        csn = data.draw(st.integers(max(2, self.csn - 20), self.csn)) if self.csn > 1 else None
        if csn is not None:
            command = SetField(visit_id="v1", seat=1, field_key="customer", content=f"name {csn}")
            door = self.processes[who].submit
            accepted = self.runner.run(submit(door, self.session_id, command, ANA, "c" * 32, csn))
            assert (accepted.seq, accepted.is_repeat) == (csn, True)

    @rule(who=WHO, data=st.data())
    def resume(self, who: int, data: st.DataObject) -> None:
        """A page comes back with a position that it was told once."""
        seq = data.draw(st.integers(1, len(self.acknowledged)))
        frames = self.runner.run(self._join(who, Position(seq=seq, entry_id=self.acknowledged[seq - 1])))
        missing = self.acknowledged[seq:]
        assert len(missing) <= RESUME_AT_MOST
        assert (frames[0]["type"], frames[0].get("behind")) == ("resumed", len(missing))
        deltas = [frame for frame in frames[1:] if frame["type"] == "delta"]
        assert [(delta["seq"], delta["entry_id"]) for delta in deltas] == [
            (seq + place, entry_id) for place, entry_id in enumerate(missing, start=1)
        ]

    @rule(who=WHO, ahead=st.integers(-3, 3))
    def resume_elsewhere(self, who: int, ahead: int) -> None:
        """With a position that is in no history of this Session: never deltas."""
        seq = max(1, len(self.acknowledged) + ahead)
        frames = self.runner.run(self._join(who, Position(seq=seq, entry_id="f" * 16)))
        assert frames[0]["type"] == "view"
        assert frames[0]["reason"] == ("ahead" if seq > len(self.acknowledged) else "fork")
        position = {"seq": len(self.acknowledged), "entry_id": self.acknowledged[-1]}
        assert frames[0]["position"] == position

    async def _join(self, who: int, position: Position) -> list[dict[str, Any]]:
        page, rooms = Page(), self.processes[who].rooms
        page.connection_id = secrets.token_hex(8)
        await rooms.join(page, self.session_id, position, None, nothing_to_record)
        rooms.leave(page, self.session_id, broke=False)
        while rooms._tasks:
            await asyncio.gather(*rooms._tasks, return_exceptions=True)
        return page.frames

    # --- the archiver's steps, of which any may be the last -------------------------------

    @rule(ms=st.sampled_from([1_000, QUIET_MS // 2, QUIET_MS]))
    def time_passes(self, ms: int) -> None:
        """By the store's clock; a process may sleep all the while."""
        self.now_ms += ms

    @rule(who=WHO)
    def archiver_reads(self, who: int) -> None:
        """Once the Session was quiet for long enough; what it has in hand may grow old."""
        log = self.bus.logs.get(self.session_id)
        if log is not None and self.now_ms >= self.last_ms + QUIET_MS:
            self.in_hand[who] = tuple(log)

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data())
    def archiver_writes(self, data: st.DataObject) -> None:
        """Whenever; and dies, or goes on if it is told that its log is kept."""
        who = data.draw(st.sampled_from(sorted(self.in_hand)))
        log = self.in_hand[who]
        if self.runner.run(self.processes[who].archive.write({self.session_id: log})):
            self.written[who] = at(log[-1])

    @precondition(lambda self: self.written)
    @rule(data=st.data())
    def archiver_deletes(self, data: st.DataObject) -> None:
        """Whenever after it was told so, once or twice."""
        who = data.draw(st.sampled_from(sorted(self.written)))
        self.runner.run(self.processes[who].live.delete(self.session_id, self.written[who]))

    @rule(who=WHO)
    def put_away(self, who: int) -> None:
        """All three in a row, as mostly."""
        self.now_ms = max(self.now_ms, self.last_ms + QUIET_MS)
        self.archiver_reads(who)
        log = self.in_hand.get(who)
        if log is not None and self.runner.run(self.processes[who].archive.write({self.session_id: log})):
            self.runner.run(self.processes[who].live.delete(self.session_id, at(log[-1])))

    # --- coming back, of which any step may be the last -------------------------------------

    @precondition(lambda self: self.acknowledged and self.session_id not in self.bus.logs)
    @rule(who=WHO)
    def recreation_reads(self, who: int) -> None:
        """Somebody asked; what was read stays in hand."""
        entries = self.runner.run(self.processes[who].archive.read(self.session_id))
        assert entries is not None
        self.brought[who] = entries, self.now_ms

    @precondition(lambda self: self.brought)
    @rule(data=st.data())
    def recreation_writes(self, data: st.DataObject) -> None:
        """At once, or long after it came back, went on and went again."""
        who = data.draw(st.sampled_from(sorted(self.brought)))
        entries, read_ms = self.brought[who]
        live = self.processes[who].live
        self.runner.run(live.recreate(self.session_id, entries, read_ms + QUIET_MS, read_ms + QUIET_MS // 2))

    @rule()
    def lose_caches(self) -> None:
        """Snapshots go, and both processes forget what they had folded."""
        self.bus.snapshots.clear()
        for process in self.processes:
            process.submit.sessions._folded.clear()

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """Where the log is, in the store or else in the archive, it is what was acknowledged."""
        if self.acknowledged:
            log = self.bus.logs.get(self.session_id)
            if log is None:
                log = list(self.runner.run(self.processes[0].archive.read(self.session_id)) or ())
            assert [entry.entry_id for entry in log] == self.acknowledged

    def teardown(self) -> None:
        """Stop everything."""
        self.runner.run(self._end())
        self.runner.close()
        self.folder.cleanup()

    async def _end(self) -> None:
        for process in self.processes:
            await process.close()
        await self.database.close()


def test_a_session_may_go_and_come_back_at_any_moment() -> None:
    """[AR2, AR3, AR5, AR7, CN5, CN6, CM5] 0 of all positions answered with a missing or a different entry."""
    run_state_machine_as_test(Archiving, settings=settings(max_examples=10, stateful_step_count=40, deadline=None))
