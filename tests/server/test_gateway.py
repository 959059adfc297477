"""Connections over real sockets: what each frame does, and what a bad one costs."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import delete, select, update
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from protocol.base import PROTOCOL, Position
from protocol.commands import (
    Continue,
    EditNotes,
    End,
    HandBack,
    Pause,
    Reassign,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    TakeSeat,
)
from protocol.frames import Doing, EphemeralUp, Hello
from protocol.refusals import CloseCode, RefuseCode
from server.auth.demo import find_demo_person
from server.client import Page, Replica
from server.ports import Commit, PushedEntry
from server.records.database import Database
from server.records.people import people_changed
from server.records.tables import audit, people, team_members
from server.store.memory import MemoryStore
from session_engine.refused import Refused
from tests.support.notes import Editor
from tests.support.processes import submit
from tests.support.server import House


def set_customer(name: str, *, seat: int = 1, visit: str = "v1") -> SetField:
    """Enter the customer's name."""
    return SetField(visit_id=visit, seat=seat, field_key="customer", content=name)


class TestHello:
    async def test_welcome_names_person_and_process(self, house: House) -> None:
        """[CN3] Hello is answered by who one is, and by whom one is served."""
        page = await house.page("agent")
        assert page.welcome["process"] == "w1"
        assert page.welcome["person_id"] == "demo_agent"

    @pytest.mark.parametrize(
        ("origin", "protocols"),
        [("http://evil.example", [PROTOCOL]), ("http://[", [PROTOCOL]), (None, ["something.else"]), (None, None)],
        ids=["another origin", "no origin at all", "another protocol", "no protocol"],
    )
    async def test_a_foreign_upgrade_is_refused(
        self, house: House, origin: str | None, protocols: list[str] | None
    ) -> None:
        """[CN1] Origin and subprotocol are checked before anything else."""
        port = house.ports[0]
        with pytest.raises(InvalidStatus) as refused:
            await connect(
                f"ws://127.0.0.1:{port}/ws",
                subprotocols=protocols,  # type: ignore[arg-type]
                origin=origin or f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
                proxy=None,
            )
        assert refused.value.response.status_code == 403

    async def test_who_is_not_signed_in_is_closed_after_hello(self, house: House) -> None:
        """[CN2] A browser cannot read a refused upgrade: it is told by a close code."""
        port = house.ports[0]
        page = await Page.open(f"ws://127.0.0.1:{port}/ws", cookie="sidecoach=x", origin=f"http://127.0.0.1:{port}")
        await page.until(lambda: page.close_code is not None)
        assert page.close_code == CloseCode.NOT_SIGNED_IN

    async def test_a_revoked_sign_in_ends_its_connections(self, house: House) -> None:
        """[CN2] Signing out takes effect within seconds, on every tab."""
        port = house.ports[0]
        cookie = await house.cookie("agent", port)
        page = await Page.open(f"ws://127.0.0.1:{port}/ws", cookie=cookie, origin=f"http://127.0.0.1:{port}")
        host = f"agent.localhost:{port}"
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await client.post("/api/sign-out", headers={"Host": host, "Origin": f"http://{host}", "Cookie": cookie})
        page_closed = page.until(lambda: page.close_code is not None, timeout_s=15)
        await page_closed
        assert page.close_code == CloseCode.NOT_SIGNED_IN

    async def test_who_is_deactivated_is_out_of_every_process(self, house: House) -> None:
        """[CN2, PE9] By an administrator who asked another one."""
        here = house.ports[0]
        there = await house.serve()
        cookie = await house.cookie("agent", here)
        page = await Page.open(f"ws://127.0.0.1:{here}/ws", cookie=cookie, origin=f"http://127.0.0.1:{here}")
        host = f"admin.localhost:{there}"
        headers = {"Host": host, "Origin": f"http://{host}", "Cookie": await house.cookie("admin", there)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{there}", trust_env=False) as client:
            answer = await client.post("/api/people/demo_agent/deactivate", headers=headers)
        assert answer.status_code == 200
        await page.until(lambda: page.close_code is not None, timeout_s=15)
        assert page.close_code == CloseCode.NOT_SIGNED_IN


class TestBadInput:
    @pytest.mark.parametrize(
        "message",
        [
            b"no json",
            b"\xff\xfe",
            b'{"type":"dance"}',
            b'{"type":"join"}',
            b'{"type":"command","session_id":"x","csn":1,"body":{}}',
            b'{"type":"command","session_id":"' + b"a" * 32 + b'","csn":0,"body":{}}',
            "text",
        ],
    )
    async def test_a_malformed_envelope_closes_this_connection_and_no_other(
        self, house: House, message: bytes | str
    ) -> None:
        """[CN4] 4500 for who sent it; the others do not notice."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.send_raw(message)
        await supervisor.until(lambda: supervisor.close_code is not None)
        assert supervisor.close_code == CloseCode.BAD_ENVELOPE
        assert await agent.command(session_id, set_customer("Lovelace")) == 2

    async def test_a_bad_body_is_refused_and_changes_nothing(self, house: House) -> None:
        """[CM1] Unknown command, unknown, missing or wrong property: the connection goes on."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        bodies = [
            b'{"type":"dance"}',
            b'{"type":"resume","extra":1}',
            b'{"type":"continue"}',
            b'{"type":"continue","visit_id":"v1","seat":"one"}',
            b'{"type":"set_field","visit_id":"v1","seat":1,"field_key":"customer","content":1.5}',
            b"[]",
        ]
        for csn, body in enumerate(bodies, 100):
            reply = agent.expect(csn)
            await agent.send_raw(
                b'{"type":"command","session_id":"%s","csn":%d,"body":%s}' % (session_id.encode(), csn, body)
            )
            with pytest.raises(Refused) as refused:
                await reply
            assert refused.value.code is RefuseCode.BAD_COMMAND
        assert agent.sessions[session_id].position is not None
        assert await agent.command(session_id, set_customer("Lovelace"), csn=200) == 2

    async def test_anything_before_hello_is_a_bad_envelope(self, house: House) -> None:
        """[CN3] Hello comes first, once, and is small."""
        for messages in (
            [b'{"type":"pong"}'],
            [b" " * 20_000],
            [msgspec.json.encode(Hello(client_id="a" * 32, build="x"))] * 2,
        ):
            port = house.ports[0]
            async with connect(
                f"ws://127.0.0.1:{port}/ws",
                subprotocols=[PROTOCOL],  # type: ignore[list-item]
                origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
                additional_headers={"Cookie": await house.cookie("agent", port)},
                proxy=None,
            ) as socket:
                for message in messages:
                    await socket.send(message)
                await socket.wait_closed()
                assert socket.close_code == CloseCode.BAD_ENVELOPE

    async def test_a_command_for_another_or_unknown_session_is_refused(self, house: House) -> None:
        """[CM2] Strangers are refused alike whether they join or command."""
        agent, other = await house.page("agent"), await house.page("agent2")
        session_id = await agent.start(house.version_id)
        with pytest.raises(Refused) as refused:
            await other.join(session_id)
        assert refused.value.code is RefuseCode.NOT_ALLOWED
        with pytest.raises(Refused) as refused:
            await other.command(session_id, set_customer("x"))
        assert refused.value.code is RefuseCode.UNKNOWN_SESSION
        with pytest.raises(Refused) as refused:
            await other.join("f" * 32)
        assert refused.value.code is RefuseCode.UNKNOWN_SESSION
        assert not any(session_id.encode() in frame and b'"view"' in frame for frame in other.frames)

    async def test_a_command_that_is_too_large_is_refused(self, house: House) -> None:
        """[CL2] 64 KB a message; only Notes may be larger."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        big = SetField(visit_id="v1", seat=1, field_key="extras", content=tuple("x" * 190 for _ in range(200)))
        too_big = msgspec.json.encode(big)[:-1] + b" " * 40_000 + b"}"
        reply = agent.expect(500)
        await agent.send_raw(
            b'{"type":"command","session_id":"%s","csn":500,"body":%s}' % (session_id.encode(), too_big)
        )
        with pytest.raises(Refused) as refused:
            await reply
        assert refused.value.code is RefuseCode.TOO_LARGE
        await agent.command(session_id, EditNotes(update=Editor().type("n" * 70_000)), csn=501)

    async def test_too_fast_is_slowed_down_not_lost(self, house: House) -> None:
        """[CL3] Over the rate the server reads later; everything is stored in order."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        for number in range(45):
            await agent.command(session_id, set_customer(f"name {number}"))
        assert agent.sessions[session_id].seqs == list(range(2, 47))


class TestSharedSession:
    async def test_everybody_sees_the_same_session_change(self, house: House) -> None:
        """[DL1] Agent, supervisor and coach hold the same view after every command."""
        agent, supervisor, coach = [await house.page(label) for label in ("agent", "supervisor", "coach")]
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await agent.command(session_id, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        await coach.join(session_id)
        await agent.command(session_id, Continue(visit_id="v1", seat=1))
        await agent.command(session_id, SetField(visit_id="v2", seat=1, field_key="pin", content="planted-secret-7"))
        last = await coach.command(session_id, EditNotes(update=Editor().type("hello")))
        for page in (agent, supervisor, coach):
            replica = page.sessions[session_id]
            await page.until(lambda replica=replica: replica.position.seq == last)  # type: ignore[misc]
            assert replica.visit["section_key"] == "offer"
            assert replica.view["visits"]["v1"]["answer_key"] == "interested"
            assert len(replica.view["notes_updates"]) == 1
        assert agent.sessions[session_id].view["fields"]["pin"]["content"] == "planted-secret-7"
        for page in (supervisor, coach):
            assert page.sessions[session_id].view["fields"]["pin"]["masked"]
            assert not any(b"planted-secret-7" in frame for frame in page.frames)

    async def test_the_seat_passes_and_a_late_command_is_refused(self, house: House) -> None:
        """[SE2] What the agent types after the supervisor sat down changes nothing."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, TakeSeat(seat=1))
        with pytest.raises(Refused) as refused:
            await agent.command(session_id, set_customer("late"))
        assert refused.value.code is RefuseCode.STALE_SEAT
        await supervisor.command(session_id, set_customer("in time", seat=2))
        await supervisor.command(session_id, HandBack(seat=2))
        await agent.command(session_id, set_customer("mine again", seat=3))

    async def test_the_owner_retakes_a_seat_whose_driver_is_gone(self, house: House) -> None:
        """[SE5] Not while the taker is here; as soon as no lease of theirs is alive."""
        now = [1_000_000]
        house.bus.clock = lambda: now[0]
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, TakeSeat(seat=1))
        await supervisor.until(lambda: len(supervisor.sessions[session_id].people) == 2)
        with pytest.raises(Refused) as refused:
            await agent.command(session_id, TakeSeat(seat=2))
        assert refused.value.code is RefuseCode.DRIVER_PRESENT
        await supervisor.drop()
        await asyncio.sleep(0.1)
        now[0] += 60_000
        await agent.command(session_id, TakeSeat(seat=2))

    async def test_who_is_here_is_told_once_per_person(self, house: House) -> None:
        """[PR1] Two tabs are one person; leaving is seen."""
        agent, tab, supervisor = await house.page("agent"), await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await tab.join(session_id)
        await supervisor.join(session_id)
        replica = agent.sessions[session_id]
        await agent.until(lambda: [one["person_id"] for one in replica.people] == ["demo_agent", "demo_supervisor"])
        assert replica.people[1]["role"] == "supervisor"
        await supervisor.leave(session_id)
        await agent.until(lambda: [one["person_id"] for one in replica.people] == ["demo_agent"])

    async def test_a_short_network_cut_is_no_coming_and_going(self, house: House) -> None:
        """[PR2] A connection that broke lingers for three seconds."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        replica = agent.sessions[session_id]
        await agent.until(lambda: len(replica.people) == 2)
        seen = len([frame for frame in agent.frames if b'"presence"' in frame])
        await supervisor.drop()
        again = await house.page("supervisor")
        await again.join(session_id)
        await asyncio.sleep(3.5)
        assert len([frame for frame in agent.frames if b'"presence"' in frame]) == seen
        assert len(replica.people) == 2

    async def test_typing_is_seen_by_the_others_and_never_stored(self, house: House) -> None:
        """[PR3] Ephemera reach the others and leave no entry."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await agent.say_doing(EphemeralUp(session_id=session_id, doing=Doing.TYPING, field_key="customer"))
        replica = supervisor.sessions[session_id]
        await supervisor.until(lambda: "demo_agent" in replica.doing)
        assert replica.doing["demo_agent"]["field_key"] == "customer"
        assert len(house.bus.logs[session_id]) == 1

    async def test_pointing_is_passed_on_from_those_who_may(self, house: House) -> None:
        """[PT1] The coach's to the driver; the driver's own to nobody; no entry."""
        agent, coach = await house.page("agent"), await house.page("coach")
        session_id = await agent.start(house.version_id)
        await coach.join(session_id)
        target = "v1/answer/verified"
        pointing = EphemeralUp(session_id=session_id, doing=Doing.POINTING, target=target)
        await agent.say_doing(pointing)
        await coach.say_doing(pointing)
        replica = agent.sessions[session_id]
        await agent.until(lambda: "demo_coach" in replica.doing)
        assert replica.doing["demo_coach"]["target"] == target
        assert coach.sessions[session_id].doing == {}
        assert len(house.bus.logs[session_id]) == 1

    async def test_the_live_list_shows_what_one_may_watch(self, house: House) -> None:
        """[LL2] Own Sessions to agents, the team's to coaches and supervisors; practice to its owner."""
        agent, other, supervisor = [await house.page(label) for label in ("agent", "agent2", "supervisor")]
        for page in (agent, other, supervisor):
            await page.follow_live()
        session_id = await agent.start(house.version_id)
        practice = await agent.start(house.version_id, training=True)
        await agent.until(lambda: {session_id, practice} <= set(agent.live))
        await supervisor.until(lambda: session_id in supervisor.live)
        assert practice not in supervisor.live
        assert other.live == {}
        await agent.command(session_id, set_customer("Lovelace"))
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="colour", content="red"))
        await supervisor.until(lambda: supervisor.live[session_id]["title"] == "Lovelace · Bright red")
        await agent.command(session_id, End())
        await supervisor.until(lambda: session_id not in supervisor.live)

    async def test_a_reassigned_session_changes_hands_at_once(self, house: House) -> None:
        """[RA1, RA2, RA3] The colleague has it in their list and drives; the former owner is turned away."""
        agent, other, supervisor = [await house.page(label) for label in ("agent", "agent2", "supervisor")]
        await other.follow_live()
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, Reassign(to_id="demo_agent2", reason="goes home"))
        await other.until(lambda: session_id in other.live)
        await agent.until(lambda: any(b'"not_allowed"' in frame for frame in agent.frames))
        await other.join(session_id)
        await other.command(session_id, set_customer("Lovelace", seat=2))
        with pytest.raises(Refused) as refused:
            await supervisor.command(session_id, Reassign(to_id="demo_coach"))
        assert refused.value.code is RefuseCode.UNKNOWN_PERSON

    async def test_who_was_given_it_and_who_had_it_are_told_by_whom(self, house: House) -> None:
        """[RA7, RA8] The new owner's list, until they opened it; the former one's page, and when they come back."""
        agent, other, supervisor = [await house.page(label) for label in ("agent", "agent2", "supervisor")]
        await other.follow_live()
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, Reassign(to_id="demo_agent2", reason="goes home"))
        await other.until(lambda: session_id in other.live)
        assert other.live[session_id]["given"]["by"]["name"] == "Sam Supervisor"
        assert not any(b"goes home" in frame for frame in other.frames)
        passed = {
            "to": {"id": "demo_agent2", "name": "Ben Agent"},
            "by": {"id": "demo_supervisor", "name": "Sam Supervisor"},
        }
        await agent.until(lambda: refusals(agent) == [passed])
        with pytest.raises(Refused):
            await agent.join(session_id)
        assert refusals(agent) == [passed, passed]
        await other.join(session_id)
        await other.until(lambda: other.live[session_id]["given"] is None, timeout_s=7)
        stranger = await house.page("admin")
        with pytest.raises(Refused):
            await stranger.join(session_id)
        assert refusals(stranger) == [None]

    async def test_a_made_up_position_is_no_way_around_the_audit_log(self, house: House) -> None:
        """[AU1] Whoever is sent a view is recorded first."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id, Position(seq=0, entry_id=""))
        assert ("demo_supervisor", "watch", session_id) in await audit_rows(house)

    async def test_who_loses_the_right_is_turned_away(self, house: House) -> None:
        """[RT2] From the Session and from the list, within seconds, in the middle of watching."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.follow_live()
        await supervisor.join(session_id)
        await supervisor.until(lambda: session_id in supervisor.live)
        database = Database(house.database_url)
        async with database.writing() as connection:
            await connection.execute(delete(team_members).where(team_members.c.person_id == "demo_supervisor"))
            await people_changed(connection)
        await database.close()
        await supervisor.until(lambda: any(b'"not_allowed"' in frame for frame in supervisor.frames))
        await supervisor.until(lambda: session_id not in supervisor.live)
        await agent.command(session_id, set_customer("private now"))
        assert not any(b"private now" in frame for frame in supervisor.frames)

    async def test_a_session_whose_log_is_gone_is_said_to_be_gone(self, house: House) -> None:
        """[DL5] No screen stands still for ever: its members are told `unknown_session`."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        del house.bus.logs[session_id]
        await agent.until(lambda: any(b'"unknown_session"' in frame for frame in agent.frames), timeout_s=7)

    @pytest.mark.long
    async def test_presence_that_cannot_be_read_stops_no_check(self, house: House) -> None:
        """[DL4] What another release wrote is skipped; positions go on being compared."""
        await house.serve()
        agent, supervisor = await house.page("agent"), await house.page("supervisor", process=1)
        session_id = await agent.start(house.version_id)
        replica = await supervisor.join(session_id)
        house.bus.leases[session_id]["someone/else"] = (2**52, b"no json")
        house.bus.loses = lambda push: True
        for expected in (2, 3):
            await agent.command(session_id, set_customer("Lovelace"))
            await supervisor.until(lambda: replica.seqs[-1:] == [expected], timeout_s=7)  # noqa: B023

    async def test_watching_is_in_the_audit_log(self, house: House) -> None:
        """[AU1] Sign-in, watch, take and reassign are recorded with who and which Session."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await supervisor.command(session_id, TakeSeat(seat=1))
        await supervisor.command(session_id, Reassign(to_id="demo_agent2"))
        rows = await audit_rows(house, until=("demo_supervisor", "reassign", session_id))
        assert ("demo_supervisor", "sign_in", "demo_supervisor") in rows
        assert ("demo_supervisor", "watch", session_id) in rows
        assert ("demo_supervisor", "take", session_id) in rows
        assert ("demo_agent", "watch", session_id) not in rows


def refusals(page: Page) -> list[Any]:
    """What this page was told of who has a Session that was its person's, each time that it was turned away."""
    frames = [msgspec.json.decode(frame) for frame in page.frames if b'"refusal"' in frame]
    return [frame["passed"] for frame in frames]


async def audit_rows(house: House, *, until: tuple[str, str, str] | None = None) -> list[tuple[str, str, str]]:
    """Who did what to what; once this is there, if it is written beside what it tells of."""
    database = Database(house.database_url)
    found: list[tuple[str, str, str]] = []
    for _ in range(100):
        async with database.reading() as connection:
            rows = await connection.execute(select(audit.c.actor_id, audit.c.act, audit.c.subject))
            found = [(row.actor_id, row.act, row.subject) for row in rows]
        if until is None or until in found:
            break
        await asyncio.sleep(0.1)
    await database.close()
    assert until is None or until in found
    return found


class TestRepeats:
    async def test_a_repeated_command_is_acknowledged_and_applied_once(self, house: House) -> None:
        """[CM5] After a lost reply the same command is answered with its entry."""
        client_id = secrets.token_hex(16)
        first = await house.page("agent", client_id=client_id)
        session_id = await first.start(house.version_id)
        seq = await first.command(session_id, set_customer("once"), csn=7)
        await first.drop()
        again = await house.page("agent", client_id=client_id)
        await again.join(session_id)
        assert await again.command(session_id, set_customer("once"), csn=7) == seq
        assert len(house.bus.logs[session_id]) == seq

    async def test_a_repeated_start_is_the_same_session(self, house: House) -> None:
        """[CM8] The same id, client id and csn is a repeat; anybody else's is refused."""
        agent = await house.page("agent")
        session_id = secrets.token_hex(16)
        start = StartSession(version_id=house.version_id)
        assert await agent.command(session_id, start, csn=1) == 1
        assert await agent.command(session_id, start, csn=1) == 1
        with pytest.raises(Refused) as refused:
            await agent.command(session_id, start, csn=2)
        assert refused.value.code is RefuseCode.SESSION_EXISTS
        with pytest.raises(Refused) as refused:
            await agent.command(secrets.token_hex(16), StartSession(version_id="none@9"), csn=3)
        assert refused.value.code is RefuseCode.UNKNOWN_VERSION

    async def test_pause_here_and_resume_there(self, house: House) -> None:
        """[LC1] Another device resumes where this one paused."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        await agent.command(session_id, Pause(visit_id="v1", seat=1, reason="lunch"))
        await agent.close()
        laptop = await house.page("agent")
        replica = await laptop.join(session_id)
        assert (replica.head["status"], replica.head["paused_reason"]) == ("paused", "lunch")
        await laptop.command(session_id, Resume())
        await laptop.command(session_id, Continue(visit_id="v1", seat=1))
        assert replica.visit["section_key"] == "offer"

    async def test_a_teammate_goes_on_with_a_paused_call(self, house: House) -> None:
        """[RT4][LC9] He was shown nothing before and all of it after; the former owner is shown nothing more."""
        agent, teammate = await house.page("agent"), await house.page("agent2")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="pin", content="1234"))
        with pytest.raises(Refused):
            await teammate.join(session_id)
        with pytest.raises(Refused):
            await teammate.command(session_id, Resume())
        await agent.command(session_id, Pause(visit_id="v1", seat=1))

        await teammate.command(session_id, Resume())

        replica = await teammate.join(session_id)
        assert (replica.head["owner"]["id"], replica.head["driver"]["id"]) == ("demo_agent2", "demo_agent2")
        assert replica.view["fields"]["pin"]["content"] == "1234"
        with pytest.raises(Refused):
            await agent.command(session_id, Resume())
        with pytest.raises(Refused):
            await agent.join(session_id)

    async def test_whose_audience_changes_is_sent_the_whole_view(self, house: House) -> None:
        """[LC9] A former owner who is a coach besides sees it as staff from then on, also after an absence."""
        database = Database(house.database_url)
        async with database.writing() as connection:
            await connection.execute(update(people).where(people.c.id == "demo_agent").values(roles=["agent", "coach"]))
        await database.close()
        agent, teammate = await house.page("agent"), await house.page("agent2")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="pin", content="1234"))
        await agent.command(session_id, Pause(visit_id="v1", seat=1))
        own = agent.sessions[session_id]
        held, audience = own.position, own.audience
        await teammate.command(session_id, Resume())
        await agent.until(lambda: own.reason == "audience")
        assert own.view["fields"]["pin"]["content"] is None

        own.audience = audience
        back = await agent.join(session_id, held)
        assert back.reason == "audience"
        assert back.view["fields"]["pin"]["content"] is None


class TestResume:
    async def test_a_short_absence_is_made_up_by_deltas(self, house: House) -> None:
        """[CN5] From the position that the page holds, whether the deltas are in memory or only in the log."""
        agent, supervisor = await house.page("agent"), await house.page("supervisor")
        session_id = await agent.start(house.version_id)
        replica = await supervisor.join(session_id)
        await supervisor.leave(session_id)
        for number in range(5):
            await agent.command(session_id, set_customer(f"name {number}"))
        supervisor.sessions[session_id] = replica
        await supervisor.join(session_id, replica.position)
        await supervisor.until(lambda: replica.position == agent.sessions[session_id].position)
        assert replica.reason == "resumed"
        assert replica.seqs == [2, 3, 4, 5, 6]
        assert replica.view["fields"]["customer"]["content"] == "name 4"

    @pytest.mark.parametrize(
        ("position", "reason"),
        [
            (Position(seq=9, entry_id="0" * 16), "ahead"),
            (Position(seq=2, entry_id="0" * 16), "fork"),
            (Position(seq=4, entry_id="0" * 16), "fork"),
        ],
    )
    async def test_a_position_that_never_was_is_answered_with_the_reason(
        self, house: House, position: Position, reason: str
    ) -> None:
        """[CN6] Ahead and fork mean that acknowledged work was lost: the page is told, with a whole view."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        for number in range(3):
            await agent.command(session_id, set_customer(f"name {number}"))
        tab = await house.page("agent")
        replica = await tab.join(session_id, position)
        assert replica.reason == reason
        assert replica.position == agent.sessions[session_id].position

    async def test_far_behind_gets_a_whole_view(self, house: House) -> None:
        """[CN5, CN6] 300 entries are replayed, 301 are not."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        replica = agent.sessions[session_id]
        first = replica.position
        ana = find_demo_person("agent.localhost")
        assert ana is not None
        door = house.apps[0].config.app.state.submit  # type: ignore[union-attr]
        for number in range(301):
            await submit(door, session_id, set_customer(f"name {number}"), ana.actor, "e" * 32, number + 1)
            if number == 0:
                await agent.until(lambda: replica.seqs == [2])
                second = replica.position
        tab = await house.page("agent")
        far = await tab.join(session_id, first)
        assert far.reason == "too_far"
        assert far.position is not None
        assert far.position.seq == 302
        near = await house.page("agent")
        near.sessions[session_id] = held = Replica()
        held.position, held.view = second, {"head": {}, "visits": {}, "fields": {}, "notes_updates": {}}
        await near.join(session_id, second)
        await near.until(lambda: len(held.seqs) == 300)
        assert held.reason == "resumed"


class TestTwoProcesses:
    async def test_people_on_different_processes_share_a_session(self, house: House) -> None:
        """[DL2] Every process is equal: commands on either reach the members of both."""
        await house.serve()
        agent, supervisor = await house.page("agent"), await house.page("supervisor", process=1)
        assert (agent.welcome["process"], supervisor.welcome["process"]) == ("w1", "w2")
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        await agent.command(session_id, set_customer("Lovelace"))
        await supervisor.command(session_id, TakeSeat(seat=1))
        await agent.until(lambda: agent.sessions[session_id].head["driver"]["id"] == "demo_supervisor")
        await supervisor.until(lambda: "customer" in supervisor.sessions[session_id].view["fields"])
        await agent.until(lambda: len(agent.sessions[session_id].people) == 2)

    async def test_lost_pushes_are_made_up_within_the_position_check(self, house: House) -> None:
        """[DL4] A push is a hint: without any, everybody is level within seven seconds."""
        house.bus.loses = lambda push: True
        await house.serve()
        agent, supervisor = await house.page("agent"), await house.page("supervisor", process=1)
        session_id = await agent.start(house.version_id)
        replica = await supervisor.join(session_id)
        await agent.command(session_id, set_customer("Lovelace"))
        await supervisor.until(lambda: "customer" in replica.view["fields"], timeout_s=7)

    async def test_a_process_that_is_behind_catches_up_before_it_refuses(self, house: House) -> None:
        """[CM2] What this process did not hear of yet is no reason to refuse."""
        house.bus.loses = lambda push: True
        await house.serve()
        agent, tab = await house.page("agent"), await house.page("agent", process=1)
        session_id = await agent.start(house.version_id)
        await tab.join(session_id)
        await agent.command(session_id, SelectAnswer(visit_id="v1", seat=1, answer_key="interested"))
        await agent.command(session_id, Continue(visit_id="v1", seat=1))
        assert tab.sessions[session_id].visit["id"] == "v1"
        assert await tab.command(session_id, set_customer("on the new visit", visit="v2")) == 4

    async def test_both_write_at_once_and_nothing_is_lost(self, house: House) -> None:
        """[CM9] The version check lets one win; the other decides again on what became true."""
        await house.serve()
        agent, supervisor = await house.page("agent"), await house.page("supervisor", process=1)
        session_id = await agent.start(house.version_id)
        await supervisor.join(session_id)
        ana, sam = Editor(), Editor()

        async def write(page: Page, editor: Editor, word: str) -> None:
            for _ in range(15):
                await page.command(session_id, EditNotes(update=editor.type(word)))

        await asyncio.gather(write(agent, ana, "a"), write(supervisor, sam, "b"))
        for page in (agent, supervisor):
            replica = page.sessions[session_id]
            await page.until(lambda replica=replica: replica.position.seq == 31)  # type: ignore[misc]
            assert len(replica.view["notes_updates"]) == 30


class SlowReply(MemoryStore):
    """A store whose pushes are faster than its replies."""

    async def commit(self, commit: Commit) -> None:
        """Append, and answer later."""
        await super().commit(commit)
        await asyncio.sleep(0.02)


class TestWindow:
    async def test_a_client_that_keeps_its_window_is_never_sent_away(self, house: House) -> None:
        """[CL5] It counts by deltas, which may come before the commit's reply reaches the server."""
        await house.serve(SlowReply(house.bus))
        agent = await house.page("agent", process=1)
        session_id = await agent.start(house.version_id)
        window = asyncio.Semaphore(16)

        async def enter(number: int) -> int:
            async with window:
                return await agent.command(session_id, set_customer(f"name {number}"))

        assert sorted(await asyncio.gather(*map(enter, range(36)))) == list(range(2, 38))


class TestStoreAway:
    async def test_not_saved_yet_then_saved_in_order(self, house: House) -> None:
        """[CM10] With the store away a command is refused as not saved yet; nothing overtakes it."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        house.bus.is_down = True
        for csn in (10, 11):
            with pytest.raises(Refused) as refused:
                await agent.command(session_id, set_customer(f"name {csn}"), csn=csn)
            assert refused.value.code is RefuseCode.NOT_SAVED_YET
        house.bus.is_down = False
        with pytest.raises(Refused) as refused:
            await agent.command(session_id, set_customer("name 11"), csn=11)
        assert refused.value.code is RefuseCode.NOT_SAVED_YET
        assert await agent.command(session_id, set_customer("name 10"), csn=10) == 2
        assert await agent.command(session_id, set_customer("name 11"), csn=11) == 3


class TestFork:
    async def test_a_store_that_lost_entries_is_noticed_and_said(self, house: House) -> None:
        """[DL5] The position check compares entry ids; every member gets the history that is left, with the reason."""
        agent = await house.page("agent")
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, set_customer("kept"))
        await agent.command(session_id, set_customer("lost"))
        del house.bus.logs[session_id][-1]
        replica = agent.sessions[session_id]
        await agent.until(lambda: replica.reason == "ahead", timeout_s=8)
        assert replica.view["fields"]["customer"]["content"] == "kept"

    @pytest.mark.parametrize("lost_pushes", [0, 1], ids=["the entry itself", "only what follows it"])
    async def test_another_history_is_noticed_by_the_first_push_of_it(self, house: House, lost_pushes: int) -> None:
        """[DL5] Seq alone would match: the entry id and the chain of previous ids tell the histories apart."""
        await house.serve()
        agent, supervisor = await house.page("agent"), await house.page("supervisor", process=1)
        session_id = await agent.start(house.version_id)
        await agent.command(session_id, set_customer("lost"))
        del house.bus.logs[session_id][-1]
        await supervisor.join(session_id)
        await supervisor.until(lambda: supervisor.sessions[session_id].position is not None)
        swallowed: list[object] = []

        def loses(push: object) -> bool:
            if isinstance(push, PushedEntry) and len(swallowed) < lost_pushes:
                swallowed.append(push)
                return True
            return False

        house.bus.loses = loses
        await supervisor.command(session_id, TakeSeat(seat=1))
        await supervisor.command(session_id, set_customer("other history", seat=2))
        replica = agent.sessions[session_id]
        await agent.until(lambda: replica.reason in ("fork", "ahead"), timeout_s=1)
        await agent.until(lambda: "customer" in replica.view["fields"], timeout_s=1)
        assert replica.view["fields"]["customer"]["content"] == "other history"


class TestDrain:
    async def test_a_drained_client_is_told_when_to_come_back(self, house: House) -> None:
        """[CL1] Closing with a time to come back, then 4001."""
        page = await house.page("agent")
        await house.apps[0].config.app.state.drain()
        await page.until(lambda: page.close_code is not None)
        assert page.close_code == CloseCode.DRAINING
        assert page.closing is not None
        assert 0 <= page.closing["retry_ms"] <= 2_000


async def test_who_joins_again_on_the_same_connection_stays_present(house: House) -> None:
    """[PR1] Leaving to come back at once takes no lease away from who came back."""
    agent, coach = await house.page("agent"), await house.page("coach")
    session_id = await agent.start(house.version_id)
    await coach.join(session_id)
    for _ in range(3):
        await agent.join(session_id)
    await coach.join(session_id)
    for page in (agent, coach):
        replica = page.sessions[session_id]
        await page.until(lambda: {each["person_id"] for each in replica.people} == {"demo_agent", "demo_coach"})  # noqa: B023
    assert len(house.bus.leases[session_id]) == 2
