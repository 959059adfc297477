"""`sidecoach selftest`: three people on a throw-away server, over real sockets.

Starts the installed product on an empty data directory, takes an agent, a
supervisor and a coach through a practice Session, and prints a line per step.
Nothing of an existing installation is touched.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from pycrdt import Doc, Text

from protocol.base import SessionId
from protocol.commands import (
    Back,
    Command,
    Complete,
    Continue,
    EditNotes,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    TakeSeat,
)
from protocol.refusals import RefuseCode
from server.client import Page, Replica
from session_engine.refused import Refused

WORKFLOW = "broadband_retention"
START_WITHIN_S = 30.0


def run() -> int:
    """Run every step; the exit status is 0 if none failed."""
    return asyncio.run(_run())


async def _run() -> int:
    with tempfile.TemporaryDirectory(prefix="sidecoach-selftest-") as data_dir:
        steps = Selftest(Path(data_dir))
        try:
            await steps.take_all()
        finally:
            await steps.stop()
    print(f"selftest: {steps.taken} steps, {steps.failed} failed")
    return 1 if steps.failed else 0


class Selftest:
    """The server under test, the three people, and the steps that they take."""

    def __init__(self, data_dir: Path) -> None:
        self.taken = 0
        self.failed = 0
        self._data_dir = data_dir
        self._port = 0
        self._server: asyncio.subprocess.Process | None = None
        self._pages: dict[str, Page] = {}
        self._session_id: SessionId = ""
        self._version: dict[str, Any] = {}

    async def take_all(self) -> None:
        """Every step in order; after one that failed the rest would only say the same."""
        steps: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            ("an empty data directory becomes a running server", self.start_server),
            ("agent, supervisor and coach sign in and connect", self.connect),
            ("the agent starts a practice Session", self.start_session),
            ("the supervisor watches from the start", lambda: self.watch("supervisor")),
            ("the supervisor sees the selection before Continue", self.select),
            ("Continue moves every screen", self.go_on),
            ("a Field is stored and seen; a sensitive one is masked", self.fill),
            ("the coach joins in the middle and sees the same", lambda: self.watch("coach")),
            ("two people's Notes merge", self.write_notes),
            ("the supervisor takes the seat; the agent's late input is refused", self.take_seat),
            ("the supervisor hands the seat back", self.hand_back),
            ("Back returns to the earlier visit", self.go_back),
            ("pause, then resume on another connection", self.pause_and_resume),
            ("a killed server process loses nothing that was acknowledged", self.kill_server),
            ("the Session is led to a win", self.win),
        ]
        for name, step in steps:
            started = time.perf_counter()
            self.taken += 1
            try:
                await step()
            except Exception as error:
                self.failed += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}")
                return
            print(f"ok      {name} ({(time.perf_counter() - started) * 1000:.0f} ms)")

    async def start_server(self) -> None:
        """Launch the product as an admin would."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        await self._launch()

    async def connect(self) -> None:
        """Everybody opens a page."""
        for label in ("agent", "supervisor", "coach"):
            self._pages[label] = await self._open(label)

    async def start_session(self) -> None:
        """Practice, on the shipped Workflow."""
        host = f"agent.localhost:{self._port}"
        async with self._http() as client:
            headers = {"Host": host, "Cookie": await self._cookie("agent")}
            offers = (await client.get("/api/workflows", headers=headers)).json()
            version_id = next(offer["version_id"] for offer in offers if offer["key"] == WORKFLOW)
            self._version = (await client.get(f"/api/versions/{version_id}", headers=headers)).json()
        self._session_id = await self._pages["agent"].start(version_id, training=True)

    async def watch(self, label: str) -> None:
        """Join and compare with what the agent sees."""
        replica = await self._pages[label].join(self._session_id)
        await self._level()
        _check(replica.view["visits"] == self._replica("agent").view["visits"], "the paths differ")

    async def select(self) -> None:
        """Select an Answer that leads on."""
        answer = self._section()["answers"][0]
        await self._agent(SelectAnswer(visit_id=self._visit_id, seat=self._seat, answer_key=answer["key"]))
        await self._level()
        _check(self._replica("supervisor").visit["selected"] == answer["key"], "the selection is not shown")

    async def go_on(self) -> None:
        """Continue."""
        before = self._visit_id
        await self._agent(Continue(visit_id=before, seat=self._seat))
        await self._level()
        _check(self._replica("supervisor").head["current_visit_id"] != before, "the supervisor's screen stands still")

    async def fill(self) -> None:
        """An open and a sensitive value."""
        await self._set("account_number", "AB123456")
        await self._set("security_pass", "selftest-secret")
        await self._level()
        fields = self._replica("supervisor").view["fields"]
        _check(fields["account_number"]["content"] == "AB123456", "the value is not shown")
        _check(fields["security_pass"]["masked"], "the sensitive value is not masked")
        leaked = any(b"selftest-secret" in frame for frame in self._pages["supervisor"].frames)
        _check(not leaked, "the sensitive value reached a watcher")

    async def write_notes(self) -> None:
        """Agent and coach type at once."""
        for label, words in (("agent", "said by the agent. "), ("coach", "noted by the coach. ")):
            doc: Doc[Text] = Doc()
            doc.get("notes", type=Text).insert(0, words)
            update = base64.b64encode(doc.get_update()).decode()
            await self._pages[label].command(self._session_id, EditNotes(update=update))
        await self._level()
        notes = {label: sorted(self._replica(label).view["notes_updates"]) for label in self._pages}
        _check(notes["agent"] == notes["supervisor"] == notes["coach"], "the Notes differ")

    async def take_seat(self) -> None:
        """The seat passes; what was typed before is refused, never merged."""
        stale = self._seat
        await self._pages["supervisor"].command(self._session_id, TakeSeat(seat=stale))
        late = SetField(visit_id=self._visit_id, seat=stale, field_key="account_number", content="LATE")
        refused = await self._refusal_of(late)
        _check(refused is RefuseCode.STALE_SEAT, f"the late input met {refused}")

    async def hand_back(self) -> None:
        """The agent drives again."""
        await self._pages["supervisor"].command(
            self._session_id, HandBack(seat=self._replica("supervisor").head["seat"])
        )
        await self._level()
        _check(self._replica("agent").head["driver"] == self._replica("agent").head["owner"], "the seat did not return")

    async def go_back(self) -> None:
        """To the first visit."""
        first = self._replica("agent").head["path"][0]
        await self._agent(Back(visit_id=self._visit_id, seat=self._seat, to_visit_id=first))
        _check(self._replica("agent").visit["continues"] == first, "the visit does not continue the first")

    async def pause_and_resume(self) -> None:
        """Pause here, resume there."""
        await self._agent(Pause(visit_id=self._visit_id, seat=self._seat, reason="selftest"))
        await self._pages["agent"].close()
        self._pages["agent"] = await self._open("agent")
        replica = await self._pages["agent"].join(self._session_id)
        _check(replica.head["status"] == "paused", "the pause is not shown")
        await self._agent(Resume())

    async def kill_server(self) -> None:
        """SIGKILL everything, start again, compare."""
        await self._set("account_number", "CD654321")
        position = self._replica("agent").position
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGKILL)
        await self._server.wait()
        for page in self._pages.values():
            await page.until(lambda page=page: page.close_code is not None, timeout_s=START_WITHIN_S)  # type: ignore[misc]
        await self._launch()
        await self.connect()
        for page in self._pages.values():
            await page.join(self._session_id)
        _check(self._replica("agent").position == position, "the log does not end where it did")
        seen = self._replica("supervisor").view["fields"]["account_number"]["content"]
        _check(seen == "CD654321", "the last value is not there")

    async def win(self) -> None:
        """Along the Workflow's shortest way to a Section that wins, and through the review of its Actions."""
        for answer_key in self._way_to_win():
            await self._agent(SelectAnswer(visit_id=self._visit_id, seat=self._seat, answer_key=answer_key))
            await self._agent(Continue(visit_id=self._visit_id, seat=self._seat))
        await self._agent(Complete(visit_id=self._visit_id, seat=self._seat, anyway=True))
        await self._level()
        if self._replica("agent").head["status"] == "reviewing":
            position = self._replica("agent").position
            assert position is not None
            await self._agent(Complete(visit_id=self._visit_id, seat=self._seat, anyway=True, seen=position.seq))
            await self._level()
        for label in self._pages:
            head = self._replica(label).head
            _check((head["status"], head["won"]) == ("completed", True), f"{label} sees {head['status']}")

    async def stop(self) -> None:
        """Close the pages, then the server."""
        for page in self._pages.values():
            await page.close()
        if self._server is not None and self._server.returncode is None:
            self._server.terminate()
            await self._server.wait()

    # --- what the steps share ------------------------------------------------------------

    @property
    def _visit_id(self) -> str:
        return str(self._replica("agent").head["current_visit_id"])

    @property
    def _seat(self) -> int:
        return int(self._replica("agent").head["seat"])

    def _replica(self, label: str) -> Replica:
        return self._pages[label].sessions[self._session_id]

    def _section(self) -> dict[str, Any]:
        key = self._replica("agent").visit["section_key"]
        return next(section for section in self._version["document"]["sections"] if section["key"] == key)

    def _way_to_win(self) -> list[str]:
        """Answers of a shortest way from here to a winning Section."""
        sections = {section["key"]: section for section in self._version["document"]["sections"]}
        ways: list[tuple[str, list[str]]] = [(self._section()["key"], [])]
        for key, way in ways:
            if sections[key]["win"]:
                return way
            ways.extend((answer["to"], [*way, answer["key"]]) for answer in sections[key]["answers"] if answer["to"])
        raise AssertionError("no win can be reached")

    async def _agent(self, command: Command) -> None:
        seq = await self._pages["agent"].command(self._session_id, command)
        await self._pages["agent"].until(lambda: self._seq("agent") >= seq)

    async def _refusal_of(self, command: Command) -> RefuseCode | None:
        try:
            await self._agent(command)
        except Refused as refused:
            return refused.code
        return None

    async def _set(self, key: str, content: str) -> None:
        await self._agent(SetField(visit_id=self._visit_id, seat=self._seat, field_key=key, content=content))

    def _seq(self, label: str) -> int:
        position = self._replica(label).position
        return position.seq if position is not None else 0

    async def _level(self) -> None:
        """Wait until everybody who joined stands where the first of them stands."""
        joined = [label for label in self._pages if self._session_id in self._pages[label].sessions]
        furthest = max(map(self._seq, joined))
        for label in joined:
            await self._pages[label].until(lambda label=label: self._seq(label) >= furthest)  # type: ignore[misc]

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}", trust_env=False)

    async def _cookie(self, label: str) -> str:
        host = f"{label}.localhost:{self._port}"
        async with self._http() as client:
            answer = await client.post("/api/demo/sign-in", headers={"Host": host, "Origin": f"http://{host}"})
        answer.raise_for_status()
        return str(answer.headers["set-cookie"]).partition(";")[0]

    async def _open(self, label: str) -> Page:
        origin = f"http://127.0.0.1:{self._port}"
        return await Page.open(f"ws://127.0.0.1:{self._port}/ws", cookie=await self._cookie(label), origin=origin)

    async def _launch(self) -> None:
        self._server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server",
            "serve",
            "--demo",
            "--data-dir",
            str(self._data_dir),
            "--port",
            str(self._port),
            stdout=asyncio.subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_WITHIN_S
        async with self._http() as client:
            while time.monotonic() < deadline:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                if self._server.returncode is not None:
                    raise RuntimeError(f"the server exited with {self._server.returncode}")
                await asyncio.sleep(0.05)
        raise TimeoutError(f"the server was not ready within {START_WITHIN_S:.0f} s")


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)
