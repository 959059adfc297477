"""Simulated calls of a demo: a few people who are clearly named so work at human pace, through sockets like everybody.

That they are asked for stands in SQL, and one process at a time conducts them;
when it is killed, the next one finds their Sessions and goes on, or ends them
if it is over. Only Sessions of simulated people are touched. What they do is
`demo_script.py`.

Rules: protocol/SPEC.md, FQ8 to FQ10.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Protocol

from protocol.base import Millis, Record, SessionId
from protocol.commands import (
    Command,
    Complete,
    Continue,
    End,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    UseResponse,
)
from protocol.frames import Doing, EphemeralUp
from protocol.workflow import WorkflowVersion
from server.auth.browser import COOKIE
from server.auth.demo import SIMULATED_PEOPLE, TEAM_ID, TEAM_NAME
from server.demo_script import Break, Choose, Finish, Say, Step, Type, steps_on
from server.people_ports import SignIns
from server.ports import Catalog, Unavailable
from server.retention import Turns
from session_engine.context import Actor
from session_engine.refused import Refused

if TYPE_CHECKING:
    from server.client import Page, Replica

log = logging.getLogger(__name__)

JOB = "demo_calls"
LOOK_S = 1.0
TURN_MS = 5_000
"""Whoever dies leaves the calls to the others after this."""
FOR_MS = 10 * 60_000
BETWEEN_S = 4.0, 12.0
"""After a call, as a person takes a breath."""
RICH = 0.5
STOPPED = "The simulation was stopped"
OPEN = ("active", "reviewing", "paused")


class CallsOrder(Record, frozen=True, kw_only=True):
    """That calls are to be simulated, until when, and by which chance. It stands until all of them are ended."""

    until_ms: Millis
    seed: int


OVER = CallsOrder(until_ms=0, seed=0)


class CallsBook(Protocol):
    """Where that stands. Raises `Unavailable`."""

    async def read(self) -> CallsOrder | None:
        """What was asked for last, over or not."""

    async def write(self, order: CallsOrder) -> None:
        """Ask for it."""

    async def forget(self, now_ms: Millis) -> None:
        """Take it out if it is over: what it began is ended."""


class Crowd(Protocol):
    """Who belongs to this installation. Raises `Unavailable`."""

    async def add_team(self, team_id: str, name: str, members: Sequence[Actor]) -> None:
        """Add the team and those of its members who are not there yet; nobody who is there is changed."""


class DemoCalls:
    """One process's part in it."""

    def __init__(
        self,
        book: CallsBook,
        crowd: Crowd,
        turns: Turns,
        sign_ins: SignIns,
        catalog: Catalog,
        port: int,
        clock: Callable[[], Millis],
        pace: float = 1.0,
    ) -> None:
        """`pace` is how much longer than planned everything takes; 0 for at once."""
        self._book = book
        self._crowd = crowd
        self._turns = turns
        self._sign_ins = sign_ins
        self._catalog = catalog
        self._port = port
        self._clock = clock
        self._pace = pace
        self._is_conducting = False
        self._watch: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look whether calls are asked for."""
        self._watch = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Leave them where they are: another process goes on with them."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._is_conducting:
            with contextlib.suppress(Unavailable):
                await self._turns.put_off(JOB, 0)

    async def find_running(self) -> CallsOrder | None:
        """What is simulated now. Raises `Unavailable`."""
        order = await self._book.read()
        return order if order is not None and order.until_ms > self._clock() else None

    async def ask(self, seed: int) -> CallsOrder:
        """Have calls simulated for some minutes, from now on. Raises `Unavailable`."""
        await self._crowd.add_team(TEAM_ID, TEAM_NAME, SIMULATED_PEOPLE)
        order = CallsOrder(until_ms=self._clock() + FOR_MS, seed=seed)
        await self._book.write(order)
        return order

    async def stop(self) -> None:
        """Have them end. Raises `Unavailable`."""
        await self._book.write(OVER)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                # One that is over, too: whoever conducted it may have died before everything was ended.
                order = await self._book.read()
                if order is not None and await self._turns.take(JOB, TURN_MS):
                    self._is_conducting = True
                    await self._conduct(order)
                    await self._book.forget(self._clock())
                    self._is_conducting = False
                    await self._turns.put_off(JOB, 0)
            except Unavailable as error:
                log.info("demo_calls.waiting reason=%s", error)
            except Exception:
                log.exception("demo_calls.failed")

    async def _conduct(self, order: CallsOrder) -> None:
        stop = asyncio.Event()
        found = [await self._catalog.find_version(offer.version_id) for offer in await self._catalog.offers()]
        versions = [version for version in found if version is not None and len(version.document.sections) > 2]
        if not versions:
            return
        agents = [
            SimulatedAgent(actor, versions, Random(f"{order.seed}/{actor.id}"), stop, self._pace)
            for actor in SIMULATED_PEOPLE
        ]
        log.info("demo_calls.begun seed=%d agents=%d", order.seed, len(agents))
        async with asyncio.TaskGroup() as group:
            for agent in agents:
                group.create_task(self._let_work(agent))
            group.create_task(self._keep(order, stop))
        log.info("demo_calls.over")

    async def _keep(self, order: CallsOrder, stop: asyncio.Event) -> None:
        """Hold the turn until it is over, or somebody said stop."""
        while True:
            try:
                if await self.find_running() != order:
                    stop.set()
                    return
                await self._turns.put_off(JOB, TURN_MS)
            except Unavailable as error:
                log.info("demo_calls.waiting reason=%s", error)
            await asyncio.sleep(LOOK_S)

    async def _let_work(self, agent: SimulatedAgent) -> None:
        """Sign them in, and again as often as the line breaks."""
        # Here: only who conducts needs what speaks like a page.
        from websockets.exceptions import WebSocketException

        from server.client import Page

        while not agent.is_done:
            token = None
            try:
                token = await self._sign_ins.sign_in(agent.actor.id, "Simulation", by="demo")
                here = f"127.0.0.1:{self._port}"
                cookie = f"{COOKIE}={token}"
                async with await Page.open(f"ws://{here}/ws", cookie=cookie, origin=f"http://{here}") as page:
                    await agent.work(page)
            except (Unavailable, OSError, TimeoutError, WebSocketException, Refused) as error:
                log.info("demo_calls.again actor_id=%s reason=%s", agent.actor.id, type(error).__name__)
                await asyncio.sleep(LOOK_S)
            finally:
                if token is not None:
                    with contextlib.suppress(Unavailable):
                        await self._sign_ins.revoke(token)


class SimulatedAgent:
    """One of the people: their calls, one after the other."""

    def __init__(
        self, actor: Actor, versions: Sequence[WorkflowVersion], rng: Random, stop: asyncio.Event, pace: float
    ) -> None:
        self.actor = actor
        self.is_done = False
        self._versions = {version.id: version for version in versions}
        # Those that have Responses are few, and show most.
        self._rich = sorted(version.id for version in versions if version.document.responses)
        self._rng = rng
        self._stop = stop
        self._pace = pace

    async def work(self, page: Page) -> None:
        """Go on with what was left, then call after call; everything that is open is ended when it is over.

        Raises:
            ConnectionError, TimeoutError: the line broke.
        """
        await page.follow_live()
        await page.until(lambda: any(b'"type":"list"' in frame for frame in page.frames))
        left = [session_id for session_id, live in page.live.items() if live["owner"]["id"] == self.actor.id]
        for session_id in left:
            await page.join(session_id)
            await self._call(page, session_id)
        await self._wait(self._rng.uniform(0, 6))
        while not self._stop.is_set():
            is_rich = bool(self._rich) and self._rng.random() < RICH
            session_id = await page.start(self._rng.choice(self._rich if is_rich else sorted(self._versions)))
            await self._call(page, session_id)
            await page.leave(session_id)
            page.frames.clear()
            await self._wait(self._rng.uniform(*BETWEEN_S))
        self.is_done = True

    async def _call(self, page: Page, session_id: SessionId) -> None:
        replica = page.sessions[session_id]
        version = self._versions.get(replica.head["version_id"])
        last_visit_id = ""
        while replica.head["status"] in OPEN:
            if self._stop.is_set() or version is None:
                with contextlib.suppress(Refused):
                    await page.command(session_id, End(reason=STOPPED))
                return
            visit = replica.visit
            if replica.head["driver"]["id"] != self.actor.id or visit["id"] == last_visit_id:
                last_visit_id = ""
                await self._wait(2.0)  # somebody helps, or took it: it goes on when the seat is back
                continue
            section = next(each for each in version.document.sections if each.key == visit["section_key"])
            last_visit_id = visit["id"]
            try:
                if replica.head["status"] == "paused":
                    await page.command(session_id, Resume())
                for seconds, step in steps_on(version.document, section, self._rng):
                    await self._wait(seconds)
                    if self._stop.is_set():
                        break
                    await self._take(page, session_id, replica, step)
            except Refused as refused:
                # The Session moved on meanwhile, by somebody or by a condition: it is looked at anew.
                log.info("demo_calls.refused session_id=%s code=%s", session_id, refused.code)

    async def _take(self, page: Page, session_id: SessionId, replica: Replica, step: Step) -> None:
        async def do(command: Command) -> None:
            await page.command(session_id, command)

        visit_id, seat = replica.visit["id"], replica.head["seat"]
        match step:
            case Type():
                for content in step.contents:
                    await page.say_doing(
                        EphemeralUp(session_id=session_id, doing=Doing.TYPING, field_key=step.field_key)
                    )
                    await do(SetField(visit_id=visit_id, seat=seat, field_key=step.field_key, content=content))
                    await self._wait(self._rng.uniform(0.3, 0.9))
            case Say():
                await do(UseResponse(visit_id=visit_id, seat=seat, response_key=step.response_key))
            case Break():
                await do(Pause(visit_id=visit_id, seat=seat, reason="Looks something up"))
                await self._wait(step.seconds)
                await do(Resume())
            case Choose():
                await self._choose(page, session_id, replica, step)
            case Finish() if step.completes:
                await do(Complete(visit_id=visit_id, seat=seat, anyway=True))
            case Finish():
                await do(End(reason="All said"))

    async def _choose(self, page: Page, session_id: SessionId, replica: Replica, step: Choose) -> None:
        visit_id, seat = replica.visit["id"], replica.head["seat"]
        for answer_key in step.answer_keys:
            try:
                await page.command(session_id, SelectAnswer(visit_id=visit_id, seat=seat, answer_key=answer_key))
            except Refused:
                continue  # its condition does not hold
            await self._wait(self._rng.uniform(0.5, 2.0))
            await page.command(session_id, Continue(visit_id=visit_id, seat=seat))
            return
        await page.command(session_id, End(reason="Nowhere to go"))

    async def _wait(self, seconds: float) -> None:
        """As long as a person would take, unless it is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * self._pace):
                await self._stop.wait()
