"""A receiver in a process of its own: it outlives whatever is killed around it, and counts effects."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from server.receiver.behaviour import Behaviour, Misbehaviour
from tests.support.installation import eventually

SECRET = "whsec_c2lkZWNvYWNoLXRlc3Qtc2VjcmV0LTAwMDE="


def stormy(seed: int, *, slow_s: float = 0.3) -> Behaviour:
    """8 % 503 (half with Retry-After), 5 % done and then dropped, 10 % slow; the same seed misbehaves the same."""
    return Behaviour(
        seed=seed,
        misbehaviours=(
            Misbehaviour(probability=0.1, delay_s=slow_s),
            Misbehaviour(probability=0.04, status=503),
            Misbehaviour(probability=0.0417, status=503, retry_after="1"),
            Misbehaviour(probability=0.0543, drop=True, after_effect=True),
        ),
    )


class StormReceiver:
    """`sidecoach receiver`, running."""

    def __init__(self, address: str, mail_port: int, process: subprocess.Popen[bytes]) -> None:
        self.address = address
        self.mail_port = mail_port
        self.process = process
        self._http = httpx.Client(base_url=address, trust_env=False, timeout=10)

    def hook(self, name: str) -> str:
        """Where to deliver to."""
        return f"{self.address}/hooks/{name}"

    def behave(self, behaviour: Behaviour) -> None:
        """Behave like this from now on."""
        self._http.put("/api/behaviour", content=msgspec.json.encode(behaviour)).raise_for_status()

    def effects(self) -> dict[str, Any]:
        """`by_id`, `total`, and the same of e-mails under `mail`."""
        found: dict[str, Any] = self._http.get("/api/effects").json()
        return found

    def deliveries(self) -> list[dict[str, Any]]:
        """The last thousand, oldest first."""
        found: list[dict[str, Any]] = self._http.get("/api/deliveries").json()["entries"]
        return found

    def clear(self) -> None:
        """Forget what came."""
        self._http.post("/api/clear").raise_for_status()

    def close(self) -> None:
        """Stop it."""
        self._http.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(10)


@contextmanager
def storm_receiver(output: Path, *secrets: str, draws_secret: bool = False, port: int = 0) -> Iterator[StormReceiver]:
    """One on the given port or a free one; what it says goes to this file."""
    given = () if draws_secret else secrets or (SECRET,)
    flags = [part for secret in given for part in ("--secret", secret)]
    command = [sys.executable, "-m", "server", "receiver", "--port", str(port), "--mail-port", "0", *flags]
    with output.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
    receiver = None
    try:

        def announced() -> str:
            assert process.poll() is None, output.read_text()
            text = output.read_text()
            return text if "Ctrl+C stops it." in text else ""

        lines = eventually(announced, 30).splitlines()
        address = lines[0].removeprefix("Receiver is ready: ").rstrip("/")
        mail = next(line for line in lines if "e-mail" in line)
        receiver = StormReceiver(address, int(mail.partition("port ")[2].partition(",")[0]), process)
        yield receiver
    finally:
        if receiver is not None:
            receiver.close()
        elif process.poll() is None:
            process.terminate()
            process.wait(10)
