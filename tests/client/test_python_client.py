"""The Python client: what its README shows works, its models are the document's, and it tries again as it says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sidecoach_client import Conflict, Invalid, NotAllowed, NotFound, RateLimited, Sidecoach, Unavailable, models

from server.http.v1.openapi import document_of
from server.http.v1.operations import OPERATIONS
from tests.support.installation import eventually
from tests.support.served import Served, served

README = Path(__file__).resolve().parents[2] / "client/python/README.md"
DONE = {"session_id": "a" * 32, "seq": 2}
LEFT_TO_OTHERS = {"list_connections", "list_audit"}
"""What no method is for: `openapi.json` tells who needs it."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as house:
        yield house


@pytest.fixture
def sidecoach(house: Served) -> Iterator[Sidecoach]:
    with Sidecoach(house.address, house.token) as sidecoach:
        yield sidecoach


class TestReal:
    def test_what_the_readme_shows_works(self, house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        """[AP19] From the first line to the last, in one go."""
        monkeypatch.setenv("SIDECOACH_URL", house.address)
        monkeypatch.setenv("SIDECOACH_TOKEN", house.token)
        shown = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
        names: dict[str, Any] = {}
        for code in shown:
            if "sidecoach.list" in code:  # lists follow the logs in a moment
                eventually(lambda: any(names["sidecoach"].list("finished")), 5)
            exec(compile(code, README.name, "exec"), names)
        assert len(shown) == 6
        assert names["record"].status == "ended"
        assert names["invited"].link.startswith("http")
        names["sidecoach"].close()

    def test_lists_go_on_to_the_last_page(self, sidecoach: Sidecoach, house: Served) -> None:
        """[AP19] And a second start finds the first one."""
        first = sidecoach.start("small", house.person_id, external_id="call-2")
        again = sidecoach.start("small", house.person_id, external_id="call-2")
        assert (first.is_new, again.is_new, first.session_id) == (True, False, again.session_id)
        assert sidecoach.find("call-2").session_id == first.session_id
        assert [person.id for person in sidecoach.people(q="ana")] == [house.person_id]
        assert sidecoach.version(house.version_id).start == "opening"

    def test_every_no_is_an_exception_of_its_kind(self, sidecoach: Sidecoach, house: Served) -> None:
        """[AP19] With the problem's code."""
        with pytest.raises(NotFound) as unknown:
            sidecoach.get("0" * 32)
        with pytest.raises(Invalid) as invalid:
            sidecoach.start("small", house.person_id, fields={"shoe_size": "44"})
        with pytest.raises(Conflict) as conflict:
            sidecoach.resume(house.session_id)
        with Sidecoach(house.address, "sc_no") as stranger, pytest.raises(NotAllowed) as refused:
            stranger.workflows()
        codes = [error.value.code for error in (unknown, invalid, conflict, refused)]
        assert codes == ["unknown_session", "unknown_field", "not_paused", "token_unknown"]


class Server:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.keys: list[str | None] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Sidecoach:
        transport = httpx.MockTransport(self)
        return Sidecoach("https://calls.example", "sc_x", transport=transport, sleep=self.waits.append)


def no(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"title": "", "status": status, "code": code, "detail": "expected something else"}
    return httpx.Response(status, json=body, headers=headers)


class TestTryingAgain:
    def test_is_under_the_same_key(self) -> None:
        """[AP19] After 429, 503, no answer, and while the first try is under way; for as long as it is told."""
        server = Server(
            no(429, "rate_limited", **{"Retry-After": "3"}),
            httpx.ReadError("cut"),
            no(409, "key_in_use", **{"Retry-After": "1"}),
            httpx.Response(200, json=DONE),
        )
        assert server.client().pause("a" * 32).seq == 2
        assert len(set(server.keys)) == 1
        assert None not in server.keys
        assert (server.waits[0], server.waits[2]) == (3, 1)
        assert 0.5 <= server.waits[1] <= 1.5

    def test_ends(self) -> None:
        """[AP19] After four times, with what was last said."""
        away = Server(*(httpx.ConnectError("refused") for _ in range(4)))
        with pytest.raises(Unavailable) as error:
            away.client().get("a" * 32)
        assert (error.value.status, len(away.waits)) == (None, 3)
        busy = Server(*(no(429, "rate_limited") for _ in range(4)))
        with pytest.raises(RateLimited):
            busy.client().get("a" * 32)

    def test_is_not_done_where_it_helps_nobody(self) -> None:
        """[AP19] Every other no is told at once; of what is no problem at all, the status."""
        server = Server(no(409, "finished"), httpx.Response(502, text="<html>"))
        with pytest.raises(Conflict):
            server.client().resume("a" * 32, key="mine")
        assert server.keys == ["mine"]
        with pytest.raises(Exception, match="502"):
            server.client().get("a" * 32)


def plain(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Names and kinds of a schema, without words, limits and which texts there are."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        whole = schemas[name]
        return "string" if "enum" in whole else name
    if "enum" in schema:
        return "string"
    if "anyOf" in schema:
        return sorted((plain(each, schemas) for each in schema["anyOf"]), key=repr)
    if schema["type"] == "array":
        return ["array", plain(schema["items"], schemas)]
    if "properties" in schema:
        parts = {name: plain(each, schemas) for name, each in schema["properties"].items()}
        return parts, sorted(schema["required"])
    return schema["type"]


class TestModels:
    def test_are_those_of_the_document(self) -> None:
        """[AP19] Every answer that a method gives, property by property."""
        shapes = [
            each for each in vars(models).values() if isinstance(each, type) and each.__module__ == models.__name__
        ]
        _, mine = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
        theirs = document_of(OPERATIONS)["components"]["schemas"]
        assert {name: plain(each, mine) for name, each in mine.items()} == {
            name: plain(theirs[name], theirs) for name in mine
        }
        answers = {
            shape.__name__
            for operation in OPERATIONS
            if operation.name not in LEFT_TO_OTHERS
            for shape in operation.answers.values()
        }
        assert answers <= mine.keys()
