"""The client: one method per thing that can be done, each tried again where that is harmless."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from sidecoach_client.errors import ApiError, Unavailable, error_of
from sidecoach_client.models import (
    Done,
    FieldContent,
    Invited,
    People,
    Person,
    Problem,
    SessionFound,
    SessionOpened,
    SessionRecord,
    Sessions,
    SessionSummary,
    Team,
    Teams,
    WorkflowRecord,
    Workflows,
    WorkflowSummary,
)

Answer = TypeVar("Answer")
SessionList = Literal["live", "paused", "finished"]
Outcome = Literal["won", "not_won", "ended", "switched", "expired"]

TRY_AGAIN = {429, 503}
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0


class Sidecoach:
    """One installation, by one API token. Threads may share it.

    A request is sent again, under the same idempotency key, after 429, 503 or no answer, `tries` times in all; then
    it raises. Every other no is raised at once, as an `ApiError`.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_s: float = 10.0,
        tries: int = 4,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(
            base_url=url.rstrip("/") + "/api/v1", headers=headers, timeout=timeout_s, transport=transport
        )
        self._tries = tries
        self._sleep = sleep

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def __enter__(self) -> Sidecoach:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- Sessions ---------------------------------------------------------------------

    def start(
        self,
        workflow: str,
        owner: str,
        *,
        external_id: str | None = None,
        fields: Mapping[str, FieldContent] | None = None,
        key: str | None = None,
    ) -> SessionOpened:
        """Start a Session for an agent (id or e-mail address); the same `external_id` opens the same Session."""
        body = {"workflow": workflow, "owner": owner, "external_id": external_id, "fields": dict(fields or {})}
        return self._post("/sessions", SessionOpened, body, key)

    def get(self, session_id: str) -> SessionRecord:
        """A Session as it is now, without sensitive values."""
        return self._ask("GET", f"/sessions/{_place(session_id)}", SessionRecord)

    def find(self, external_id: str) -> SessionFound:
        """The Session of an external id."""
        return self._ask("GET", f"/external-ids/{_place(external_id)}", SessionFound)

    def list(
        self,
        which: SessionList = "live",
        *,
        q: str = "",
        owner: str = "",
        workflow: str = "",
        outcome: Outcome | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> Iterator[SessionSummary]:
        """All Sessions of a list that match, page after page."""
        asked: dict[str, Any] = {"list": which, "q": q, "owner": owner, "workflow": workflow, "outcome": outcome}
        asked |= {"from_ms": from_ms, "to_ms": to_ms}
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask("GET", "/sessions", Sessions, asked | {"cursor": cursor})
            yield from page.lines
            cursor = page.next

    def pause(
        self, session_id: str, *, reason: str | None = None, call_back_ms: int | None = None, key: str | None = None
    ) -> Done:
        """Have it wait."""
        body = {"reason": reason, "call_back_ms": call_back_ms}
        return self._post(f"/sessions/{_place(session_id)}/pause", Done, body, key)

    def resume(self, session_id: str, *, key: str | None = None) -> Done:
        """Go on with it; its owner drives."""
        return self._post(f"/sessions/{_place(session_id)}/resume", Done, None, key)

    def end(
        self, session_id: str, *, reason_key: str | None = None, reason: str | None = None, key: str | None = None
    ) -> Done:
        """Finish it early."""
        body = {"reason_key": reason_key, "reason": reason}
        return self._post(f"/sessions/{_place(session_id)}/end", Done, body, key)

    def hang_up(self, session_id: str, *, key: str | None = None) -> Done:
        """Tell everybody in it that the customer hung up; ends nothing."""
        return self._post(f"/sessions/{_place(session_id)}/hang-up", Done, None, key)

    def suggest(self, session_id: str, field: str, content: FieldContent, *, key: str | None = None) -> Done:
        """Suggest a Field's value, which the driver accepts or dismisses."""
        body = {"field": field, "content": content}
        return self._post(f"/sessions/{_place(session_id)}/suggestions", Done, body, key)

    # --- Workflows --------------------------------------------------------------------

    def workflows(self) -> tuple[WorkflowSummary, ...]:
        """Those that Sessions can be started of."""
        return self._ask("GET", "/workflows", Workflows).lines

    def version(self, version_id: str) -> WorkflowRecord:
        """A published version: its Sections, Answers, Fields and Responses."""
        return self._ask("GET", f"/versions/{_place(version_id)}", WorkflowRecord)

    # --- people -----------------------------------------------------------------------

    def people(self, *, q: str = "", state: Literal["active", "inactive", "all"] = "active") -> Iterator[Person]:
        """People by name, page after page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._ask("GET", "/people", People, {"q": q, "state": state, "cursor": cursor})
            yield from page.lines
            cursor = page.next

    def person(self, person_id: str) -> Person:
        """One of them."""
        return self._ask("GET", f"/people/{_place(person_id)}", Person)

    def teams(self) -> tuple[Team, ...]:
        """All teams, by name."""
        return self._ask("GET", "/teams", Teams).lines

    def add_person(
        self, name: str, email: str, roles: Sequence[str], *, team_ids: Sequence[str] = (), key: str | None = None
    ) -> Invited:
        """Somebody new; the answer has the link that lets them in once."""
        body = {"name": name, "email": email, "roles": [*roles], "team_ids": [*team_ids]}
        return self._post("/people", Invited, body, key)

    def change_person(
        self,
        person_id: str,
        *,
        name: str | None = None,
        email: str | None = None,
        roles: Sequence[str] | None = None,
        team_ids: Sequence[str] | None = None,
    ) -> Person:
        """What is given changes."""
        body = {"name": name, "email": email, "roles": roles and [*roles], "team_ids": team_ids}
        return self._ask("PATCH", f"/people/{_place(person_id)}", Person, body=body)

    def deactivate_person(self, person_id: str, *, key: str | None = None) -> Person:
        """Keep them out."""
        return self._post(f"/people/{_place(person_id)}/deactivate", Person, None, key)

    def activate_person(self, person_id: str, *, key: str | None = None) -> Person:
        """Let them in again."""
        return self._post(f"/people/{_place(person_id)}/activate", Person, None, key)

    # --- asking -----------------------------------------------------------------------

    def _post(self, path: str, shape: type[Answer], body: object, key: str | None) -> Answer:
        return self._ask("POST", path, shape, body=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})

    def _ask(
        self,
        method: str,
        path: str,
        shape: type[Answer],
        asked: Mapping[str, Any] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        params = {name: value for name, value in (asked or {}).items() if value not in (None, "")}
        content = None if body is None else msgspec.json.encode(body)
        json = {"Content-Type": "application/json"} if content is not None else {}
        for number in range(1, self._tries + 1):
            wait_s: float | None = None
            error: ApiError
            try:
                answer = self._http.request(
                    method, path, params=params, content=content, headers={**(headers or {}), **json}
                )
            except httpx.TransportError as failed:
                error = Unavailable(None, "no_answer", f"{method} {path}: no answer came ({type(failed).__name__})")
            else:
                if answer.is_success:
                    return msgspec.json.decode(answer.content, type=shape)
                error = _error(answer)
                if answer.status_code not in TRY_AGAIN and error.code != "key_in_use":
                    raise error
                wait_s = _seconds(answer.headers.get("retry-after"))
            if number == self._tries:
                raise error
            backoff_s = FIRST_WAIT_S * 2 ** (number - 1) * random.uniform(0.5, 1.5)
            self._sleep(min(LONGEST_WAIT_S, backoff_s if wait_s is None else wait_s))
        raise AssertionError("unreachable: the last try returns or raises")


def _error(answer: httpx.Response) -> ApiError:
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.MsgspecError:  # not Sidecoach itself, but something before it
        return error_of(answer.status_code, "unknown", f"the server answered {answer.status_code}")
    return error_of(answer.status_code, problem.code, problem.detail)


def _seconds(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() else None


def _place(text: str) -> str:
    return quote(text, safe="")
