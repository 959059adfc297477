"""One dispatcher of the storm, in a process of its own: `python -m tests.storm.dispatcher SETTINGS PORT…`."""

from __future__ import annotations

import asyncio
import logging
import sys
from ipaddress import ip_network

import msgspec

from server.actions.addresses import Allow
from server.actions.egress import EgressRules
from server.actions.sender import Sender
from server.parts import build_parts
from server.settings import Settings
from tests.storm.houses import ATTEMPT_S, hurry, register

log = logging.getLogger(__name__)


async def _run(settings: Settings, ports: list[int]) -> None:
    rules = EgressRules(allow=tuple(Allow(ip_network("127.0.0.1/32"), port) for port in ports))
    parts = build_parts(settings, modules=register(), sender=Sender(rules, attempt_s=ATTEMPT_S))
    while True:
        try:
            await parts.start(lambda push: None)
            break
        except Exception as error:
            log.warning("dispatcher.waiting reason=%s", error)
            await asyncio.sleep(0.1)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    hurry()
    given = msgspec.json.decode(sys.argv[1], type=Settings)
    asyncio.run(_run(given, [int(port) for port in sys.argv[2:]]))
