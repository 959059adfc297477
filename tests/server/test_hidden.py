"""Watching unseen, over real sockets and two processes. Rules: protocol/SPEC.md, PR4 to PR6 and AU2."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from protocol.account import Permission
from protocol.commands import EditNotes, MarkMoment, TakeSeat
from protocol.events import MomentLabel
from protocol.frames import Doing, EphemeralUp
from protocol.refusals import RefuseCode
from server.client import Page, Replica
from server.records.database import Database
from server.records.people import people_changed
from server.records.tables import audit, people
from session_engine.refused import Refused
from tests.support.notes import typing
from tests.support.server import House

UNSEEN_S = 0.4
"""Longer than presence takes to get around."""


JUDGED_AGAIN_S = 1.5
"""Longer than it takes to look again who may stay."""


async def permit(house: House, label: str, *permissions: Permission) -> None:
    """Give a demo person these permissions and no others."""
    database = Database(house.database_url)
    async with database.writing() as connection:
        values = {"permissions": [each.value for each in permissions]}
        await connection.execute(update(people).where(people.c.id == f"demo_{label}").values(values))
        await people_changed(connection)
    await database.close()


async def acts(house: House, actor_id: str) -> list[str]:
    """What the audit log has of somebody's watching."""
    database = Database(house.database_url)
    async with database.reading() as connection:
        rows = await connection.execute(select(audit).where(audit.c.actor_id == actor_id).order_by(audit.c.id))
        found = [row.act for row in rows if row.act.startswith("watch")]
    await database.close()
    return found


def names(replica: Replica) -> list[str]:
    """Who is shown to be there."""
    return sorted(person["person_id"] for person in replica.people)


async def watched(house: House) -> tuple[Page, Page, str]:
    """Ana's Session, and a coach on another process who watches it unseen."""
    await house.serve()
    await permit(house, "coach", Permission.HIDDEN_WATCHING)
    ana, cleo = await house.page("agent"), await house.page("coach", process=1)
    session_id = await ana.start(house.version_id)
    replica = await cleo.join(session_id, hidden=True)
    assert replica.view["head"]["session"]["driver"]["id"] == "demo_agent"
    return ana, cleo, session_id


async def test_nobody_is_shown_who_watches_unseen(house: House) -> None:
    """[PR4, AU2] No presence, no lease, no log; only the audit log, before the view. It follows all the same."""
    ana, cleo, session_id = await watched(house)
    await ana.command(session_id, MarkMoment(seen_visit_id="v1", label=MomentLabel.WELL_DONE))
    await cleo.until(lambda: cleo.sessions[session_id].view["moments"] != {})
    await asyncio.sleep(UNSEEN_S)
    assert names(ana.sessions[session_id]) == ["demo_agent"]
    assert [name.partition("/")[0] for name in house.bus.leases[session_id]] == ["demo_agent"]
    assert await acts(house, "demo_coach") == ["watch_hidden"]
    assert b"demo_coach" not in b"".join(frame for frame in ana.frames)
    await cleo.say_doing(EphemeralUp(session_id=session_id, doing=Doing.TYPING))
    await asyncio.sleep(UNSEEN_S)
    assert ana.sessions[session_id].doing == {}
    await cleo.close()
    await asyncio.sleep(UNSEEN_S)
    assert b"demo_coach" not in b"".join(frame for frame in ana.frames)


async def test_any_act_shows_them_first(house: House) -> None:
    """[PR5] Whoever sees the act has seen who is there."""
    ana, cleo, session_id = await watched(house)
    began = len(ana.frames)
    await cleo.command(session_id, EditNotes(update=typing("hello")))
    await ana.until(lambda: ana.sessions[session_id].view["notes_updates"] != {})
    news = ana.frames[began:]
    shown = next(place for place, frame in enumerate(news) if b'"presence"' in frame and b"demo_coach" in frame)
    done = next(place for place, frame in enumerate(news) if b"notes_updates" in frame)
    assert shown < done
    await cleo.until(lambda: names(cleo.sessions[session_id]) == ["demo_agent", "demo_coach"])
    # And stays so, until they hide again.
    await cleo.join(session_id, hidden=True)
    await ana.until(lambda: names(ana.sessions[session_id]) == ["demo_agent"])
    assert await acts(house, "demo_coach") == ["watch_hidden", "watch_hidden"]


async def test_pointing_is_an_act(house: House) -> None:
    """[PR5] The driver sees by whom."""
    ana, cleo, session_id = await watched(house)
    await cleo.say_doing(EphemeralUp(session_id=session_id, doing=Doing.POINTING, target="v1/answer/refuses"))
    await ana.until(lambda: "demo_coach" in ana.sessions[session_id].doing)
    await ana.until(lambda: names(ana.sessions[session_id]) == ["demo_agent", "demo_coach"])


async def test_it_needs_the_permission_and_somebody_elses_call(house: House) -> None:
    """[PR4] Refused without; whoever has the call or the seat is always shown."""
    ana, cleo = await house.page("agent"), await house.page("coach")
    session_id = await ana.start(house.version_id)
    with pytest.raises(Refused) as refused:
        await cleo.join(session_id, hidden=True)
    assert refused.value.code is RefuseCode.NOT_ALLOWED
    assert await acts(house, "demo_coach") == []
    await permit(house, "agent", Permission.HIDDEN_WATCHING)
    again = await house.page("agent")
    await again.join(session_id, hidden=True)
    await again.until(lambda: names(again.sessions[session_id]) == ["demo_agent"])
    assert len(house.bus.leases[session_id]) == 2


async def test_who_takes_the_seat_is_shown(house: House) -> None:
    """[PR5] And is not hidden there any more."""
    await permit(house, "supervisor", Permission.HIDDEN_WATCHING)
    ana, sam = await house.page("agent"), await house.page("supervisor")
    session_id = await ana.start(house.version_id)
    await sam.join(session_id, hidden=True)
    await sam.command(session_id, TakeSeat(seat=1))
    await ana.until(lambda: names(ana.sessions[session_id]) == ["demo_agent", "demo_supervisor"])


async def test_who_loses_the_permission_watches_no_more(house: House) -> None:
    """[PR6] Nothing is shown to anybody then, either."""
    ana, cleo, session_id = await watched(house)
    await permit(house, "coach")
    await cleo.until(lambda: any(b'"refusal"' in frame for frame in cleo.frames), 2.0)
    assert b'"not_allowed"' in next(frame for frame in cleo.frames if b'"refusal"' in frame)
    await asyncio.sleep(UNSEEN_S)
    assert names(ana.sessions[session_id]) == ["demo_agent"]
    await cleo.join(session_id)
    await ana.until(lambda: names(ana.sessions[session_id]) == ["demo_agent", "demo_coach"])


async def test_who_gets_the_seat_from_elsewhere_is_shown_and_goes_on_watching(house: House) -> None:
    """[PR4] A page that hides is not thrown out because its person drives by another."""
    await permit(house, "supervisor", Permission.HIDDEN_WATCHING)
    ana, hidden, other = await house.page("agent"), await house.page("supervisor"), await house.page("supervisor")
    session_id = await ana.start(house.version_id)
    await hidden.join(session_id, hidden=True)
    await other.join(session_id)
    await other.command(session_id, TakeSeat(seat=1))
    await asyncio.sleep(JUDGED_AGAIN_S)
    assert len(house.bus.leases[session_id]) == 3, "of each page one"
    assert not any(b'"refusal"' in frame for frame in hidden.frames)
    assert names(ana.sessions[session_id]) == ["demo_agent", "demo_supervisor"]
    await hidden.command(session_id, MarkMoment(seen_visit_id="v1", label=MomentLabel.WELL_DONE))
