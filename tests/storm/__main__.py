"""`make storm`: fires Actions while dispatchers and the store are killed, and counts what arrived.

Four dispatchers; receivers that answer 8 % with 503, do 5 % and drop the
answer, and are slow; every strategy. The last line says what was lost, what
was doubled, what is unknown, and what was left over.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import secrets
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from protocol.actions import ActionStatus
from protocol.base import SessionId
from protocol.commands import Command, End, StartSession
from protocol.refusals import RefuseCode
from server.embedded import EmbeddedValkey
from server.parts import Parts, build_parts
from server.ports import StoreError, Unavailable
from server.records.connections import SqlConnections
from server.settings import Settings
from session_engine.action_machine import PENDING
from session_engine.refused import Refused
from tests.storm.houses import DOCUMENT, STRATEGIES, hurry, register
from tests.support.processes import submit
from tests.support.scenario import ANA
from tests.support.storm_receiver import SECRET, StormReceiver, storm_receiver, stormy

CHECKS_IDS = {"key": True, "natural": True, "lookup": False, "none": False}
"""By strategy, whether its receiver drops a second request with the same id."""


@dataclass(frozen=True)
class Plan:
    """How much."""

    sessions: int
    dispatchers: int
    kills: int
    store_kills: int
    settle_s: float


FULL = Plan(sessions=150, dispatchers=4, kills=60, store_kills=2, settle_s=180)
QUICK = Plan(sessions=20, dispatchers=2, kills=5, store_kills=1, settle_s=60)


class Storm:
    """One run."""

    def __init__(self, plan: Plan, folder: Path, seed: int) -> None:
        self._plan = plan
        self._folder = folder
        self._random = random.Random(seed)
        self._seed = seed
        self._valkey = EmbeddedValkey(folder / "valkey", folder)
        self._settings = Settings(data_dir=str(folder), redis_url=self._valkey.url)
        self._receivers: dict[bool, StormReceiver] = {}
        self._dispatchers: list[asyncio.subprocess.Process] = []
        self._killed = asyncio.Condition()
        self.kills = self.store_kills = 0
        self.sessions: list[SessionId] = []

    async def run(self) -> str:
        """Everything; the last line."""
        with ExitStack() as stack:
            for checks_ids in (True, False):
                receiver = stack.enter_context(storm_receiver(self._folder / f"receiver-{checks_ids}.log"))
                receiver.behave(msgspec.structs.replace(stormy(self._seed), idempotent=checks_ids))
                self._receivers[checks_ids] = receiver
            await self._valkey.start()
            parts = build_parts(self._settings, modules=register(), sender=None)
            await parts.database.migrate()
            await self._connect(parts.connections)
            version = (await parts.catalog.publish(DOCUMENT)).version
            await parts.store.start(lambda push: None)
            try:
                for _ in range(self._plan.dispatchers):
                    self._dispatchers.append(await self._start_dispatcher())
                killing = [asyncio.create_task(self._kill_dispatchers()), asyncio.create_task(self._kill_store())]
                await self._fire(parts, version.id)
                await asyncio.gather(*killing)
                await self._settle(parts)
                return await self._count(parts)
            finally:
                for dispatcher in self._dispatchers:
                    if dispatcher.returncode is None:
                        dispatcher.kill()
                    await dispatcher.wait()
                await parts.submit.close()
                await parts.store.close()
                await parts.database.close()
                await self._valkey.stop()

    async def _connect(self, connections: SqlConnections) -> None:
        for strategy in STRATEGIES:
            receiver = self._receivers[CHECKS_IDS[strategy]]
            if strategy in ("key", "none"):
                says = "yes" if strategy == "key" else "no"
                settings = {"url": receiver.hook(strategy), "deduplicates": says}
                await connections.ensure("webhook", strategy, settings, {"signing_secret": SECRET})
            else:
                await connections.ensure(f"storm_{strategy}", strategy, {"url": receiver.address}, {})

    async def _start_dispatcher(self) -> asyncio.subprocess.Process:
        ports = [receiver.address.rpartition(":")[2] for receiver in self._receivers.values()]
        told = msgspec.json.encode(self._settings).decode()
        with (self._folder / "dispatchers.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.storm.dispatcher", told, *ports,
                stdout=log, stderr=log, env=dict(os.environ),
            )  # fmt: skip

    async def _kill_dispatchers(self) -> None:
        """One after the other, at any moment; a new one takes its place at once."""
        while self.kills < self._plan.kills:
            await asyncio.sleep(self._random.uniform(0.2, 0.9))
            place = self._random.randrange(len(self._dispatchers))
            self._dispatchers[place].send_signal(signal.SIGKILL)
            await self._dispatchers[place].wait()
            async with self._killed:
                self.kills += 1
                self._killed.notify_all()
            self._dispatchers[place] = await self._start_dispatcher()

    async def _kill_store(self) -> None:
        for part in range(1, self._plan.store_kills + 1):
            await self._until_killed(self._plan.kills * part // (self._plan.store_kills + 1))
            os.kill(self._valkey.pid, signal.SIGKILL)
            await self._valkey.died()
            await self._valkey.start()
            self.store_kills += 1

    async def _until_killed(self, times: int) -> None:
        async with self._killed:
            await self._killed.wait_for(lambda: self.kills >= times)

    async def _fire(self, parts: Parts, version_id: str) -> None:
        """Batches of calls that end at once, spread over the time that is killed in."""
        for at in range(self._plan.sessions):
            session_id = secrets.token_hex(16)
            client_id = secrets.token_hex(16)
            await _until_stored(parts, session_id, client_id, version_id)
            self.sessions.append(session_id)
            if at % 10 == 9:
                await self._until_killed(self._plan.kills * at // self._plan.sessions)

    async def _settle(self, parts: Parts) -> None:
        """Until nothing is pending."""
        until = time.monotonic() + self._plan.settle_s
        while time.monotonic() < until:
            statuses = [
                status for session_id in self.sessions for status in (await _statuses(parts, session_id)).values()
            ]
            if not any(status in PENDING for status in statuses):
                return
            await asyncio.sleep(1)

    async def _count(self, parts: Parts) -> str:
        effects = {checks: receiver.effects()["by_id"] for checks, receiver in self._receivers.items()}
        lost = duplicated = unknown = happened = failed = 0
        by_status: Counter[tuple[str, str]] = Counter()
        for session_id in self.sessions:
            state, _ = await parts.submit.sessions.read(session_id)
            for action in state.actions.values():
                by_status[action.key, action.status] += 1
                found = effects[CHECKS_IDS[action.key]]
                done = sum(
                    found.get(f"act_{session_id}_{action.id[1:]}_{dispatch}", 0)
                    for dispatch in range(1, action.dispatch + 1)
                )
                duplicated += max(0, done - 1)
                match action.status:
                    case ActionStatus.SENT:
                        lost += done == 0
                    case ActionStatus.UNKNOWN:
                        unknown += 1
                        happened += done > 0
                    case ActionStatus.FAILED:
                        failed += 1
                        lost += done > 0  # it says that it did not happen
                    case _:
                        lost += 1
        for (strategy, status), number in sorted(by_status.items()):
            print(f"  {strategy:<8}{status:<24}{number:>5}")
        # What is done waits for the archive, and for nothing else.
        soon_ms = await parts.store.now_ms() + self._settings.policy.archive_after_ms // 2
        left = len(await parts.store.due(soon_ms, 1_000_000))
        print(f"killed: {self.kills} dispatchers, the store {self.store_kills} times; failed for good: {failed}")
        return (
            f"storm: lost {lost}, duplicated {duplicated}, unknown {unknown} (happened {happened}), "
            f"left in due sets {left}"
        )


async def _until_stored(parts: Parts, session_id: SessionId, client_id: str, version_id: str) -> None:
    """Start and end a call, saying the same again as long as the store is away."""
    start = StartSession(version_id=version_id)
    while True:
        try:
            await parts.submit.start(session_id, start, ANA, client_id, 1)
            break
        except StoreError:
            await asyncio.sleep(0.1)
    end: Command = End(reason_key="hung_up")
    while True:
        try:
            await submit(parts.submit, session_id, end, ANA, client_id, 2)
            return
        except StoreError:
            await asyncio.sleep(0.1)
        except Refused as refused:
            if refused.code is not RefuseCode.NOT_SAVED_YET:
                raise
            await asyncio.sleep(0.1)


async def _statuses(parts: Parts, session_id: SessionId) -> dict[str, ActionStatus]:
    while True:
        try:
            state, _ = await parts.submit.sessions.read(session_id)
        except Unavailable:
            await asyncio.sleep(0.1)
            continue
        return {action.id: action.status for action in state.actions.values()}


def main() -> int:
    """The exit status: 0 if nothing was lost, doubled or left."""
    parser = argparse.ArgumentParser(prog="make storm", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="an eighth of it, as in every test run")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what is killed when, and of the answers")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    hurry()
    plan = QUICK if given.quick else FULL
    began = time.monotonic()
    print(f"seed {given.seed}: {plan.sessions * len(STRATEGIES)} Actions, {plan.dispatchers} dispatchers", flush=True)
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        line = asyncio.run(Storm(plan, Path(folder), given.seed).run())
    print(f"took {time.monotonic() - began:.0f} s")
    print(line)
    return 0 if line.startswith("storm: lost 0, duplicated 0,") and line.endswith("left in due sets 0") else 1


if __name__ == "__main__":
    sys.exit(main())
