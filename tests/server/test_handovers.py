"""Asking for the seat, granting and offering it over real sockets and two processes. Rules: protocol/SPEC.md, SE."""

from __future__ import annotations

import asyncio

import pytest

from protocol.commands import (
    AcceptSeat,
    DeclineSeat,
    ExplainTake,
    GrantSeat,
    HandBack,
    OfferSeat,
    RequestSeat,
    SetField,
    TakeSeat,
)
from protocol.refusals import RefuseCode
from session_engine.refused import Refused
from tests.server.test_gateway import audit_rows
from tests.support.server import House

REASON = "Quetzal was shouted at"


async def test_a_coach_on_another_process_asks_is_granted_drives_and_hands_back(house: House) -> None:
    """[SE8, SE4, SE2, DL2, AU1] He stays a coach meanwhile; what the agent types then is late; each is in the audit
    log."""
    await house.serve()
    agent, coach = await house.page("agent"), await house.page("coach", process=1)
    session_id = await agent.start(house.version_id)
    replica = await coach.join(session_id)
    seen = agent.sessions[session_id]
    await coach.command(session_id, RequestSeat(seat=1))
    await agent.until(lambda: seen.view["handovers"]["p1"]["to"]["id"] == "demo_coach")

    await agent.command(session_id, GrantSeat(seat=1, handover_id="p1"))
    with pytest.raises(Refused) as refused:
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="customer", content="late"))
    assert refused.value.code is RefuseCode.STALE_SEAT
    await coach.until(lambda: replica.head["driver"]["id"] == "demo_coach")
    await coach.command(session_id, SetField(visit_id="v1", seat=2, field_key="customer", content="Lovelace"))
    again = await house.page("coach")
    replica = await again.join(session_id)
    await again.until(lambda: {one["person_id"]: one["role"] for one in replica.people}.get("demo_coach") == "coach")
    await coach.command(session_id, HandBack(seat=2))
    await agent.until(lambda: seen.head["driver"]["id"] == "demo_agent")
    assert [each["cause"] for each in seen.view["seat_changes"].values()] == ["granted", "handed_back"]

    await agent.command(session_id, OfferSeat(seat=3, to_id="demo_coach"))
    await coach.command(session_id, AcceptSeat(seat=3, handover_id="p2"))
    rows = await audit_rows(house, until=("demo_coach", "accept_seat", session_id))
    assert ("demo_agent", "grant", session_id) in rows


async def test_of_two_who_ask_at_once_one_is_first_and_the_other_is_told(house: House) -> None:
    """[SE10, SE3] On two processes; and so of two who take."""
    await house.serve()
    agent, coach = await house.page("agent"), await house.page("coach", process=1)
    supervisor = await house.page("supervisor")
    session_id = await agent.start(house.version_id)
    for page in (coach, supervisor):
        await page.join(session_id)
    said = await asyncio.gather(
        *[page.command(session_id, RequestSeat(seat=1)) for page in (coach, supervisor)], return_exceptions=True
    )
    (refused,) = [each for each in said if isinstance(each, Refused)]
    assert refused.code is RefuseCode.HANDOVER_OPEN
    first = agent.sessions[session_id].view["handovers"]["p1"]["by"]["name"]
    assert refused.detail == f"{first} asked for the seat before"
    await agent.command(session_id, DeclineSeat(seat=1, handover_id="p1"))
    taken = await asyncio.gather(
        *[supervisor.command(session_id, TakeSeat(seat=1)) for _ in range(2)], return_exceptions=True
    )
    assert [type(each) for each in taken].count(Refused) == 1


async def test_nobody_who_left_is_seated(house: House) -> None:
    """[SE8, SE9] Their lease shows whether they are here; one in words of another release counts as none."""
    agent, coach = await house.page("agent"), await house.page("coach")
    session_id = await agent.start(house.version_id)
    with pytest.raises(Refused) as refused:
        await agent.command(session_id, OfferSeat(seat=1, to_id="demo_coach"))
    assert refused.value.code is RefuseCode.NOT_PRESENT
    await coach.join(session_id)
    await coach.command(session_id, RequestSeat(seat=1))
    await coach.leave(session_id)
    await asyncio.sleep(0.1)
    house.bus.leases[session_id]["demo_coach/other"] = (2**52, b"no json")
    with pytest.raises(Refused) as refused:
        await agent.command(session_id, GrantSeat(seat=1, handover_id="p1"))
    assert refused.value.code is RefuseCode.NOT_PRESENT
    await coach.join(session_id)
    await agent.until(lambda: len(agent.sessions[session_id].people) == 2)
    await agent.command(session_id, GrantSeat(seat=1, handover_id="p1"))


async def test_why_it_was_taken_is_read_by_all_who_watch_and_is_sealed(house: House) -> None:
    """[SE6] Nothing of it is in the store in plain words."""
    agent, supervisor = await house.page("agent"), await house.page("supervisor")
    session_id = await agent.start(house.version_id)
    await supervisor.join(session_id)
    await supervisor.command(session_id, TakeSeat(seat=1))
    await supervisor.command(session_id, ExplainTake(generation=2, reason=REASON))
    seen = agent.sessions[session_id]
    await agent.until(lambda: seen.view["seat_changes"]["2"]["reason"] == REASON)
    assert REASON not in str(house.bus.logs[session_id])
