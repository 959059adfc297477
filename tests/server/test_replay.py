"""Replay: what led a Session to where it stands, as far as who asks may see it. Rules: protocol/SPEC.md, RP1 to RP5."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.base import Position, SessionId
from protocol.commands import CorrectField, EditNotes, End, MarkMoment, ReplyToWhisper, SetField, Whisper
from protocol.events import EVENT_TYPES, MomentLabel
from protocol.refusals import RefuseCode
from protocol.views import Audience
from server import replaying
from server.ports import SessionNotFound, Unavailable
from server.records.database import Database
from server.replaying import Replaying, Walk
from server.store.keyring import KeyRing
from session_engine.context import Actor, PersonRole
from session_engine.evolve import fold
from session_engine.project import project
from session_engine.project_whispers import UNTOLD
from session_engine.refused import Refused
from tests.server.test_erasure import MIA, PLANTED, Site, Town
from tests.server.test_gateway import audit_rows
from tests.session_engine.test_properties import apply_delta, builtins, comparable, play
from tests.support import action_steps
from tests.support.histories import History, histories
from tests.support.notes import Editor
from tests.support.scenario import ANA, BEN, SAM
from tests.support.server import House

HOUSE = Path(__file__).resolve().parents[2]


def retold(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The view after each step, as a browser makes them."""
    views: list[dict[str, Any]] = []
    for step in (step for page in pages for step in page["steps"]):
        views.append(pages[0]["view"] if step["seq"] == 1 else apply_delta(views[-1], step))
    return views


@given(histories, st.data())
def test_each_step_shows_what_a_watcher_saw_then(history: History, data: st.DataObject) -> None:
    """[RP2] For every audience, from the start and from any page: the view after entry n is that of n entries."""
    for call, states in play(history):
        for audience in Audience:
            whole = Walk(0, audience, call.workflow)
            view: dict[str, Any] = {}
            for entry in call.entries:
                step = whole.take(entry)
                if step is None:
                    assert all(type(event) in UNTOLD for event in entry.events)
                    continue
                told = msgspec.json.decode(msgspec.json.encode(step))
                view = builtins(whole.view) if step.seq == 1 else apply_delta(view, told)  # type: ignore[arg-type]
                then = project(fold(call.entries[: entry.seq]), call.workflow, audience)
                assert comparable(view) == comparable(builtins(then))
            from_seq = data.draw(st.integers(1, len(states)))
            refolded, place = Walk(from_seq, audience, call.workflow), states[from_seq - 1]
            going_on = Walk(from_seq, audience, call.workflow, place, place.entry_id)
            again = [step for entry in call.entries if (step := refolded.take(entry)) is not None]
            taken = [going_on.take(entry) for entry in call.entries[from_seq:]]
            assert again == [step for step in taken if step is not None]
            assert refolded.follows == going_on.follows


@given(histories)
def test_a_sensitive_value_is_in_no_step_of_a_watcher(history: History) -> None:
    """[RP3][MK1] Nor in what its events are called."""
    for call, _ in play(history):
        walk = Walk(0, Audience.STAFF, call.workflow)
        steps = [walk.take(entry) for entry in call.entries]
        told = msgspec.json.encode([steps, walk.view])
        assert action_steps.PLANTED.encode() not in told
        assert b"whispered as" not in told
        assert b"whisper_" not in told


def test_every_event_is_told_in_words() -> None:
    """[RP6, WH4] By the page that shows it; but what was whispered is not even named."""
    words = (HOUSE / "client/src/features/session/replayWords.ts").read_text()
    tags = {str(event_type.__struct_config__.tag) for event_type in EVENT_TYPES if event_type not in UNTOLD}
    assert {tag for tag in tags if not re.search(rf'"{tag}"|^  {tag}:', words, re.MULTILINE)} == set()


class TestHttp:
    """Over a real socket, as a browser asks."""

    async def ask(self, house: House, label: str, session_id: str, query: str = "", process: int = 0) -> httpx.Response:
        port = house.ports[process]
        headers = {"Host": f"{label}.localhost:{port}", "Cookie": await house.cookie(label, port)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            return await client.get(f"/api/sessions/{session_id}/replay{query}", headers=headers)

    async def test_who_may_watch_is_given_it(self, house: House) -> None:
        """[RP1] Owner, coach, supervisor; a teammate, a stranger's id and no id at all are turned away."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
        for label, audience in (("agent", "owner"), ("coach", "staff"), ("supervisor", "staff")):
            page = (await self.ask(house, label, session_id)).json()
            assert (page["audience"], page["last_seq"]) == (audience, 2)
            assert retold([page])[-1]["fields"]["customer"]["content"] == "Lovelace"
            assert [step["events"] for step in page["steps"]] == [["session_started", "visit_started"], ["field_set"]]
            assert page["steps"][1]["by"]["id"] == "demo_agent"
        turned = await self.ask(house, "agent2", session_id)
        assert (turned.status_code, turned.json()["code"]) == (403, "not_allowed")
        for unknown in ("f" * 32, "x"):
            answer = await self.ask(house, "supervisor", unknown)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_session")
        for query in ("?from_seq=-1", "?from_seq=x", "?to=3"):
            assert (await self.ask(house, "supervisor", session_id, query)).status_code == 400

    async def test_that_one_began_is_on_record(self, house: House) -> None:
        """[RP4] Once, however many pages; again for whoever does not go on from one; never the owner's own."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)

        async def times() -> int:
            return (await audit_rows(house)).count(("demo_supervisor", "replay", session_id))

        assert (await self.ask(house, "supervisor", session_id)).json()["last_seq"] == 1
        assert await times() == 1
        await agent.command(session_id, MarkMoment(seen_visit_id="v1", label=MomentLabel.PROMISE))
        page = (await self.ask(house, "supervisor", session_id, "?from_seq=1")).json()
        assert [step["seq"] for step in page["steps"]] == [2]
        assert await times() == 1
        page = (await self.ask(house, "supervisor", session_id, "?from_seq=7")).json()
        assert (page["steps"], page["view"]) == ([], None)
        assert await times() == 2, "a made-up place is no way around the audit log"
        await self.ask(house, "agent", session_id)
        assert ("demo_agent", "replay", session_id) not in await audit_rows(house)

    async def test_nobody_learns_by_it_who_whispered_or_when(self, house: House) -> None:
        """[WH4] Not by whom, nor at what moment; whose page ends with it goes on from there."""
        agent, coach = await house.page("agent"), await house.page("coach")
        session_id = await agent.start(house.version_id)
        await coach.join(session_id)
        await coach.command(session_id, Whisper(text="Offer the case"))
        seq = await agent.command(session_id, ReplyToWhisper(whisper_id="w1", text="Yes"))
        page = (await self.ask(house, "supervisor", session_id)).json()
        assert [(step["seq"], step["by"]["id"]) for step in page["steps"]] == [(1, "demo_agent")]
        assert (page["seq"], page["last_seq"]) == (seq, seq)
        assert "demo_coach" not in str(page)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
        more = (await self.ask(house, "supervisor", session_id, f"?from_seq={page['seq']}")).json()
        assert (more["follows"], [step["seq"] for step in more["steps"]]) == (page["entry_id"], [4])
        assert (await audit_rows(house)).count(("demo_supervisor", "replay", session_id)) == 1

    async def test_pages_of_any_process_fit_together(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """[RP2] Each says what it follows; one that is asked elsewhere is folded anew."""
        monkeypatch.setattr(replaying, "PAGE", 3)
        await house.serve()
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        for number in range(6):
            command = SetField(visit_id="v1", seat=1, field_key="customer", content=f"Lovelace {number}")
            await agent.command(session_id, command)
        await agent.command(session_id, MarkMoment(seen_visit_id="v1", label=MomentLabel.WELL_DONE, comment="Warm"))
        pages: list[dict[str, Any]] = []
        for process in (0, 1, 0):
            query = f"?from_seq={pages[-1]['steps'][-1]['seq']}" if pages else ""
            pages.append((await self.ask(house, "supervisor", session_id, query, process)).json())
        assert [len(page["steps"]) for page in pages] == [3, 3, 2]
        assert [page["follows"] for page in pages] == ["", pages[0]["entry_id"], pages[1]["entry_id"]]
        views = retold(pages)
        assert [view["fields"].get("customer", {}).get("content") for view in views[:3]] == [
            None,
            "Lovelace 0",
            "Lovelace 1",
        ]
        watcher = await house.page("supervisor")
        now = (await watcher.join(session_id)).view
        assert comparable(views[-1]) == comparable(now)

    async def test_what_is_sensitive_is_the_owners(self, house: House) -> None:
        """[RP3] Now and then: it is in no answer to anybody else."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="pin", content="4711-PLANTED"))
        await agent.command(session_id, End(reason=None))
        await agent.command(session_id, CorrectField(field_key="pin", content="4712-PLANTED"))
        assert (await self.ask(house, "agent", session_id)).text.count("PLANTED") == 3
        for label in ("coach", "supervisor"):
            text = (await self.ask(house, label, session_id)).text
            assert "field_set" in text
            assert "PLANTED" not in text


async def nobody_minds(is_owner: bool) -> None:
    """Nothing to record."""


@pytest.fixture
async def town(database: Database, tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(database, KeyRing.open(tmp_path / "keys.json"))
    yield town
    for site in town.sites:
        await site.close()


async def replay(site: Site, session_id: SessionId, actor: Actor, from_seq: int = 0) -> dict[str, Any]:
    """One page, as it is sent."""
    page = await Replaying(site.submit.sessions, site.store).page(session_id, actor, from_seq, nobody_minds)
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(page))
    return decoded


class TestLong:
    async def test_a_long_log_makes_nobody_wait(self, town: Town) -> None:
        """[RP5] Others have their turn every 25 entries."""
        here = await town.site()
        session_id = await here.call()
        for number in range(100):
            await here.enter(session_id, f"{PLANTED} {number}")
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        waiting = asyncio.create_task(others())
        done = Walk(0, Audience.OWNER, (await here.submit.sessions.open(session_id)).workflow)
        seal = await here.sealing.get(session_id)
        await asyncio.sleep(0)
        turns = 0
        steps = await replaying.take_page(done, seal, town.bus.logs[session_id], 103)
        waiting.cancel()
        assert len(steps) == 103
        assert turns >= 103 // replaying.SLICE


class TestErased:
    async def test_what_was_erased_is_in_no_step_of_anybody(self, town: Town) -> None:
        """[RP3] Before its erasure either; in no process, whatever it held; Notes and suggestions as well."""
        here, there = await town.site(), await town.site()
        session_id = await here.call()
        await here.do(session_id, End())
        before = await replay(there, session_id, ANA)
        assert PLANTED in str(before)
        await there.do(session_id, CorrectField(field_key="customer", content=f"{PLANTED} again"))
        await here.eraser.erase(session_id, "customer", MIA)
        await here.eraser.erase(session_id, None, MIA)
        for site in (here, there):
            folded = await site.submit.sessions.open(session_id)
            await site.submit.sessions.catch_up(folded)
            assert folded.places == {}, "what a replay kept held it"
        for site in (here, there, await town.site()):
            page = await replay(site, session_id, ANA)
            assert PLANTED not in str(page)
            assert page["erased"] > before["erased"]
            assert PLANTED not in str(await replay(site, session_id, ANA, before["last_seq"]))
            assert page["steps"][-1]["events"] == ["content_erased"]
            now = builtins(project(*(await site.submit.sessions.read(session_id)), Audience.OWNER))
            assert comparable(retold([page])[-1]) == comparable(now)

    async def test_a_deleted_session_is_gone(self, town: Town) -> None:
        """[RP1] For whoever had it, too."""
        here = await town.site()
        session_id = await here.record()
        await replay(here, session_id, ANA)
        await here.eraser.delete(session_id, MIA)
        with pytest.raises(SessionNotFound):
            await replay(here, session_id, ANA, 2)

    async def test_an_archived_one_is_told_like_any_other(self, town: Town) -> None:
        """[RP1] Its log comes back for it (AR5)."""
        here = await town.site()
        session_id = await here.record()
        told = await replay(here, session_id, ANA)
        log = tuple(town.bus.logs[session_id])
        await here.archive.write({session_id: log})
        assert await here.live.delete(session_id, Position(seq=log[-1].seq, entry_id=log[-1].entry_id))
        assert await replay(await town.site(), session_id, ANA) == told

    async def test_who_has_no_part_in_it_is_refused(self, town: Town) -> None:
        """[RP1] A supervisor of another team, a colleague."""
        here = await town.site()
        session_id = await here.call()
        stranger = Actor(id="zoe", name="Zoe", roles=frozenset({PersonRole.SUPERVISOR}), team_ids=frozenset({"other"}))
        for actor in (stranger, BEN):
            with pytest.raises(Refused) as refused:
                await replay(here, session_id, actor)
            assert refused.value.code is RefuseCode.NOT_ALLOWED
        assert (await replay(here, session_id, SAM))["audience"] == "staff"

    async def test_of_another_history_nothing_is_gone_on_from(self, town: Town) -> None:
        """[RP3] What the store lost is told to nobody; asked again, it is the log that there is."""
        here = await town.site()
        session_id = await here.call()
        await replay(here, session_id, ANA)
        del town.bus.logs[session_id][-1]
        with pytest.raises(Unavailable):
            await replay(here, session_id, ANA)
        assert (await replay(here, session_id, ANA))["last_seq"] == 2
        other = await town.site()
        await other.do(session_id, EditNotes(update=Editor().type("Other")))
        page = await replay(here, session_id, ANA, 3)
        assert page["steps"] == []
        assert page["follows"] == town.bus.logs[session_id][-1].entry_id
