"""HTTP requests arrive as they were meant: Node's HTTP server and URL reader say what they understood."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from protocol.actions import OutcomeKind
from server.actions.addresses import Allow
from server.actions.egress import EgressRules
from server.actions.sender import Sender
from tests.support.node import running_script
from tests.support.orders import KEY, connection, order
from tests.support.receivers import LOOPBACK, names

Send = Callable[..., Awaitable[dict[str, Any]]]
TEXTS = [
    "a b", "a+b", "50 %", "%zz", "ü/東京 🚀", "a;b=c,d", "\"'<>{}|^`[]", "a&b=c?d#e", "@evil.test:80", "a\u00a0b",
]  # fmt: skip


@asynccontextmanager
async def sending(**settings: str) -> AsyncIterator[Send]:
    """Sends orders to Node, and tells what it understood of each."""
    async with running_script("echo.mjs") as lines:
        port = json.loads(await lines.readline())
        rules = EgressRules(allow=(Allow.parse(f"{LOOPBACK}/32:{port}"),))
        sender = Sender(rules, resolve=names(), tls=ssl.create_default_context())
        to_node = connection("http", base_url=f"http://{LOOPBACK}:{port}/api", **settings)

        async def send(**changed: Any) -> dict[str, Any]:
            observed = await sender.send(order("http.request@1", **changed), to_node)
            assert (observed.kind, observed.results) == (OutcomeKind.SENT, {"status": 201})
            understood: dict[str, Any] = json.loads(await lines.readline())
            return understood

        yield send


async def test_whatever_a_field_holds_arrives_in_its_place() -> None:
    """[IN21] In the path, in the query, in the body."""
    async with sending() as send:
        understood = [
            await send(path=f"/calls/{text}/end", query={text: text, "z": "1"}, body={text: text}) for text in TEXTS
        ]

    assert [(one["path"], one["query"], json.loads(one["body"])) for one in understood] == [
        (f"/api/calls/{text}/end".split("/"), {text: text, "z": "1"}, {text: text}) for text in TEXTS
    ]


async def test_escapes_in_a_path_arrive_as_they_were_written() -> None:
    """[IN21] Whoever writes %41 means an A, and %2F is no further step."""
    async with sending() as send:
        assert (await send(path="/%41/a%2Fb"))["path"] == ["", "api", "A", "a/b"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
async def test_method_headers_and_key_arrive(method: str) -> None:
    """[IN21] And a body where there is one, of the length that it has."""
    body = None if method == "GET" else {"b": 1, "a": ["ü", None]}
    async with sending() as send:
        understood = await send(method=method, body=body)

    headers = understood["headers"]
    assert understood["method"] == method
    assert (headers["prefer"], headers["x-own"], headers["idempotency-key"]) == ("return=minimal", "yes", KEY)
    if body is None:
        assert understood["body"] == ""
        assert "content-type" not in headers
    else:
        assert json.loads(understood["body"]) == body
        assert headers["content-type"] == "application/json"
        assert headers["content-length"] == str(len(understood["body"].encode()))


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        ({"auth": "none"}, "authorization", None),
        ({"auth": "bearer"}, "authorization", "Bearer cred-secret-2"),
        ({"auth": "basic", "username": "ana"}, "authorization", "Basic YW5hOmNyZWQtc2VjcmV0LTI="),
        ({"auth": "header", "header_name": "X-Api-Key"}, "x-api-key", "cred-secret-2"),
    ],
)
async def test_credential_arrives(settings: dict[str, str], name: str, value: str | None) -> None:
    """[IN21] Of the kind that the Connection says."""
    async with sending(**settings) as send:
        assert (await send())["headers"].get(name) == value
