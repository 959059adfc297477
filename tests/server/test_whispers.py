"""Whispers over real sockets and two processes: whom each frame reaches. Rules: protocol/SPEC.md, WH."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from protocol.commands import End, ReadWhisper, ReplyToWhisper, SetField, ShareScreen, Whisper
from protocol.refusals import RefuseCode
from server.client import Page
from server.records.database import Database
from server.records.people import people_changed
from server.records.tables import people
from session_engine.refused import Refused
from tests.support.server import House

WORDS, ANSWER = "whispered-4e71", "answered-88b0"


def whispers(page: Page, session_id: str) -> dict[str, Any]:
    """What this page shows of them."""
    shown: dict[str, Any] = page.sessions[session_id].view["whispers"]
    return shown


def holds(page: Page, words: str) -> bool:
    """Whether any frame that this page was ever sent holds the words."""
    return any(words.encode() in frame for frame in page.frames)


async def at(page: Page, session_id: str, seq: int) -> None:
    """Wait until the page shows this entry."""
    await page.until(lambda: page.sessions[session_id].position.seq >= seq)  # type: ignore[union-attr]


async def here(page: Page, session_id: str, *person_ids: str) -> None:
    """Wait until these are shown to have the Session open."""
    replica = page.sessions[session_id]
    await page.until(lambda: {each["person_id"] for each in replica.people} >= set(person_ids))


async def test_a_whisper_reaches_every_page_of_two_people_and_nobody_elses(house: House) -> None:
    """[WH1, WH2, WH3, WH4, WH7] On both processes, live, in whole views and in what is made up for."""
    await house.serve()
    agent, second, coach = await house.page("agent"), await house.page("agent", process=1), await house.page("coach")
    sam, late = await house.page("supervisor"), await house.page("supervisor", process=1)
    session_id = await agent.start(house.version_id)
    for page in (agent, second, coach, sam):
        await page.join(session_id)
    await here(coach, session_id, "demo_agent", "demo_coach", "demo_supervisor")
    held = {page: deepcopy(page.sessions[session_id]) for page in (agent, sam)}

    seq = await coach.command(session_id, Whisper(text=WORDS, to_id="demo_agent"))
    for page in (agent, second, coach, sam):
        await at(page, session_id, seq)
    seq = await second.command(session_id, ReplyToWhisper(whisper_id="w1", text=ANSWER))
    for page in (agent, second, coach, sam):
        await at(page, session_id, seq)
    for page in (agent, second, coach):
        (shown,) = whispers(page, session_id).values()
        assert (shown["text"], shown["replies"][0]["text"], shown["read_by"]) == (WORDS, ANSWER, ["demo_agent"])

    await late.join(session_id)
    back, resumed = await house.page("agent", process=1), await house.page("supervisor", process=1)
    for page, before in ((back, held[agent]), (resumed, held[sam])):
        page.sessions[session_id] = before
        await page.join(session_id, before.position)
        await at(page, session_id, seq)
        assert page.sessions[session_id].reason == "resumed"
    assert sum(WORDS.encode() in frame for frame in back.frames) == 2, "said, and answered"
    for page in (sam, late, resumed):
        assert not holds(page, WORDS)
        assert not holds(page, ANSWER)
        assert not any(b'"collection":"whispers"' in frame for frame in page.frames), "nor that there is one"
    with pytest.raises(Refused) as refused:
        await sam.command(session_id, ReadWhisper(whisper_id="w1"))
    assert refused.value.code is RefuseCode.UNKNOWN_WHISPER


async def test_to_all_is_to_those_who_have_it_open_on_whichever_process(house: House) -> None:
    """[WH2] Who comes later is not meant, and who is not here cannot be whispered to."""
    await house.serve()
    agent, coach = await house.page("agent"), await house.page("coach", process=1)
    session_id = await agent.start(house.version_id)
    await agent.join(session_id)
    await coach.join(session_id)
    with pytest.raises(Refused) as refused:
        await coach.command(session_id, Whisper(text=WORDS, to_id="demo_supervisor"))
    assert refused.value.code is RefuseCode.NOT_HERE
    sam = await house.page("supervisor")
    await sam.join(session_id)
    await here(coach, session_id, "demo_agent", "demo_supervisor")

    seq = await coach.command(session_id, Whisper(text=WORDS))
    await at(sam, session_id, seq)
    assert {each["id"] for each in whispers(sam, session_id)["w1"]["to"]} == {"demo_agent", "demo_supervisor"}
    assert not holds(coach, "demo_agent2")


async def test_while_the_screen_is_shared_no_page_is_sent_a_word(house: House) -> None:
    """[WH5] Not the sender's, not in a whole view, and what was there before is replaced."""
    agent, coach = await house.page("agent"), await house.page("coach")
    session_id = await agent.start(house.version_id)
    await agent.join(session_id)
    await coach.join(session_id)
    await coach.command(session_id, Whisper(text=WORDS))
    seq = await agent.command(session_id, ShareScreen(seat=1, shared=True))
    for page in (agent, coach):
        await at(page, session_id, seq)
        assert whispers(page, session_id)["w1"]["text"] is None
        page.frames.clear()
    seq = await coach.command(session_id, Whisper(text=ANSWER))
    again = await house.page("agent")
    await again.join(session_id)
    for page in (agent, coach, again):
        await at(page, session_id, seq)
        assert set(whispers(page, session_id)) == {"w1", "w2"}
        assert not holds(page, WORDS)
        assert not holds(page, ANSWER)
    seq = await agent.command(session_id, ShareScreen(seat=1, shared=False))
    for page in (agent, coach, again):
        await at(page, session_id, seq)
        assert [each["text"] for each in whispers(page, session_id).values()] == [WORDS, ANSWER]


async def test_an_erasure_and_another_owner_leave_whispers_where_they_belong(house: House) -> None:
    """[WH4, WH7, WH8] Whole views that are sent to all at once are each person's own."""
    agent, coach, sam = await house.page("agent"), await house.page("coach"), await house.page("supervisor")
    session_id = await agent.start(house.version_id)
    for page in (agent, coach, sam):
        await page.join(session_id)
    await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="4111"))
    await coach.command(session_id, Whisper(text=WORDS, to_id="demo_agent"))
    await make_manager(house, "demo_supervisor")
    erased = await request(house, "supervisor", "POST", f"/api/sessions/{session_id}/erase", {"field_key": "customer"})
    assert erased.status_code == 204, erased.text
    for page in (agent, coach, sam):
        await page.until(partial(lambda page: page.sessions[session_id].reason == "too_far", page))
    assert whispers(agent, session_id)["w1"]["text"] == whispers(coach, session_id)["w1"]["text"] == WORDS
    assert not holds(sam, WORDS)

    exported = await request(house, "supervisor", "GET", f"/api/sessions/{session_id}/export", None)
    assert exported.status_code == 200
    assert exported.json()["view"]["whispers"] == {}
    await make_manager(house, "demo_coach")
    exported = await request(house, "coach", "GET", f"/api/sessions/{session_id}/export", None)
    assert exported.status_code == 200
    assert WORDS not in exported.text, "nor in an export of who said it"

    seq = await agent.command(session_id, End(reason_key="hung_up"))
    await at(agent, session_id, seq)
    erased = await request(house, "supervisor", "POST", f"/api/sessions/{session_id}/erase", {"field_key": None})
    assert erased.status_code == 204, erased.text
    await at(agent, session_id, seq + 1)
    late = await house.page("coach")
    await late.join(session_id)
    assert [whispers(page, session_id)["w1"]["text"] for page in (agent, late)] == [None, None]
    assert not holds(late, WORDS)


async def make_manager(house: House, person_id: str) -> None:
    """Give somebody the role."""
    database = Database(house.database_url)
    async with database.writing() as connection:
        await people_changed(connection)
        await connection.execute(update(people).where(people.c.id == person_id).values(roles=["manager"]))
    await database.close()


async def request(house: House, label: str, method: str, path: str, body: Any) -> httpx.Response:
    """Ask the first process over HTTP, as this person."""
    port = house.ports[0]
    host = f"{label}.localhost:{port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Cookie": await house.cookie(label, port)}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser:
        return await browser.request(method, path, headers=headers, json=body)


async def test_a_place_in_the_log_that_whispers_is_no_place_of_another(house: House) -> None:
    """[WH4, CN5] Who was away for it is made up for from the log, and goes on."""
    agent, coach, sam = await house.page("agent"), await house.page("coach"), await house.page("supervisor")
    session_id = await agent.start(house.version_id)
    for page in (agent, coach, sam):
        await page.join(session_id)
    before = deepcopy(sam.sessions[session_id])
    await sam.leave(session_id)
    await coach.command(session_id, Whisper(text=WORDS, to_id="demo_agent"))
    seq = await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
    sam.sessions[session_id] = before
    await sam.join(session_id, before.position)
    await at(sam, session_id, seq)
    assert sam.sessions[session_id].reason == "resumed"
    assert not holds(sam, WORDS)


async def test_who_was_away_while_the_screen_came_to_be_shared_is_sent_no_word(house: House) -> None:
    """[WH5, CN5] Neither on the way to where it stands nor there."""
    agent, coach = await house.page("agent"), await house.page("coach")
    session_id = await agent.start(house.version_id)
    for page in (agent, coach):
        await page.join(session_id)
    away = await house.page("agent")
    before = deepcopy(await away.join(session_id))
    await away.leave(session_id)
    away.frames.clear()
    await coach.command(session_id, Whisper(text=WORDS, to_id="demo_agent"))
    seq = await agent.command(session_id, ShareScreen(seat=1, shared=True))
    away.sessions[session_id] = before
    await away.join(session_id, before.position)
    await at(away, session_id, seq)
    assert whispers(away, session_id)["w1"]["text"] is None
    assert not holds(away, WORDS)
