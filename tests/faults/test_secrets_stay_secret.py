"""A sensitive value and a credential are planted, and looked for everywhere that they must not be."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from protocol.base import SessionId
from protocol.commands import (
    AcceptSuggestion,
    AskForHelp,
    Back,
    ClaimHelp,
    Command,
    Complete,
    Continue,
    CorrectField,
    DismissSuggestion,
    EditAction,
    End,
    GoTo,
    HandBack,
    LeaveReview,
    Pause,
    ReplyToWhisper,
    Resume,
    SelectAnswer,
    SendAction,
    SetField,
    StartSession,
    Suggest,
    Switch,
    TakeSeat,
    Undo,
    UseResponse,
    Whisper,
)
from protocol.conditions import ConditionOp, FieldCondition
from protocol.events import SuggestionKind
from protocol.fields import FieldDefinition, FieldType
from protocol.workflow import (
    ActionTemplate,
    ActionTiming,
    Answer,
    Response,
    ResponseKind,
    Section,
    WorkflowDocument,
)
from server.client import Page
from session_engine.refused import Refused
from tests.support.collector import Collector, collecting
from tests.support.installation import Installation, installed
from tests.support.product import Product

PIN = "planted-pin-93c1e7"
TOKEN = "planted-token-5d20aa"


def _told(key: str, timing: ActionTiming) -> ActionTemplate:
    return ActionTemplate(
        key=key,
        name=f"Tell them {key}",
        integration="webhook.post@1",
        connection="Planted",
        timing=timing,
        parameters={"event": f"told.{key}", "data": {"pin": "{{ fields.pin }}", "of": "Of {{ fields.health }}"}},
    )


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

SENSITIVE = ("pin", "health")
DEEP = WorkflowDocument(
    format="sidecoach.workflow/1",
    key="deep",
    name="Deep",
    title="{{customer}}",
    start="first",
    fields=(
        FieldDefinition(key="customer", type=FieldType.TEXT, label="Customer"),
        FieldDefinition(key="pin", type=FieldType.MASKED, label="PIN"),
        FieldDefinition(key="health", type=FieldType.LONG_TEXT, label="Health", sensitive=True),
    ),
    sections=(
        Section(
            key="first",
            name="First",
            content="You said {{health}}, and your PIN is {{pin}}.",
            fields=("customer", "pin", "health"),
            answers=(
                Answer(
                    key="on",
                    label="Goes on",
                    to="last",
                    visible_when=FieldCondition(field="health", op=ConditionOp.FILLED),
                ),
            ),
            actions=(_told("now", ActionTiming.IMMEDIATE), _told("later", ActionTiming.DELAYED)),
        ),
        Section(key="last", name="Last", content="Thank you. {{pin}}", win=True, open_to_jumps=True),
    ),
    responses=(
        Response(key="why", kind=ResponseKind.CUSTOMER_QUESTION, name="Why do you ask?", content="Of {{health}}."),
    ),
)
"""Sensitive values wherever a document can put them."""


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
        for document in (DOCUMENT, DEEP):
            file = tmp_path / f"{document.key}.json"
            file.write_bytes(msgspec.json.encode(document))
            command = [sys.executable, "-m", "server", "workflows", "import", str(file)]
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


class Secrets:
    """Distinct values, each planted in one place, so that a leak says where it came from."""

    def __init__(self) -> None:
        self.planted: list[str] = []

    def __getitem__(self, place: str) -> str:
        value = f"planted-{place}-7f3a"
        if value not in self.planted:
            self.planted.append(value)
        return value

    def in_any(self, seen: Iterable[bytes]) -> set[str]:
        """Those that are in something of what was seen, as they are or as JSON within JSON writes them."""
        return {value for value in self.planted for content in seen if value.encode() in content}


async def test_a_call_through_all_commands_tells_nobody_but_its_owner(installation: Installation) -> None:
    """[MK1, SU8, WH4, CO4, OP6] No frame and no answer of coach, supervisor, other agent or token, and no log line.

    Typed by the owner, by a driver who is not, suggested, corrected, carried over, edited into Actions, whispered.
    """
    product, secrets = Product(installation), Secrets()
    await product.prepare()
    await _connect(product)
    admin_token = await _make_token(product)
    pages = {label: await product.page(label) for label in ("agent", "agent2", "coach", "supervisor")}
    agent, coach, sam = pages["agent"], pages["coach"], pages["supervisor"]
    for page in pages.values():
        await page.follow_live()
    versions = {each["key"]: each["version_id"] for each in await _get(product, "agent", "/api/workflows")}
    session_id = await agent.start(versions["deep"])
    for page in (agent, coach, sam):
        await page.join(session_id)
    with pytest.raises(Refused):
        await pages["agent2"].join(session_id)
    owner, staff = agent.sessions[session_id], sam.sessions[session_id]

    async def do(page: Page, command: Command) -> None:
        seq = await page.command(session_id, command)
        for each in (each for each in (agent, coach, sam) if session_id in each.sessions):
            await each.until(partial(_stands_at, each, session_id, seq))

    async def fill(page: Page, place: str, *, seat: int = 1) -> None:
        visit_id = owner.head["current_visit_id"]
        for key in SENSITIVE:
            value = secrets[f"{place}-{key}"]
            await do(page, SetField(visit_id=visit_id, seat=seat, field_key=key, content=value))

    async def action_of(key: str) -> dict[str, Any]:
        return next(each for each in owner.view["actions"].values() if each["key"] == key)

    # Typed, suggested, whispered, by everybody who can.
    await do(agent, SetField(visit_id="v1", seat=1, field_key="customer", content="Lovelace"))
    await fill(agent, "typed")
    for key in ("health", "pin"):
        suggested = secrets[f"suggested-{key}"]
        await do(coach, Suggest(visit_id="v1", kind=SuggestionKind.FIELD, key=key, content=suggested))
    await do(agent, AcceptSuggestion(visit_id="v1", seat=1, suggestion_id="s1"))
    await do(agent, DismissSuggestion(visit_id="v1", seat=1, suggestion_id="s2"))
    await do(agent, AskForHelp())
    await do(sam, ClaimHelp(help_id="h1"))
    await do(coach, Whisper(text=secrets["whispered"], to_id="demo_agent"))
    await do(agent, ReplyToWhisper(whisper_id="w1", text=secrets["replied"]))
    to_sam = "whispered-past-the-owner-55d1"
    await do(coach, Whisper(text=to_sam, to_id="demo_supervisor"))

    # Actions: what is written into them instead, sent, and the answer of who may not.
    now, later = await action_of("now"), await action_of("later")
    assert {leaf["masked"] for each in staff.view["actions"].values() for leaf in each["leaves"]} == {False, True}
    leaf = next(leaf["path"] for leaf in now["leaves"] if leaf["path"].endswith("of"))
    for action, place in ((now, "edited-now"), (later, "edited-later")):
        await do(agent, EditAction(action_id=action["id"], path=leaf, text=secrets[place]))
    await do(agent, SendAction(action_id=now["id"]))
    await agent.until(lambda: _status_of(owner.view, now["id"]) not in ("held", "queued", "in_flight"), 20)

    # The way: a Response, on, back, a jump, another driver who types it himself, pause and resume.
    await do(agent, UseResponse(visit_id="v1", seat=1, response_key="why"))
    await do(agent, SelectAnswer(visit_id="v1", seat=1, answer_key="on"))
    await do(agent, Continue(visit_id="v1", seat=1))
    await do(agent, Back(visit_id="v2", seat=1, to_visit_id="v1"))
    await do(agent, GoTo(visit_id="v3", seat=1, section_key="last"))
    await do(sam, TakeSeat(seat=1))
    await fill(sam, "by-the-driver", seat=2)
    await do(sam, HandBack(seat=2))
    await do(agent, Pause(visit_id="v4", seat=3))
    await do(agent, Resume())

    # Whole views and missing deltas, for who comes late and who comes back.
    again = await product.page("coach")
    await again.join(session_id)
    await sam.leave(session_id)
    await fill(agent, "while-away", seat=3)
    sam.sessions[session_id] = staff
    await sam.join(session_id, staff.position)

    # It ends: the review, undone, completed, corrected.
    await do(agent, Complete(visit_id="v4", seat=3, anyway=True))
    await do(agent, LeaveReview(visit_id="v4", seat=3))
    await do(agent, Complete(visit_id="v4", seat=3, anyway=True))
    await do(agent, Complete(visit_id="v4", seat=3, anyway=True, seen=owner.position.seq if owner.position else 0))
    await do(agent, Undo(seat=3))
    await do(agent, Complete(visit_id="v4", seat=3, anyway=True, seen=owner.position.seq if owner.position else 0))
    for key in SENSITIVE:
        await do(agent, CorrectField(field_key=key, content=secrets[f"corrected-{key}"]))

    # A call that goes on in another Session takes them along.
    left, onward = await agent.start(versions["deep"]), "c" * 32
    await agent.join(left)
    value = secrets["carried"]
    await agent.command(left, SetField(visit_id="v1", seat=1, field_key="health", content=value))
    await agent.command(onward, StartSession(version_id=versions["deep"], switched_from=left))
    goes_on = await agent.join(onward)
    await agent.command(left, Switch(visit_id="v1", seat=1, to_session_id=onward))
    assert goes_on.view["fields"]["health"]["content"] == value
    for of_both in (left, onward):
        watched = await sam.join(of_both)
        assert watched.view["fields"]["health"]["masked"]

    answers = [
        await _ask(product, label, path)
        for label in ("coach", "supervisor", "agent2", "admin")
        for path in (
            *(f"/api/sessions?list={each}" for each in ("live", "paused", "finished")),
            *("/api/sessions/owners", "/api/sessions/transfer", "/api/attention", "/api/attention/count"),
            *("/api/floor", "/api/floor/agents", "/api/audit", "/api/audit.csv", "/api/integrations"),
            *(f"/api/sessions/{session_id}/export", f"/api/look-up?value={secrets['typed-pin']}"),
            f"/api/versions/{versions['deep']}",
        )
    ]
    answers += [await _ask_api(installation, admin_token, f"/api/v1/sessions{of}") for of in ("", f"/{session_id}")]
    assert sum(answer.status_code == 200 for answer in answers) > 20, [answer.status_code for answer in answers]
    seen = [answer.content for answer in answers]
    for page in (coach, again, sam, pages["agent2"]):
        seen += page.frames
    # Who said it, and nobody else of the staff, is sent the whisper to the owner again.
    told = {secrets["whispered"], secrets["replied"]}
    assert secrets.in_any(seen) <= told
    assert not secrets.in_any([*sam.frames, *pages["agent2"].frames, *[answer.content for answer in answers]])
    assert secrets.in_any(agent.frames) == {*secrets.planted}, "the owner is shown all of it"
    assert not any(to_sam.encode() in frame for frame in [*agent.frames, *pages["agent2"].frames])
    assert any(to_sam.encode() in frame for frame in sam.frames)

    for page in (*pages.values(), again):
        await page.close()
    assert installation.stop() == 0
    stored = [installation.output.encode()]
    stored += [path.read_bytes() for path in installation.data_dir.rglob("*") if path.is_file()]
    assert not secrets.in_any(stored)
    assert not any(to_sam.encode() in content for content in stored)


def _stands_at(page: Page, session_id: SessionId, seq: int) -> bool:
    position = page.sessions[session_id].position
    return position is not None and position.seq >= seq


def _status_of(view: dict[str, Any], action_id: str) -> str:
    status: str = view["actions"][action_id]["status"]
    return status


async def _connect(product: Product) -> None:
    """Where the Actions of the documents go."""
    made = {
        "integration": "webhook",
        "name": "Planted",
        "settings": {"url": f"{product.installation.receiver_address}/hooks/planted", "deduplicates": "yes"},
        "secrets": {"token": TOKEN},
    }
    answer = await _ask(product, "admin", "/api/connections", made)
    assert answer.status_code == 201, answer.text


async def _make_token(product: Product) -> str:
    """Of an API client that may read."""
    answer = await _ask(product, "admin", "/api/tokens", {"name": "Reader", "scopes": ["sessions:read"]})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


async def _get(product: Product, label: str, path: str) -> Any:
    return (await _ask(product, label, path)).json()


async def _ask(product: Product, label: str, path: str, body: Any = None) -> httpx.Response:
    """As this person's browser asks."""
    host = f"{label}.localhost:{product.installation.port}"
    headers = {"Cookie": await product.cookie(label), "Host": host, "Origin": f"http://{host}"}
    async with httpx.AsyncClient(base_url=product.installation.address, headers=headers, trust_env=False) as browser:
        return await (browser.get(path) if body is None else browser.post(path, json=body))


async def _ask_api(installation: Installation, token: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=installation.address, headers=headers, trust_env=False) as program:
        return await program.get(path)
