"""Following sharded channels, one connection per server.

Pushes are hints: whenever a connection was away the listener hears
`PushInterrupted` and reads again what matters. A connection is pinged every
few seconds, and the silence rule of `wire.py` cuts a half-open one.

Rules: protocol/SPEC.md, ST13, ST14.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import hiredis

from server.ports import Unavailable
from server.store.address import Access, Address
from server.store.nodes import FIRST_PAUSE_S, LONGEST_PAUSE_S, PATIENCE_S, Nodes
from server.store.wire import OnPush, Wire

PING_EVERY_S = 3.0
"""With the silence rule: a dead connection is noticed within 4.5 s, before the next check of positions."""


class PushReader:
    """All channels that this process follows."""

    def __init__(self, nodes: Nodes, access: Access, on_push: OnPush, on_interrupted: Callable[[], None]) -> None:
        self._nodes = nodes
        self._access = access
        self._on_push = on_push
        self._on_interrupted = on_interrupted
        self._partition_by_channel: dict[str, int] = {}
        self._wires: dict[Address, Wire] = {}
        self._served: dict[Address, set[int]] = {}
        self._readers: dict[Address, asyncio.Task[None]] = {}
        self._connected = asyncio.Event()

    async def follow(self, partition: int, channel: str) -> None:
        """Deliver the channel's messages from when this returns.

        Raises:
            Unavailable: not confirmed in time; it is followed as soon as the server is back.
        """
        self._partition_by_channel[channel] = partition
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self._ask("SSUBSCRIBE", partition, channel):
                    await self._connected.wait()
        except TimeoutError as error:
            raise Unavailable(f"channel {channel}: no confirmation") from error

    async def leave(self, partition: int, channel: str) -> None:
        """Stop them."""
        if self._partition_by_channel.pop(channel, None) is not None:
            await self._ask("SUNSUBSCRIBE", partition, channel)

    async def close(self) -> None:
        """Stop all."""
        readers = [*self._readers.values()]
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def _ask(self, command: str, partition: int, channel: str) -> bool:
        """Whether the server of the channel confirmed; False until it can be asked."""
        address = await self._nodes.home(partition)
        if address not in self._readers:
            self._readers[address] = asyncio.create_task(self._read(address, is_successor=False))
        wire = self._wires.get(address)
        if wire is None:
            self._connected.clear()
            return False
        try:
            await wire.call(command, channel)
        except (Unavailable, hiredis.ReplyError):
            wire.cut()  # its reader connects again, by then to the server that holds the channel
            self._connected.clear()
            return False
        return True

    async def _read(self, address: Address, *, is_successor: bool) -> None:
        """Keep one server's channels followed for as long as it holds any partition."""
        pause_s, may_have_missed = FIRST_PAUSE_S, is_successor
        try:
            while True:
                try:
                    wire = await self._connect(address)
                except Unavailable:
                    wire = None
                if wire is None:
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                else:
                    self._wires[address] = wire
                    self._connected.set()
                    if may_have_missed:
                        self._on_interrupted()
                    pause_s, may_have_missed = FIRST_PAUSE_S, True
                    await self._ping_until_lost(wire)
                    del self._wires[address]
                if not await self._still_holds(address):
                    return
        finally:
            wire = self._wires.pop(address, None)
            if wire is not None:
                wire.cut()
            self._readers.pop(address, None)

    async def _connect(self, address: Address) -> Wire | None:
        """A connection that follows all channels of this server; None if it is not theirs any more."""
        wire = await Wire.open(address, self._access, on_push=self._on_push)
        try:
            served = self._served[address] = set((await self._nodes.addresses()).get(address, ()))
            channels = [channel for channel, partition in self._partition_by_channel.items() if partition in served]
            await asyncio.gather(*[wire.call("SSUBSCRIBE", channel) for channel in channels])
        except hiredis.ReplyError:
            wire.cut()
            return None
        except BaseException:
            wire.cut()
            raise
        return wire

    async def _ping_until_lost(self, wire: Wire) -> None:
        try:
            while wire.is_up:
                wire.call("PING").add_done_callback(asyncio.Future.exception)
                await asyncio.wait([wire.lost], timeout=PING_EVERY_S)
        finally:
            wire.cut()

    async def _still_holds(self, address: Address) -> bool:
        """Look where partitions are now; channels that went to another server are followed there."""
        try:
            await self._nodes.locate()
            homes = await self._nodes.addresses()
        except Unavailable:
            return True
        wanted = set(self._partition_by_channel.values())
        for home, partitions in homes.items():
            if home not in self._readers and wanted.intersection(partitions):
                self._readers[home] = asyncio.create_task(self._read(home, is_successor=True))
            elif home in self._wires and not self._served[home].issuperset(wanted.intersection(partitions)):
                self._wires[home].cut()  # connected anew, it follows what it was given
        return address in homes
