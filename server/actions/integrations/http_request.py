"""Any HTTP request under a base address that an administrator chose.

Host, kind of credential and credential are the Connection's; an Action says
path, query, headers and body, and cannot leave the base address with them.

Rules: protocol/SPEC.md, IN21.
"""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote, unquote, urlencode

from protocol.integrations import (
    Integration,
    IntegrationAction,
    Parameter,
    ParameterOption,
    ParameterType,
    Safety,
    Setting,
)
from server.actions.headers import header_problem
from server.actions.integrations.answers import judge_answer
from server.actions.integrations.base import (
    BadConnection,
    BadOrder,
    Connection,
    HttpRequest,
    HttpResponse,
    Order,
    Reach,
)
from server.actions.integrations.parameters import read_parameters, write_json
from server.actions.integrations.settings import YES_NO, get_base, read_settings
from server.actions.outcomes import Outcome

METHODS = ("POST", "PUT", "PATCH", "DELETE", "GET")
REQUEST = IntegrationAction(
    id="http.request@1",
    name="Send a request",
    target="path",
    parameters=(
        Parameter(
            key="method",
            type=ParameterType.CHOICE,
            label="Method",
            required=True,
            templatable=False,
            options=tuple(ParameterOption(value=method, label=method) for method in METHODS),
        ),
        Parameter(
            key="path",
            type=ParameterType.PATH,
            label="Path",
            required=True,
            max_length=2_000,
            help="After the Connection's base URL; begins with a slash.",
        ),
        Parameter(key="query", type=ParameterType.MAP, label="Query", max_length=2_000),
        Parameter(
            key="headers",
            type=ParameterType.MAP,
            label="Headers",
            max_length=2_000,
            help="Accept, Prefer, If-Match and the like, and X-…; credentials belong to the Connection.",
        ),
        Parameter(key="body", type=ParameterType.JSON, label="Body"),
    ),
    safety=Safety.KEY,
    results=("status",),
)
DESCRIPTION = Integration(
    key="http",
    name="HTTP request",
    help="Sends a request to an API that has no Integration of its own.",
    settings=(
        Setting(key="base_url", label="Base URL", help="What every path is added to: https://crm.example.com/api."),
        Setting(
            key="auth",
            label="Credential",
            options=(
                ParameterOption(value="none", label="None"),
                ParameterOption(value="bearer", label="Bearer token"),
                ParameterOption(value="basic", label="Username and password"),
                ParameterOption(value="header", label="A header"),
            ),
            default="none",
        ),
        Setting(key="username", label="Username", required=False),
        Setting(key="header_name", label="Header", required=False, help="Such as X-Api-Key."),
        Setting(key="credential", label="Token, password or header's value", secret=True, required=False),
        Setting(
            key="deduplicates",
            label="Receiver honours Idempotency-Key",
            options=YES_NO,
            default="no",
            help="Whether it does a second request with the same key only once. If not, a request whose answer was "
            "lost is not sent again by itself.",
        ),
    ),
    actions=(REQUEST,),
)
OURS = frozenset({"authorization", "idempotency-key", "content-type", "webhook-id", "webhook-signature"})
DOTS = re.compile(r"(^|[/\\])\.{1,2}([/\\;]|$)")


def build(order: Order, connection: Connection) -> HttpRequest:
    """The credential comes last, so that no header of an Action can take its place."""
    settings = read_settings(connection, DESCRIPTION)
    parameters = read_parameters(order, REQUEST)
    url = get_base(settings) + _path(parameters["path"])
    if parameters.get("query"):
        url += "?" + urlencode(sorted(parameters["query"].items()), quote_via=quote)
    headers = _headers(parameters.get("headers", {})) | {"idempotency-key": order.key}
    body = b""
    if parameters.get("body") is not None:
        if parameters["method"] == "GET":
            raise BadOrder({"body": "expected none with GET"})
        body = write_json(parameters["body"])
        headers["content-type"] = "application/json"
    return HttpRequest(parameters["method"], url, headers | _credential(settings), body)


def classify(order: Order, response: HttpResponse) -> Outcome:
    """By its status."""
    return judge_answer(response, results={"status": response.status})


def probe(connection: Connection) -> Reach:
    """Nobody knows which request would be harmless."""
    settings = read_settings(connection, DESCRIPTION)
    _credential(settings)
    return Reach(get_base(settings))


def classify_probe(response: HttpResponse) -> Outcome:
    """By its status."""
    return judge_answer(response)


def _path(text: str) -> str:
    # Once more unquoted: %2e%2e climbs as well as two dots do, at receivers that unquote before they look.
    if not text.startswith("/") or text.startswith("//") or "\\" in text or DOTS.search(unquote(unquote(text))):
        raise BadOrder({"path": "expected a path that begins with one slash and does not climb: /calls/17"})
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe="/%:@!$&'()*+,;=~-._")


def _headers(headers: dict[str, Any]) -> dict[str, str]:
    problems = {}
    for name, value in headers.items():
        problem = header_problem(name, value)
        if name.lower() in OURS:
            problem = "expected no header that the Connection sets"
        if problem is not None:
            problems[f"headers.{name}"] = problem
    if problems:
        raise BadOrder(problems)
    return {name.lower(): value for name, value in headers.items()}


def _credential(settings: dict[str, str]) -> dict[str, str]:
    kind, credential = settings["auth"], settings["credential"]
    if kind == "none":
        return {}
    if not credential:
        raise BadConnection("Token, password or header's value is missing")
    if kind == "bearer":
        return {"authorization": f"Bearer {credential}"}
    if kind == "basic":
        pair = base64.b64encode(f"{settings['username']}:{credential}".encode()).decode()
        return {"authorization": f"Basic {pair}"}
    name = settings["header_name"].lower()
    problem = header_problem(name, credential)
    if problem is not None:
        raise BadConnection(f"Header: {problem}")
    return {name: credential}
