"""Which server holds a partition, and asking it.

A store is one server, the primary that Sentinels name, or a cluster. Each is
asked on one connection, made when needed; moved partitions, changed primaries
and servers that come back are followed here. What is asked is in `redis.py`.

Rules: protocol/SPEC.md, ST9 to ST11.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import AskError, RedisError

from server.ports import Unavailable
from server.store.address import Address, Deployment, StoreUrl
from server.store.keys import PARTITIONS, slot_of
from server.store.wire import Argument, Wire
from server.watching import figures

PATIENCE_S = 1.5
"""How long a command is asked again while the store changes shape; then the caller hears Unavailable."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.3
"""Between attempts, doubling. A server that is away is tried at most three times a second."""

SENTINEL_S = 0.4
"""For each step with a Sentinel: one that hangs leaves time, within the patience, to ask the next."""

_NOT_NOW = ("TRYAGAIN", "CLUSTERDOWN", "LOADING", "READONLY", "MASTERDOWN", "BUSY")
"""Refusals that pass when the store has settled; nothing was done."""

_NO_ROOM = ("OOM", "MISCONF", "NOREPLICAS", "NOAUTH", "WRONGPASS", "NOPERM")
"""Refusals that only an operator ends; nothing was done."""


class Nodes:
    """The servers of a store."""

    def __init__(self, url: StoreUrl, greeting: Sequence[Sequence[Argument]] = ()) -> None:
        self._url = url
        self._greeting = greeting
        self._wires: dict[Address, Wire] = {}
        self._opening: dict[Address, asyncio.Task[Wire]] = {}
        self._silent_until: dict[Address, tuple[float, float]] = {}
        self._homes: tuple[Address, ...] = ()
        self._locating: asyncio.Task[None] | None = None

    async def home(self, partition: int) -> Address:
        """The server that holds the partition, as far as known."""
        while not self._homes:  # may be forgotten again before this goes on
            await self.locate()
        return self._homes[partition]

    async def addresses(self) -> dict[Address, list[int]]:
        """Every server with the partitions that it holds."""
        await self.home(0)
        partitions: dict[Address, list[int]] = {}
        for partition, address in enumerate(self._homes):
            partitions.setdefault(address, []).append(partition)
        return partitions

    async def call(self, partition: int, *arguments: Argument) -> Any:
        """The server's reply to a command about one partition.

        Raises:
            Unavailable: no answer within the time that callers bear.
            hiredis.ReplyError: the server does not understand the command.
        """
        if self._homes:
            wire = self._wires.get(self._homes[partition])
            if wire is not None and wire.is_up:
                try:
                    return await wire.call(*arguments)
                except hiredis.ReplyError as error:
                    return await self._call_again(partition, arguments, error)
        return await self._call_again(partition, arguments, None)

    async def locate(self) -> None:
        """Find out anew which server holds what.

        Raises:
            Unavailable: nobody who knows answers.
        """
        if self._locating is None or self._locating.done():
            self._locating = asyncio.create_task(self._locate())
            self._locating.add_done_callback(_notice)
        await asyncio.shield(self._locating)

    async def close(self) -> None:
        """Wait for replies that are due, then close."""
        under_way = [*self._opening.values(), *([self._locating] if self._locating else [])]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.gather(*[wire.finish() for wire in self._wires.values()])
        self._wires.clear()

    async def _call_again(
        self, partition: int, arguments: tuple[Argument, ...], refusal: hiredis.ReplyError | None
    ) -> Any:
        pause_s = FIRST_PAUSE_S
        asked: Address | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    if refusal is not None:
                        asked = await self._heed(refusal, pause_s)
                        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                    try:
                        wire = await self._wire(asked or await self.home(partition))
                        if asked is None:
                            return await wire.call(*arguments)
                        return (await asyncio.gather(wire.call("ASKING"), wire.call(*arguments)))[1]
                    except hiredis.ReplyError as error:
                        refusal = error
        except Unavailable:
            figures.STORE_UNAVAILABLE.inc()
            raise
        except TimeoutError as error:
            figures.STORE_UNAVAILABLE.inc()
            raise Unavailable(f"partition {partition}: {refusal or 'no answer'}") from error

    async def _heed(self, refusal: hiredis.ReplyError, pause_s: float) -> Address | None:
        """Do what a refusal says; the address is one to ask just this once."""
        words = str(refusal).split(" ")
        if words[0] in _NO_ROOM:
            raise Unavailable(str(refusal)) from refusal
        if words[0] in ("ASK", "MOVED"):
            told = AskError(" ".join(words[1:]))
            address = Address(told.host or self._homes[0].host, told.port)
            if words[0] == "ASK":
                return address
            self._homes = tuple(address if slot_of(p) == told.slot_id else home for p, home in enumerate(self._homes))
            return None
        if words[0] not in _NOT_NOW:
            raise refusal
        await asyncio.sleep(pause_s)
        await self.locate()
        return None

    async def _wire(self, address: Address) -> Wire:
        wire = self._wires.get(address)
        if wire is not None and wire.is_up:
            return wire
        until, pause_s = self._silent_until.get(address, (0.0, FIRST_PAUSE_S))
        if asyncio.get_running_loop().time() < until:
            raise Unavailable(f"{address}: was away a moment ago")
        opening = self._opening.get(address)
        if opening is None:
            opening = self._opening[address] = asyncio.create_task(self._open(address, pause_s))
            opening.add_done_callback(_notice)
        return await asyncio.shield(opening)

    async def _open(self, address: Address, pause_s: float) -> Wire:
        loop = asyncio.get_running_loop()
        try:
            wire = await Wire.open(address, self._url.access, self._greeting)
        except Unavailable:
            self._silent_until[address] = (loop.time() + pause_s, min(pause_s * 2, LONGEST_PAUSE_S))
            if self._url.deployment is not Deployment.STANDALONE:
                self._homes = ()  # whoever holds its partitions by now, the others know
            raise
        else:
            self._silent_until.pop(address, None)
            self._wires[address] = wire
            return wire
        finally:
            del self._opening[address]

    async def _locate(self) -> None:
        match self._url.deployment:
            case Deployment.STANDALONE:
                self._homes = self._url.seeds * PARTITIONS
            case Deployment.SENTINEL:
                self._homes = (await _ask_sentinels(self._url),) * PARTITIONS
            case Deployment.CLUSTER:
                self._homes = await self._ask_cluster()

    async def _ask_cluster(self) -> tuple[Address, ...]:
        problem = ""
        for seed in dict.fromkeys((*self._wires, *self._url.seeds)):
            try:
                ranges = await (await self._wire(seed)).call("CLUSTER", "SLOTS")
                return tuple(_holder(slot_of(partition), ranges, seed) for partition in range(PARTITIONS))
            except (Unavailable, hiredis.ReplyError, LookupError) as error:
                problem = f"{seed}: {error}"
        raise Unavailable(f"nobody knows where the store is; last {problem}")


def _holder(slot: int, ranges: Sequence[Sequence[Any]], teller: Address) -> Address:
    for first, last, primary, *_ in ranges:
        if first <= slot <= last:
            return Address((primary[0] or b"").decode() or teller.host, int(primary[1]))
    raise LookupError(f"nobody holds slot {slot}")


async def _ask_sentinels(url: StoreUrl) -> Address:
    options: dict[str, Any] = {
        **url.access.options,
        "db": 0,
        "ssl": url.access.tls is not None,
        "protocol": 2,
        "socket_connect_timeout": SENTINEL_S,
        "socket_timeout": SENTINEL_S,
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        async with Sentinel(url.seeds, sentinel_kwargs=options) as sentinel:  # type: ignore[no-untyped-call]
            host, port = await sentinel.discover_master(url.primary_name)
    except RedisError as error:
        raise Unavailable(f"no Sentinel names a primary: {error}") from error
    return Address(host, int(port))


def _notice(task: asyncio.Task[Any]) -> None:
    """Those who waited heard of the failure; if all of them went away, nobody needs to."""
    if not task.cancelled():
        task.exception()
