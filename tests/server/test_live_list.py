"""The live list of one process: what makes a frame, who is shown what, who is in a Session. Rules: SPEC.md, LL."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.events import Party
from protocol.frames import Present
from protocol.views import LiveGiven, LiveHelp, LiveSession, LiveTransfer, Role, SessionStatus
from server.ports import PushedLive
from server.presence import presence_member
from server.rooms import live_list
from server.rooms.live_list import LiveList
from server.rooms.ringing import ring_of
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from session_engine.context import Actor, PersonRole

ANA = Party(id="ana", name="Ana")
BEN = Party(id="ben", name="Ben")
S1, S2, S3, S4 = "1" * 32, "2" * 32, "3" * 32, "4" * 32
NOW_MS = 1_700_000_000_000
LEASE_MS = 45_000


def actor(name: str, *roles: PersonRole, teams: str = "blue") -> Actor:
    return Actor(id=name, name=name.title(), roles=frozenset(roles), team_ids=frozenset(teams.split()))


def session(session_id: str, owner: Party = ANA, team: str = "blue", **changes: Any) -> LiveSession:
    live = LiveSession(
        session_id=session_id,
        title="",
        workflow_name="Broadband",
        section_name="Greeting",
        status=SessionStatus.ACTIVE,
        training=False,
        owner=owner,
        driver=owner,
        team_ids=(team,),
        started_ms=NOW_MS,
        section_ms=NOW_MS,
        changed_ms=NOW_MS,
        call_back_ms=None,
    )
    return replace(live, **changes)


def transfer(by: Party, to: Party, accepted_by: Party | None = None) -> LiveTransfer:
    return LiveTransfer(
        id="t1",
        by=by,
        to=to,
        team=None,
        warm=True,
        note="She wants Ben",
        asked_ms=NOW_MS,
        until_ms=NOW_MS + 60_000,
        passed_by=(),
        accepted_by=accepted_by,
    )


class Listener:
    """Keeps every frame."""

    def __init__(self, actor: Actor, connection_id: str = "") -> None:
        self.actor = actor
        self.connection_id = connection_id or actor.id
        self.is_gone = False
        self.is_behind = False
        self.sent: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.sent.append(frame)

    send_droppable = send

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(frame) for frame in self.sent]

    @property
    def live(self) -> dict[str, dict[str, Any]]:
        """What a page has that was sent these frames."""
        shown: dict[str, dict[str, Any]] = {}
        for frame in self.frames:
            if frame["whole"]:
                shown = {}
            for session_id in frame["remove"]:
                shown.pop(session_id, None)
            shown.update({put["session_id"]: put for put in frame["put"]})
            for change in frame["changed"]:
                shown[change["session_id"]] = {**shown[change["session_id"]], **change["to"]}
        return shown


class Board:
    """One process's list over a store in memory, whose clock stands still."""

    def __init__(self, path: Path) -> None:
        self.now_ms = NOW_MS
        self.bus = MemoryBus(lambda: self.now_ms)
        self.store = MemoryStore(self.bus)
        self.key_ring = KeyRing.open(path)
        self.list = LiveList(self.store, self.key_ring)

    def put(self, *sessions: LiveSession) -> None:
        for live in sessions:
            summary = self.key_ring.seal_summary(live.session_id, msgspec.json.encode(live))
            self.bus.live[live.session_id] = summary
            self.bus.push(PushedLive(session_id=live.session_id, summary=summary))

    def end(self, session_id: str) -> None:
        del self.bus.live[session_id]
        self.bus.push(PushedLive(session_id=session_id, summary=None))

    async def sit(self, session_id: str, party: Party, role: Role) -> None:
        """Have somebody's page open in a Session."""
        present = Present(person_id=party.id, name=party.name, role=role, since_ms=self.now_ms)
        lease = {presence_member(party.id, "c1"): msgspec.json.encode(present)}
        await self.store.lease_presence(session_id, lease, LEASE_MS)

    async def join(self, who: Actor, *, takes_changes: bool = True, connection_id: str = "") -> Listener:
        listener = Listener(who, connection_id)
        await self.list.join(listener, takes_changes=takes_changes)
        return listener

    async def seconds(self, count: int) -> None:
        for _ in range(count):
            await self.list.tick()
        await self.beat()

    async def beat(self) -> None:
        await asyncio.sleep(live_list.BEAT_S * 2.2)


@pytest.fixture
async def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Board]:
    monkeypatch.setattr(live_list, "SOON_S", 0.005)
    monkeypatch.setattr(live_list, "BEAT_S", 0.02)
    board = Board(tmp_path / "keys.json")

    def hear(push: Any) -> None:
        if isinstance(push, PushedLive):
            board.list.on_change(push)

    await board.store.start(hear)
    yield board
    await board.list.floor.close()


SAM = actor("sam", PersonRole.SUPERVISOR)
TIM = actor("tim", PersonRole.SUPERVISOR)
MIA = actor("mia", PersonRole.MANAGER, teams="")


async def test_many_changes_make_one_frame_with_the_last_of_each(board: Board) -> None:
    """[LL3] However often a Session changed within a beat."""
    board.put(session(S1), session(S2, BEN))
    sam = await board.join(SAM)
    for number in range(50):
        board.put(session(S1, title=f"{number}"), session(S2, BEN, title=f"{number}"))
    await board.beat()
    assert len(sam.frames) == 2
    assert {id_: live["title"] for id_, live in sam.live.items()} == {S1: "49", S2: "49"}


async def test_there_are_at_most_four_frames_a_second(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """[LL3] On a floor where something changes all the time."""
    monkeypatch.setattr(live_list, "SOON_S", 0.1)
    monkeypatch.setattr(live_list, "BEAT_S", 0.25)
    board.put(session(S1))
    sam = await board.join(SAM)
    for number in range(60):
        board.put(session(S1, title=f"{number}"))
        await asyncio.sleep(0.01)
    assert len(sam.frames) - 1 <= 4
    await board.beat()
    assert sam.live[S1]["title"] == "59"


async def test_only_what_changed_is_sent_to_who_takes_that(board: Board) -> None:
    """[LL3] Who does not, is sent the Session whole; both have the same."""
    board.put(session(S1))
    new, old = await board.join(SAM), await board.join(TIM, takes_changes=False)
    board.put(session(S1, title="Acme", changed_ms=NOW_MS + 1))
    await board.beat()
    assert new.frames[-1]["changed"] == [{"session_id": S1, "to": {"title": "Acme", "changed_ms": NOW_MS + 1}}]
    assert (old.frames[-1]["put"][0]["title"], old.frames[-1]["changed"]) == ("Acme", [])
    assert new.live == old.live


async def test_who_is_shown_the_same_is_sent_the_same_bytes(board: Board) -> None:
    """[LL3] Encoded once."""
    sam, tim = await board.join(SAM), await board.join(TIM)
    board.put(session(S1))
    await board.beat()
    assert sam.sent[-1] is tim.sent[-1]


async def test_a_page_that_is_behind_is_told_the_last_when_it_can_take_it(board: Board) -> None:
    """[LL4] Nothing piles up for it, and nothing is missing in the end."""
    board.put(session(S1), session(S2), session(S3))
    sam = await board.join(SAM)
    sam.is_behind = True
    for number in range(5):
        board.put(session(S1, title=f"{number}"))
        await board.beat()
    board.end(S2)
    board.put(session(S4))
    await board.beat()
    assert len(sam.frames) == 1
    sam.is_behind = False
    await board.beat()
    assert len(sam.frames) == 2
    assert (set(sam.live), sam.live[S1]["title"]) == ({S1, S3, S4}, "4")


async def test_one_is_listed_what_one_may_watch(board: Board) -> None:
    """[LL2] Also as teams, owner and driver change, and not what is practised."""
    eve = actor("eve", PersonRole.COACH, teams="red")
    ana, ben = actor("ana", PersonRole.AGENT), actor("ben", PersonRole.AGENT)
    pages = [await board.join(who) for who in (SAM, eve, MIA, ana, ben)]

    async def shown() -> list[bool]:
        await board.beat()
        return [S1 in page.live for page in pages]

    board.put(session(S1))
    assert await shown() == [True, False, True, True, False]
    board.put(session(S1, driver=BEN))
    assert await shown() == [True, False, True, True, True]
    board.put(session(S1, team="red"))
    assert await shown() == [False, True, True, True, False]
    board.put(session(S1, owner=BEN, team="red"))
    assert await shown() == [False, True, True, False, True]
    board.put(session(S1, training=True))
    assert await shown() == [False, False, False, True, False]
    board.end(S1)
    assert await shown() == [False] * 5


async def test_who_is_asked_to_take_a_session_over_is_told_why_and_nobody_else(board: Board) -> None:
    """[LL2, TR7, TR9] Each in their own way, whoever takes changes; not who else is in it, nor what waits in it."""
    board.put(session(S1))
    await board.sit(S1, Party(id="cleo", name="Cleo"), Role.COACH)
    sam, ben = await board.join(SAM), await board.join(actor("ben", PersonRole.AGENT))
    await board.beat()
    assert S1 not in ben.live
    board.put(session(S1, transfer=transfer(ANA, BEN), approval_asked_ms=NOW_MS))
    await board.beat()
    asked = [page.live[S1]["transfer"] for page in (sam, ben)]
    assert [(each["note"], each["asks_you"]) for each in asked] == [(None, False), ("She wants Ben", True)]
    assert [len(page.live[S1]["watchers"]) for page in (sam, ben)] == [1, 0]
    assert [page.live[S1]["approval_asked_ms"] for page in (sam, ben)] == [NOW_MS, None]
    late = await board.join(actor("ben", PersonRole.AGENT), connection_id="c2")
    assert late.live == ben.live
    board.put(session(S1))
    await board.beat()
    assert ("transfer" in sam.live[S1], sam.live[S1]["transfer"], S1 in ben.live) == (True, None, False)


async def test_a_supervisor_who_drives_in_another_team_keeps_that_session(board: Board) -> None:
    """[LL2] What leaves the team is still one's own."""
    board.put(session(S1, driver=Party(id="sam", name="Sam")))
    sam, tim = await board.join(SAM), await board.join(TIM)
    board.put(session(S1, driver=Party(id="sam", name="Sam"), team="red"))
    await board.beat()
    assert (S1 in sam.live, S1 in tim.live) == (True, False)


async def test_rights_that_change_give_another_list(board: Board) -> None:
    """[LL2] At once, whole."""
    board.put(session(S1), session(S2, team="red"))
    sam = await board.join(SAM)
    sam.actor = actor("sam", PersonRole.SUPERVISOR, teams="red")
    board.list.judge_again(sam)
    assert set(sam.live) == {S2}
    board.put(session(S1, title="x"), session(S2, team="red", title="y"))
    await board.beat()
    assert {id_: live["title"] for id_, live in sam.live.items()} == {S2: "y"}


async def test_who_joins_twice_on_a_connection_or_left_is_sent_nothing_twice(board: Board) -> None:
    """[LL1] A connection follows the list once."""
    sam = await board.join(SAM)
    await board.list.join(sam, takes_changes=True)
    board.put(session(S1))
    await board.beat()
    assert len(sam.frames) == 3
    board.list.leave(sam)
    board.list.leave(sam)
    board.put(session(S2))
    await board.beat()
    assert len(sam.frames) == 3


def watchers(live: dict[str, Any]) -> list[tuple[str, str]]:
    return [(watcher["name"], watcher["role"]) for watcher in live["watchers"]]


async def test_the_list_tells_who_is_in_a_session_beside_its_driver(board: Board) -> None:
    """[LL5] From the first frame on; within five seconds of a change."""
    board.put(session(S1))
    await board.sit(S1, ANA, Role.OWNER)
    await board.sit(S1, Party(id="cleo", name="Cleo"), Role.COACH)
    sam = await board.join(SAM)
    await board.beat()
    assert watchers(sam.live[S1]) == [("Cleo", "coach")]
    assert sam.live[S1]["driver_away_ms"] is None
    await board.store.release_presence(S1, presence_member("cleo", "c1"), 0)
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert watchers(sam.live[S1]) == []


async def test_nobody_is_shown_longer_than_50_seconds_after_the_process_died(board: Board) -> None:
    """[LL5] The lease ends by itself, and is looked at within five seconds."""
    board.put(session(S1))
    await board.sit(S1, Party(id="cleo", name="Cleo"), Role.COACH)
    sam = await board.join(SAM)
    await board.beat()
    assert watchers(sam.live[S1]) == [("Cleo", "coach")]
    board.now_ms += LEASE_MS + 1
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert watchers(sam.live[S1]) == []


async def test_the_list_tells_since_when_the_driver_is_away(board: Board) -> None:
    """[LL6] Since the end of the last lease; of who never came, since the start. Nobody is away from a paused one."""
    board.put(session(S1), session(S2, BEN), session(S3, status=SessionStatus.PAUSED))
    await board.sit(S1, ANA, Role.OWNER)
    sam = await board.join(SAM)
    await board.beat()
    assert [sam.live[each]["driver_away_ms"] for each in (S1, S2, S3)] == [None, NOW_MS, None]
    board.now_ms += 10_000
    await board.store.release_presence(S1, presence_member("ana", "c1"), 3_000)
    board.now_ms += 60_000
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert sam.live[S1]["driver_away_ms"] == NOW_MS + 13_000


async def test_whoever_takes_the_seat_watches_no_more_and_is_not_away(board: Board) -> None:
    """[LL5, LL6] At once, before anybody looks again."""
    cleo = Party(id="cleo", name="Cleo")
    board.put(session(S1))
    await board.sit(S1, cleo, Role.COACH)
    sam = await board.join(SAM)
    await board.beat()
    assert (watchers(sam.live[S1]), sam.live[S1]["driver_away_ms"]) == ([("Cleo", "coach")], NOW_MS)
    board.put(session(S1, driver=cleo))
    await board.beat()
    assert (watchers(sam.live[S1]), sam.live[S1]["driver_away_ms"]) == ([], None)


async def test_an_agents_process_asks_only_after_their_sessions(board: Board) -> None:
    """[LL5] What nobody here is shown costs nothing."""
    board.put(session(S1), session(S2, BEN))
    asked: list[set[str]] = []
    before = board.store.attendance

    async def attendance(of: Any) -> Any:
        asked.append(set(of))
        return await before(of)

    board.store.attendance = attendance  # type: ignore[method-assign]
    await board.join(actor("ana", PersonRole.AGENT))
    asked.clear()
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert set().union(*asked) == {S1}


def given(live: dict[str, Any]) -> str | None:
    return live["given"] and str(live["given"]["by"]["name"])


@pytest.mark.parametrize("status", [SessionStatus.ACTIVE, SessionStatus.PAUSED])
async def test_a_session_is_given_until_its_new_owner_opened_it(board: Board, status: SessionStatus) -> None:
    """[RA7] Within five seconds, running or paused, on every process, and for good: also after they left again."""
    by_sam = LiveGiven(by=Party(id="sam", name="Sam"), at_ms=NOW_MS + 1_000)
    board.put(session(S1, BEN, status=status, given=by_sam))
    await board.sit(S1, Party(id="cleo", name="Cleo"), Role.COACH)
    board.now_ms += 2_000
    ben = await board.join(actor("ben", PersonRole.AGENT))
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert given(ben.live[S1]) == "Sam"
    await board.sit(S1, BEN, Role.OWNER)
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert given(ben.live[S1]) is None
    await board.store.release_presence(S1, presence_member("ben", "c1"), 0)
    board.now_ms += 60_000
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    elsewhere = LiveList(board.store, board.key_ring)
    tab = Listener(actor("ben", PersonRole.AGENT), "another tab")
    await elsewhere.join(tab)
    assert [given(page.live[S1]) for page in (ben, tab)] == [None, None]


async def test_a_session_that_is_given_again_is_told_again(board: Board) -> None:
    """[RA7] Whoever had it before and was there then has not opened it since; the seat makes no difference."""
    sam, cleo = Party(id="sam", name="Sam"), Party(id="cleo", name="Cleo")
    board.put(session(S1, BEN, driver=cleo, given=LiveGiven(by=sam, at_ms=NOW_MS + 1)))
    await board.sit(S1, BEN, Role.OWNER)
    ben = await board.join(actor("ben", PersonRole.AGENT))
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert given(ben.live[S1]) is None
    await board.store.release_presence(S1, presence_member("ben", "c1"), 0)
    board.now_ms += 60_000
    board.put(session(S1, BEN, driver=cleo, given=LiveGiven(by=cleo, at_ms=NOW_MS + 60_000)))
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert given(ben.live[S1]) == "Cleo"


async def test_who_is_asked_to_take_it_is_not_told_who_gave_it(board: Board) -> None:
    """[RA7, TR7] No more than they are told of the call besides."""
    by_sam = LiveGiven(by=Party(id="sam", name="Sam"), at_ms=NOW_MS)
    board.put(session(S1, ANA, given=by_sam, transfer=transfer(ANA, BEN)))
    ben = await board.join(actor("ben", PersonRole.AGENT))
    assert ben.live[S1]["given"] is None


async def test_a_summary_that_cannot_be_read_is_not_listed(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    """[LL1] The others are; it is told in the log."""
    board.put(session(S1), session(S2))
    board.bus.live[S1] = b"nothing that was sealed"
    sam = await board.join(SAM)
    assert set(sam.live) == {S2}
    assert f"live.unreadable session_id={S1}" in caplog.text


async def test_what_pushes_missed_is_read_again(board: Board) -> None:
    """[LL1] After an interruption, with the next second."""
    board.put(session(S1))
    sam = await board.join(SAM)
    live = session(S2)
    board.bus.live[S2] = board.key_ring.seal_summary(S2, msgspec.json.encode(live))
    del board.bus.live[S1]
    board.list.on_interrupted()
    await board.seconds(1)
    assert set(sam.live) == {S2}


def test_the_beat_is_four_a_second_and_a_dead_lease_is_seen_within_50_seconds() -> None:
    """[LL3, LL5] The numbers that the rules name."""
    assert live_list.BEAT_S == 0.25
    assert LEASE_MS / 1_000 + live_list.LOOK_IN_EVERY_S == 50


async def test_who_joins_within_a_beat_has_what_all_have(board: Board) -> None:
    """[LL3] Whatever changed before and after within it; the others are told no sooner for that."""
    board.put(session(S1, title="a"), session(S2))
    sam = await board.join(SAM)
    board.put(session(S1, title="b"))
    board.end(S2)
    board.put(session(S3))
    tim = await board.join(TIM)
    assert len(sam.frames) == 1
    board.put(session(S1, title="a"))
    board.end(S3)
    await board.beat()
    assert sam.live == tim.live
    assert {id_: live["title"] for id_, live in sam.live.items()} == {S1: "a"}


@pytest.mark.parametrize("seed", range(8))
async def test_every_page_has_in_the_end_what_a_new_one_is_shown(board: Board, seed: int) -> None:
    """[LL1, LL2, LL3, LL4] Whoever joined when, was behind, takes changes or not; whatever happened."""
    chance = random.Random(seed)
    everybody = [SAM, TIM, MIA, actor("ana", PersonRole.AGENT), actor("ben", PersonRole.AGENT)]
    people = [ANA, BEN, Party(id="sam", name="Sam")]
    pages: list[Listener] = []
    for number in range(120):
        session_id = chance.choice((S1, S2, S3, S4))
        match chance.choice(("put", "put", "put", "end", "join", "behind", "wait")):
            case "put":
                owner, driver = chance.choice(people), chance.choice(people)
                team, training = chance.choice(("blue", "red")), chance.random() < 0.2
                changes: dict[str, Any] = {"title": f"{number % 3}", "driver": driver, "training": training}
                if not training and chance.random() < 0.3:
                    changes["transfer"] = transfer(owner, chance.choice(people), chance.choice((None, *people)))
                board.put(session(session_id, owner, team, **changes))
            case "end":
                if session_id in board.bus.live:
                    board.end(session_id)
            case "join":
                who, takes_changes = chance.choice(everybody), chance.random() < 0.7
                pages.append(await board.join(who, takes_changes=takes_changes, connection_id=f"c{number}"))
            case "behind":
                for page in pages:
                    page.is_behind = chance.random() < 0.3
            case "wait":
                await asyncio.sleep(live_list.BEAT_S * chance.random() * 2)
    for page in pages:
        page.is_behind = False
    await board.beat()
    await board.beat()
    for page in pages:
        assert page.live == (await board.join(page.actor, connection_id="new")).live


async def test_who_joins_within_a_beat_is_named_no_session_of_others(board: Board) -> None:
    """[LL2] Not as one that is over either."""
    sam = await board.join(SAM)
    board.put(session(S1), session(S2, team="red"))
    await asyncio.sleep(0)
    tim = await board.join(actor("tim", PersonRole.SUPERVISOR, teams="red"))
    assert (set(sam.live), set(tim.live)) == (set(), {S2}), "sam is told with the beat"
    await board.beat()
    assert (set(sam.live), set(tim.live)) == ({S1}, {S2})
    assert not any(S1.encode() in frame for frame in tim.sent)


async def test_who_came_for_one_and_left_the_team_is_listed_it_no_more(board: Board) -> None:
    """[LL2, TR5] As they may not watch it any more, either."""
    board.put(session(S1, transfer=transfer(ANA, BEN, BEN)))
    here = await board.join(actor("ben", PersonRole.AGENT))
    gone = await board.join(actor("ben", PersonRole.AGENT, teams="red"), connection_id="c2")
    assert (S1 in here.live, S1 in gone.live) == (True, False)


async def test_the_list_tells_whether_who_comes_to_help_is_there(board: Board) -> None:
    """[HP12] As a watcher, or in the seat."""
    cleo = Party(id="cleo", name="Cleo")
    coming = LiveHelp(id="h1", by=ANA, asked_ms=NOW_MS, claimed_by=cleo, claimed_ms=NOW_MS)
    board.put(session(S1, help=coming))
    sam = await board.join(SAM)
    assert sam.live[S1]["help"]["claimer_here"] is False
    await board.sit(S1, cleo, Role.COACH)
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert sam.live[S1]["help"]["claimer_here"] is True
    board.put(session(S1, driver=cleo, help=coming))
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert sam.live[S1]["help"]["claimer_here"] is True
    await board.store.release_presence(S1, presence_member("cleo", "c1"), 0)
    await board.seconds(live_list.LOOK_IN_EVERY_S)
    assert sam.live[S1]["help"]["claimer_here"] is False


def test_who_came_to_help_is_free_again_once_they_left() -> None:
    """[HP9, HP12] After the quarter of a minute in which they may be on their way."""
    cleo = Party(id="cleo", name="Cleo")

    def asked(here: bool | None, after_ms: int) -> tuple[Party, ...]:
        help_ = LiveHelp(id="h1", by=ANA, asked_ms=NOW_MS, claimed_by=cleo, claimed_ms=NOW_MS, claimer_here=here)
        return ring_of([cleo], [session(S1, help=help_)], {}, NOW_MS + after_ms)

    assert asked(False, 15_000) == ()
    assert asked(False, 15_001) == (cleo,)
    assert asked(True, 60_000) == ()
    assert asked(None, 60_000) == ()
