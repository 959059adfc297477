"""Many people, two processes, lost pushes and broken connections: at rest everybody sees the same."""

from __future__ import annotations

import asyncio
import random
import secrets
from pathlib import Path

import pytest

from protocol.base import Position
from protocol.commands import (
    Back,
    Command,
    Continue,
    EditNotes,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    ShareScreen,
    StartSession,
    TakeSeat,
    Whisper,
)
from protocol.views import Audience
from server.folded import Accepted
from server.records.catalog import SqlCatalog
from server.records.database import Database
from server.store.keyring import KeyRing
from server.store.memory import MemoryBus, MemoryStore
from session_engine.project import project
from session_engine.refused import Refused
from tests.session_engine.test_properties import builtins, comparable
from tests.support.processes import Process, Tab, submit
from tests.support.scenario import ANA, CLEO, SAM
from tests.support.workflows import SMALL_DOCUMENT

SEEDS = range(25)
OPERATIONS = 120


def draw_command(chance: random.Random, tab: Tab) -> Command:
    """Something that this person might do now, by what the page shows."""
    head, visit = tab.replica.head, tab.replica.visit
    at = {"visit_id": head["current_visit_id"], "seat": head["seat"]}
    answers = {"opening": ["interested", "refuses", "later"], "offer": ["accepts", "unsure"]}
    kind = chance.choice(
        ["field"] * 6
        + ["select"] * 3
        + ["continue"] * 3
        + ["notes", "back", "pause", "resume", "seat", "whisper", "share"]
    )
    match kind:
        case "field":
            key = chance.choice(["customer", "pin", "amount"])
            return SetField(**at, field_key=key, content=f"{tab.actor.id} {tab.csn}")
        case "select":
            keys = answers.get(visit["section_key"], [])
            return SelectAnswer(**at, answer_key=chance.choice(keys) if keys else None)
        case "continue":
            return Continue(**at)
        case "notes":
            return EditNotes(update=tab.editor.type(f"{tab.actor.id}{tab.csn} "))
        case "back":
            return Back(**at, to_visit_id=chance.choice(head["path"]))
        case "pause":
            return Pause(**at)
        case "resume":
            return Resume()
        case "whisper":
            return Whisper(text=f"{tab.actor.id} {tab.csn}", to_id=chance.choice(["ana", "sam", None]))
        case "share":
            return ShareScreen(seat=head["seat"], shared=chance.random() < 0.5)
        case _ if head["driver"]["id"] == tab.actor.id:
            return HandBack(seat=head["seat"])
        case _:
            return TakeSeat(seat=head["seat"])


@pytest.mark.parametrize("seed", SEEDS)
async def test_at_rest_everybody_sees_what_the_log_says(seed: int, database: Database, tmp_path: Path) -> None:
    """[DL1, CM3, CM5] No divergence, nothing acknowledged lost, nothing applied twice, whatever breaks."""
    chance = random.Random(seed)
    bus = MemoryBus()
    bus.loses = lambda push: chance.random() < 0.1
    key_ring = KeyRing.open(tmp_path / "keys.json")
    processes = [Process(MemoryStore(bus), database, key_ring) for _ in range(2)]
    for process in processes:
        await process.start()
    version = (await SqlCatalog(database).publish(SMALL_DOCUMENT)).version
    session_id = secrets.token_hex(16)
    tabs = [Tab(ANA), Tab(ANA), Tab(SAM), Tab(CLEO)]
    start = StartSession(version_id=version.id)
    await processes[0].submit.start(session_id, start, ANA, secrets.token_hex(16), 1)
    for tab in tabs:
        await tab.connect(chance.choice(processes), session_id)

    answered: dict[tuple[str, int], list[Accepted]] = {}
    unanswered: list[asyncio.Task[None]] = []

    async def send(tab: Tab, process: Process, csn: int, command: Command) -> None:
        try:
            accepted = await submit(process.submit, session_id, command, tab.actor, tab.client_id, csn)
        except Refused:
            return
        answered.setdefault((tab.client_id, csn), []).append(accepted)

    for _ in range(OPERATIONS):
        tab = chance.choice(tabs)
        if tab.process is None:
            await tab.connect(chance.choice(processes), session_id)
        elif chance.random() < 0.08:
            tab.disconnect(session_id)
        else:
            tab.csn += 1
            command = draw_command(chance, tab)
            # Now and then a reply is lost, and the same command comes again.
            times = 2 if chance.random() < 0.3 else 1
            unanswered += [
                asyncio.create_task(send(tab, chance.choice(processes), tab.csn, command)) for _ in range(times)
            ]
            if chance.random() < 0.5:
                await asyncio.gather(*unanswered)
                unanswered.clear()
    await asyncio.gather(*unanswered)

    bus.loses = lambda push: False
    for tab in tabs:
        await tab.connect(chance.choice(processes), session_id)
    log = bus.logs[session_id]
    for process in processes:
        folded = await process.submit.sessions.open(session_id)
        await process.submit.sessions.catch_up(folded)
        assert folded.state.seq == len(log)
    state, workflow = folded.state, folded.workflow
    for tab in tabs:
        audience = Audience.OWNER if tab.actor is ANA else Audience.STAFF
        assert tab.replica.position == Position(seq=state.seq, entry_id=state.entry_id), f"seed {seed}"
        assert comparable(tab.replica.view) == comparable(builtins(project(state, workflow, audience, tab.actor.id))), (
            f"seed {seed}"
        )
    written = [
        (entry.client_id, entry.csn)
        for entry in (folded.seal.unseal(stored) for stored in log)
        if entry.csn is not None
    ]
    assert len(written) == len(set(written)), "a command became two entries"
    for (client_id, csn), answers in answered.items():
        assert len({accepted.seq for accepted in answers}) == 1, "one command, two answers"
        assert written[answers[0].seq - 1] == (client_id, csn)
    for process in processes:
        await process.close()
