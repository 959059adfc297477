"""A sensitive value and a credential are planted, and looked for everywhere that they must not be."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from protocol.commands import End, SetField
from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import ActionTemplate, Section, WorkflowDocument
from tests.support.collector import Collector, collecting
from tests.support.installation import Installation, installed
from tests.support.product import Product

PIN = "planted-pin-93c1e7"
TOKEN = "planted-token-5d20aa"

DOCUMENT = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="planted",
    name="Planted",
    start="only",
    fields=(FieldDefinition(key="pin", type=FieldType.MASKED, label="PIN"),),
    sections=(
        Section(
            key="only",
            name="Only",
            fields=("pin",),
            actions=(
                ActionTemplate(
                    key="told",
                    name="Tell them",
                    integration="webhook.post@1",
                    connection="Planted",
                    parameters={"event": "pin.told", "data": {"pin": "{{ fields.pin }}"}},
                    fires_on_any_end=True,
                ),
            ),
        ),
    ),
)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Where traces go."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
        yield collector


@pytest.fixture
def installation(tmp_path: Path, collector: Collector) -> Iterator[Installation]:
    """A demo whose Workflow sends the PIN where it is wanted, watched in every way that there is."""
    flags = ("--demo", "--metrics-port", "0", "--log-format", "json")
    with installed(tmp_path / "data", *flags) as installation:
        document = tmp_path / "planted.json"
        document.write_bytes(msgspec.json.encode(DOCUMENT))
        command = [sys.executable, "-m", "server", "workflows", "import", str(document)]
        command += ["--data-dir", str(installation.data_dir)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        yield installation.start()


async def test_nobody_finds_what_is_for_the_owner_or_for_the_other_side_alone(
    installation: Installation, collector: Collector
) -> None:
    """[DI10, MK1, OP6, OP8] The receiver gets the PIN; no log, figure, trace, file, frame or list has it."""
    product = Product(installation)
    await product.prepare()
    admin, host = await product.cookie("admin"), f"admin.localhost:{installation.port}"
    headers = {"Cookie": admin, "Host": host, "Origin": f"http://{host}"}
    made = {
        "integration": "webhook",
        "name": "Planted",
        "settings": {"url": f"{installation.receiver_address}/hooks/planted", "deduplicates": "yes"},
        "secrets": {"token": TOKEN},
    }
    async with httpx.AsyncClient(base_url=installation.address, headers=headers, trust_env=False) as browser:
        answer = await browser.post("/api/connections", json=made)
        assert answer.status_code == 201, answer.text
        seen = [answer.content, (await browser.get("/api/integrations")).content]

        agent, supervisor = await product.page("agent"), await product.page("supervisor")
        offers = (await browser.get("/api/workflows")).json()
        session_id = await agent.start(next(offer["version_id"] for offer in offers if offer["key"] == "planted"))
        owner, staff = await agent.join(session_id), await supervisor.join(session_id)
        await agent.command(session_id, SetField(visit_id="v1", seat=1, field_key="pin", content=PIN))
        await agent.command(session_id, End(reason_key="hung_up"))
        await agent.until(lambda: _status(owner.view) not in ("held", "queued", "in_flight"), 20)
        await supervisor.until(lambda: _status(staff.view) == _status(owner.view), 20)

        connection_id = answer.json()["connection"]["id"] if "connection" in answer.json() else answer.json()["id"]
        seen.append((await browser.get(f"/api/connections/{connection_id}/deliveries")).content)
        seen.append((await browser.get("/api/attention")).content)

        # The receiver does not know the Connection's own signing secret: what it got, it shows, and refuses.
        got = (await browser.get(f"{installation.receiver_address}/api/deliveries")).text
        metrics_port = installation.facts("ready")["metrics_port"]
        seen.append((await browser.get(f"http://127.0.0.1:{metrics_port}/metrics")).content)
    assert PIN in got, "the other side is told, since its Action names the Field"
    assert PIN in msgspec.json.encode(owner.view["actions"]).decode(), "and so is the owner"

    seen += supervisor.frames
    seen.append(installation.output.encode())
    entries = await product.log(session_id)
    assert any(PIN in str(entry) for entry in entries), "the log does hold it, sealed"
    await agent.close()
    await supervisor.close()
    assert installation.stop() == 0
    seen += [path.read_bytes() for path in installation.data_dir.rglob("*") if path.is_file()]
    assert len(seen) > 10
    assert all(line.startswith("{") for line in installation.output.splitlines()), "one format for all lines"
    assert {"command", "commit", "fan-out", "attempt"} <= {span.name for span in collector.spans()}
    seen += collector.bodies
    for planted in (PIN, TOKEN):
        assert not [place for place, content in enumerate(seen) if planted.encode() in content], planted
    assert TOKEN.encode() not in b"".join(agent.frames)


def _status(view: dict[str, dict[str, dict[str, str]]]) -> str:
    return view["actions"]["a1"]["status"]
