"""The floor: a broadcast in memory, nothing checked, nothing stored.

Each connection is of the room that its path names. A message goes to everyone
in the room, padded with blanks to the size of a delta. Who comes to a path
with `?tells` only speaks to it.
"""

from __future__ import annotations

import gc
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

DELTA_BYTES = 560
"""What one of Sidecoach's deltas takes under the same load."""

rooms: defaultdict[bytes, list[WSTransport]] = defaultdict(list)


class Line(WSListener):  # type: ignore[misc]
    """One connection."""

    def __init__(self, path: bytes) -> None:
        super().__init__()
        place, _, how = path.partition(b"?")
        self._room = rooms[place]
        self._listens = how != b"tells"

    def on_ws_connected(self, transport: WSTransport) -> None:
        if self._listens:
            self._room.append(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self._listens:
            self._room.remove(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            message = frame.get_payload_as_bytes().ljust(DELTA_BYTES)
            for member in self._room:
                member.send(WSMsgType.BINARY, message)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()


def _listen(request: WSUpgradeRequest) -> Line:
    return Line(request.path)


async def _serve() -> None:
    server = await ws_create_server(_listen, "127.0.0.1", 0)
    gc.freeze()
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
