"""Asking a colleague to take a Session over, over real sockets and two processes. Rules: protocol/SPEC.md, TR."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from protocol.base import SessionId
from protocol.commands import (
    AcceptTransfer,
    AskForHelp,
    CompleteTransfer,
    DeclineTransfer,
    EditNotes,
    GrantSeat,
    Pause,
    RequestSeat,
    TakeSeat,
    Transfer,
    WithdrawTransfer,
)
from protocol.refusals import RefuseCode
from server.auth.demo import TEAM_ID
from server.client import Page, Replica
from session_engine.refused import Refused
from tests.server.test_gateway import audit_rows, set_customer
from tests.support.notes import typing
from tests.support.server import House

NOTE = "Quetzal wants a refund"


def transfer_of(page: Page, session_id: SessionId) -> dict[str, Any] | None:
    """The open transfer as this page's list shows it; None if the Session is not listed, too."""
    transfer: dict[str, Any] | None = page.live.get(session_id, {"transfer": None})["transfer"]
    return transfer


async def until_asked(page: Page, session_id: SessionId) -> dict[str, Any]:
    """Wait until this page's person is asked; what they are told."""
    await page.until(lambda: (transfer_of(page, session_id) or {"asks_you": False})["asks_you"])
    return page.live[session_id]


async def turned_away(page: Page, session_id: SessionId) -> None:
    """Wait until this page is told that its person has no part in the Session any more."""
    await page.until(lambda: any(b'"not_allowed"' in each and session_id.encode() in each for each in page.frames))


async def refusal(page: Page, session_id: SessionId, command: AcceptTransfer | EditNotes) -> RefuseCode:
    """Why a command was refused."""
    with pytest.raises(Refused) as refused:
        await page.command(session_id, command)
    return refused.value.code


class Call:
    """Ana's call on one process; Ben and those who lead follow the live list on the other."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def begin(self) -> None:
        """Everybody opens a page."""
        await self.house.serve()
        self.ana = await self.house.page("agent")
        self.ben, self.sam, self.cleo = [
            await self.house.page(label, process=1) for label in ("agent2", "supervisor", "coach")
        ]
        for page in (self.ana, self.ben, self.sam, self.cleo):
            await page.follow_live()
        self.id = await self.ana.start(self.house.version_id)


@pytest.fixture
async def call(house: House) -> Call:
    """A call that runs."""
    call = Call(house)
    await call.begin()
    return call


async def test_who_is_asked_is_told_and_nobody_else_learns_more(call: Call) -> None:
    """[TR7, TR8] On another process, without opening anything; the note to who is asked and who watches."""
    await call.ana.command(call.id, Transfer(to_id="demo_agent2", note=NOTE))
    told = await until_asked(call.ben, call.id)
    assert told["transfer"]["note"] == NOTE
    assert (told["workflow_name"], told["transfer"]["by"]["name"]) == ("Small call", "Ana Agent")
    with pytest.raises(Refused):
        await call.ben.join(call.id)
    for page in (call.sam, call.cleo, call.ana):
        await page.until(lambda page=page: transfer_of(page, call.id) is not None)  # type: ignore[misc]
        assert not any(b"Quetzal" in frame for frame in page.frames if b'"list"' in frame)
    replica = await call.sam.join(call.id)
    assert replica.view["transfers"]["t1"]["note"] == NOTE
    stored = b"".join(entry.payload for entry in call.house.bus.logs[call.id])
    assert b"Quetzal" not in stored
    await call.ana.command(call.id, WithdrawTransfer(transfer_id="t1"))
    await call.ben.until(lambda: call.id not in call.ben.live)


async def test_who_is_asked_hears_no_more_of_the_call_than_that(call: Call) -> None:
    """[TR7] Not that help was asked for, which those who lead are told."""
    await call.ana.command(call.id, AskForHelp())
    await call.ana.command(call.id, Transfer(to_team_id=TEAM_ID))
    told = await until_asked(call.ben, call.id)
    assert told["transfer"]["team"] == {"id": TEAM_ID, "name": "Demo team"}
    await call.sam.until(lambda: transfer_of(call.sam, call.id) is not None)
    assert (told["help"], call.sam.live[call.id]["help"] is None) == (None, False)


async def test_cold_it_changes_hands_at_once(call: Call) -> None:
    """[TR4] What is typed is there; the giver is acknowledged, then turned away; a late key press is refused."""
    await call.ana.command(call.id, set_customer("Lovelace"))
    await call.ana.command(call.id, Transfer(to_id="demo_agent2"))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t1"))
    await turned_away(call.ana, call.id)
    await call.ana.until(lambda: call.id not in call.ana.live)
    replica = await call.ben.join(call.id)
    assert replica.view["fields"]["customer"]["content"] == "Lovelace"
    assert (replica.audience, replica.view["head"]["session"]["seat"]) == ("owner", 2)
    await call.ben.command(call.id, set_customer("Byron", seat=2))
    assert await refusal(call.ana, call.id, AcceptTransfer(transfer_id="t1")) is RefuseCode.NOT_ALLOWED


async def test_declined_it_stays_where_it_is(call: Call) -> None:
    """[TR3, TR6] The giver reads who declined; the asked person's list forgets it."""
    await call.ana.command(call.id, Transfer(to_id="demo_agent2"))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, DeclineTransfer(transfer_id="t1"))
    view = call.ana.sessions[call.id].view
    await call.ana.until(lambda: view["transfers"]["t1"]["outcome"] == "declined")
    assert view["transfers"]["t1"]["settled_by"]["name"] == "Ben Agent"
    await call.ben.until(lambda: call.id not in call.ben.live)
    await call.ana.command(call.id, set_customer("Lovelace"))
    assert await refusal(call.ben, call.id, AcceptTransfer(transfer_id="t1")) is RefuseCode.TRANSFER_OVER


async def test_warm_both_see_each_other_until_it_is_handed_over(call: Call) -> None:
    """[TR5, RT2] Who came watches, as staff; then owns and drives, and the giver is acknowledged and turned away."""
    await call.ana.command(call.id, Transfer(to_id="demo_agent2", warm=True))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t1"))
    replica = await call.ben.join(call.id)
    assert replica.audience == "staff"
    hers = call.ana.sessions[call.id]
    await call.ana.until(lambda: ("demo_agent2", "taker") in [(p["person_id"], p["role"]) for p in hers.people])
    await call.ben.until(lambda: "demo_agent" in [person["person_id"] for person in replica.people])
    assert await refusal(call.ben, call.id, CompleteTransfer(transfer_id="t1", to_id="demo_agent2")) is (
        RefuseCode.DRIVER_PRESENT
    )
    await call.ana.command(call.id, CompleteTransfer(transfer_id="t1", to_id="demo_agent2"))
    await turned_away(call.ana, call.id)
    await call.ben.until(lambda: replica.audience == "owner")
    await call.ben.command(call.id, set_customer("Byron", seat=2))


async def handed_over(call: Call) -> Replica:
    """Ben came, and has it now; Sam watches."""
    await call.ana.command(call.id, Transfer(to_id="demo_agent2", warm=True))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t1"))
    await call.ben.join(call.id)
    replica = await call.sam.join(call.id)
    await call.ana.command(call.id, CompleteTransfer(transfer_id="t1", to_id="demo_agent2"))
    return replica


def roles(replica: Replica) -> dict[str, str]:
    """Who is shown to be there, and as what."""
    return {person["person_id"]: person["role"] for person in replica.people}


async def test_who_gave_it_is_gone_at_once_and_who_has_it_is_shown_as_its_owner(call: Call) -> None:
    """[TR4, PR1] To whoever watches, in another process than the giver's, within far less than a lease."""
    replica = await handed_over(call)
    await call.sam.until(lambda: roles(replica) == {"demo_agent2": "owner", "demo_supervisor": "supervisor"})
    leases = call.house.bus.leases[call.id]
    assert sorted(name.partition("/")[0] for name in leases) == ["demo_agent2", "demo_supervisor"]


async def test_who_came_and_has_it_is_given_the_seat_like_any_owner(call: Call) -> None:
    """[SE8, TR4] From the page that they came with."""
    await handed_over(call)
    await call.sam.command(call.id, TakeSeat(seat=2))
    await call.ben.until(lambda: call.ben.sessions[call.id].head["seat"] == 3)
    await call.ben.command(call.id, RequestSeat(seat=3))
    await call.sam.until(lambda: "p1" in call.sam.sessions[call.id].view["handovers"])
    await call.sam.command(call.id, GrantSeat(handover_id="p1", seat=3))
    await call.ben.until(lambda: call.ben.sessions[call.id].head["driver"]["id"] == "demo_agent2")


async def test_who_came_and_is_not_needed_is_shown_nothing_more(call: Call) -> None:
    """[TR6, RT2] Asked again, they can come again, from the same page."""
    await call.ana.command(call.id, Transfer(to_id="demo_agent2", warm=True))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t1"))
    await call.ben.join(call.id)
    await call.ana.command(call.id, WithdrawTransfer(transfer_id="t1"))
    await turned_away(call.ben, call.id)
    assert await refusal(call.ben, call.id, EditNotes(update=typing("x"))) is RefuseCode.UNKNOWN_SESSION
    await call.ana.command(call.id, Transfer(to_id="demo_agent2", warm=True))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t2"))
    await call.ben.join(call.id)
    await call.ben.command(call.id, DeclineTransfer(transfer_id="t2"))


async def test_it_is_in_the_audit_log(call: Call) -> None:
    """[TR11] Asked, accepted, handed over; who came to watch is recorded as well."""
    await call.ana.command(call.id, Transfer(to_team_id=TEAM_ID, warm=True))
    await until_asked(call.ben, call.id)
    await call.ben.command(call.id, AcceptTransfer(transfer_id="t1"))
    await call.ben.join(call.id)
    await call.sam.join(call.id)
    await call.sam.command(call.id, CompleteTransfer(transfer_id="t1", to_id="demo_agent2"))
    rows = await audit_rows(call.house, until=("demo_supervisor", "complete_transfer", call.id))
    for row in (
        ("demo_agent", "transfer", call.id),
        ("demo_agent2", "accept_transfer", call.id),
        ("demo_agent2", "watch", call.id),
        ("demo_supervisor", "complete_transfer", call.id),
    ):
        assert row in rows


async def test_the_giver_reads_who_is_free_on_a_call_or_offline(call: Call) -> None:
    """[TR9] Agents of one's teams and these teams, on any process; a paused call is none; coaches are not told."""
    port = call.house.ports[1]

    async def ask(label: str) -> httpx.Response:
        headers = {"Host": f"{label}.localhost:{port}", "Cookie": await call.house.cookie(label, port)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            return await client.get("/api/sessions/transfer", headers=headers)

    async def until_states(expected: dict[str, str]) -> None:
        for _ in range(80):
            found = {each["id"]: each["state"] for each in (await ask("agent")).json()["people"]}
            if found == expected:
                return
            await asyncio.sleep(0.05)
        assert found == expected

    await until_states({"demo_agent": "on_call", "demo_agent2": "free"})
    await call.ana.command(call.id, Pause(visit_id="v1", seat=1))
    await call.ben.close()
    await until_states({"demo_agent": "free", "demo_agent2": "offline"})
    assert (await ask("supervisor")).json()["teams"] == [{"id": TEAM_ID, "name": "Demo team"}]
    assert (await ask("coach")).status_code == 403


async def test_who_is_on_a_call_is_known_where_nobody_follows_the_list(house: House) -> None:
    """[TR9] Whose customer is on the line is on a call, whoever drives; and so is who drives."""
    port = await house.serve()
    headers = {"Host": f"agent.localhost:{port}", "Cookie": await house.cookie("agent", port)}
    ana, sam = await house.page("agent"), await house.page("supervisor")
    await ana.follow_live()

    async def state() -> str:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            people = (await client.get("/api/sessions/transfer", headers=headers)).json()["people"]
        found: str = next(each["state"] for each in people if each["id"] == "demo_agent")
        return found

    assert await state() == "free"
    session_id = await ana.start(house.version_id)
    assert await state() == "on_call"
    await sam.join(session_id)
    await sam.command(session_id, TakeSeat(seat=1))
    assert await state() == "on_call"
    await sam.command(session_id, Pause(visit_id="v1", seat=2))
    assert await state() == "free"
