"""The OpenAPI 3.1 document of the API, made of the table of operations and the structs that it names.

Rules: protocol/SPEC.md, AP8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from protocol.api import Problem, ProblemCode
from protocol.api_tokens import Scope
from server.http.v1.operation import PROBLEMS, Operation, problems_of

JSON, PROBLEM_JSON = "application/json", "application/problem+json"
REF = "#/components/schemas/{name}"

SCOPES: dict[Scope, str] = {
    Scope.WORKFLOWS_READ: "Read published Workflows.",
    Scope.SESSIONS_READ: "Read Sessions of the token's teams, without sensitive values.",
    Scope.SESSIONS_START: "Start Sessions for agents of the token's teams.",
    Scope.SESSIONS_CONTROL: "Pause, resume and end them, report a hang-up, suggest what to say or enter.",
    Scope.PEOPLE_READ: "Read people and teams.",
    Scope.PEOPLE_WRITE: "Add, change and deactivate people; administrators excepted.",
    Scope.CONNECTIONS_READ: "Read whether Connections work.",
    Scope.AUDIT_READ: "Read the audit log.",
}

GROUPS = {"versions": "workflows", "external-ids": "sessions", "teams": "people"}
"""Collections that are told of with another."""

ABOUT = """\
What other systems do with Sidecoach: start Sessions for agents, follow and end them, provision people.

**Who asks.** Every request carries `Authorization: Bearer sc_…`, a token that an administrator makes on the page \
*API*, with the scopes that it needs and the teams that it is for. A revoked token is dead within two seconds.

**Asking again.** A POST with an `Idempotency-Key` (at most 255 visible characters, drawn anew for each thing that you \
want done) has its effect once, however often it is sent. Send it again, with the same key, after 429, 503, or when no \
answer came.

**How often.** Each token may send 10 requests a second, and 100 at once, to each server process. Then 429 says by \
`Retry-After` how many seconds to wait.

**Lists** come in pages: ask again with `cursor` set to what the page gave as `next`, until that is null.

**Problems** are `application/problem+json` (RFC 9457); `code` is stable and for programs, `detail` is for people.

**Moments** are milliseconds since 1970-01-01T00:00Z.
"""


def document_of(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole document, in the types of JSON."""
    shapes: list[Any] = [Problem]
    for operation in operations:
        shapes += [shape for shape in (operation.asked, operation.body) if shape is not None]
        shapes += [shape for shape in operation.answers.values() if shape is not None]
        shapes += [shape for shape, _ in operation.places.values()]
    schemas, components = msgspec.json.schema_components(shapes, ref_template=REF)
    schema_of = {_name(shape): schema for shape, schema in zip(shapes, schemas, strict=True)}
    queries = {operation.asked.__name__ for operation in operations if operation.asked is not None}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schema_of, components)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Sidecoach", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "sc_…",
                    "description": "\n".join(f"- `{scope}`: {text}" for scope, text in SCOPES.items()),
                }
            },
        },
    }
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return told


def _operation(operation: Operation, schema_of: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _inline(schema_of[_name(shape)], components)}
        for name, (shape, _) in operation.places.items()
    ]
    if operation.asked is not None:
        parameters += _query(components[operation.asked.__name__], components)
    if operation.method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "Makes repeats of this request harmless.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
            }
        )
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [_group(operation)],
        "summary": operation.summary,
        "description": f"Asks for the scope `{operation.scope}`.",
        "security": [{"token": [operation.scope.value]}],
        "parameters": parameters,
        "responses": {**_answers(operation, schema_of), **_problems(operation)},
    }
    if operation.body is not None:
        content = {JSON: {"schema": schema_of[_name(operation.body)]}}
        described["requestBody"] = {"required": operation.needs_body, "content": content}
    return described


def _query(schema: Mapping[str, Any], components: Mapping[str, Any]) -> list[dict[str, Any]]:
    parameters = []
    for name, each in schema["properties"].items():
        shape = {key: value for key, value in each.items() if key not in ("description", "default")}
        options = [option for option in shape.get("anyOf", ()) if option != {"type": "null"}]
        shape = _inline(options[0] if len(options) == 1 else shape, components)
        described = each.get("description") or shape.pop("description", "")
        if each.get("default") not in (None, ""):
            shape["default"] = each["default"]
        parameters.append({"name": name, "in": "query", "required": False, "description": described, "schema": shape})
    return parameters


def _inline(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """What a reference leads to, for parameters, which are plain values."""
    if "$ref" in schema:
        return {key: value for key, value in components[schema["$ref"].rpartition("/")[2]].items() if key != "title"}
    return dict(schema)


def _answers(operation: Operation, schema_of: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(status.value): {
            "description": status.phrase,
            "content": {JSON: {"schema": schema_of[_name(shape)]}},
        }
        for status, shape in operation.answers.items()
    }


def _problems(operation: Operation) -> dict[str, Any]:
    by_status: dict[HTTPStatus, list[ProblemCode]] = {}
    for code in problems_of(operation):
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    answers: dict[str, Any] = {}
    for status, codes in sorted(by_status.items()):
        answer: dict[str, Any] = {
            "description": "\n".join(f"- `{code}`: {PROBLEMS[code][1]}" for code in codes),
            "content": {
                PROBLEM_JSON: {
                    "schema": {
                        "allOf": [
                            {"$ref": REF.format(name="Problem")},
                            {"properties": {"code": {"enum": [code.value for code in codes]}}},
                        ]
                    }
                }
            },
        }
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            schema = {"type": "integer", "minimum": 0}
            answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": schema}}
        answers[str(status.value)] = answer
    return answers


def _group(operation: Operation) -> str:
    """What it is about."""
    collection = operation.path.split("/")[3]
    return GROUPS.get(collection, collection)


def _name(shape: Any) -> str:
    """What tells shapes apart: the name of a struct, or a plain type as it is written."""
    return shape.__name__ if isinstance(shape, type) else repr(shape)
