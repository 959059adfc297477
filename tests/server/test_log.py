"""What a log line looks like, and what never gets into one."""

import logging
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from server.log import REQUEST_ID, JsonLines, TextLines, without_quotes
from server.records.database import Database
from server.records.tables import people
from tests.support.server import House


def record(words: str, *facts: object, name: str = "server.timers") -> logging.LogRecord:
    """As a log call makes it."""
    return logging.LogRecord(name, logging.WARNING, "file.py", 1, words, facts, None)


@pytest.fixture
def request_id() -> Iterator[str]:
    """An HTTP request is being answered."""
    token = REQUEST_ID.set("r-12345678")
    yield "r-12345678"
    REQUEST_ID.reset(token)


def test_a_line_for_people_names_time_process_level_event_and_facts() -> None:
    """[OP6] One line, greppable."""
    line = TextLines("w1").format(record("worker.died name=%s status=%d", "w2", -9))

    assert line[4:5] == "-"
    assert line.endswith(" w1 WARNING server.timers worker.died name=w2 status=-9")


def test_a_line_for_programs_has_the_same_facts_as_properties() -> None:
    """[OP6] Numbers stay numbers; a reason with spaces is one value."""
    line = JsonLines("w1").format(record("mirror.retry rows=%d reason=%s for=good", 3, "SQL is away"))

    facts = msgspec.json.decode(line)
    assert facts.pop("time").endswith("+00:00")
    assert facts == {
        "level": "warning",
        "process": "w1",
        "logger": "server.timers",
        "event": "mirror.retry",
        "rows": 3,
        "reason": "SQL is away",
        "for": "good",
    }


def test_what_a_library_says_is_a_message() -> None:
    """[OP6] Its words are not taken for facts."""
    line = JsonLines("w1").format(record("connect to %s failed x=%s", "h", 1, name="urllib3"))

    assert msgspec.json.decode(line)["event"] == "message"
    assert msgspec.json.decode(line)["message"] == "connect to h failed x=1"


def test_a_line_within_a_request_names_it(request_id: str) -> None:
    """[OP7] In both formats."""
    assert TextLines("w1").format(record("a.b")).endswith(f"a.b request_id={request_id}")
    assert msgspec.json.decode(JsonLines("w1").format(record("a.b")))["request_id"] == request_id


async def test_an_answer_names_its_request_and_nothing_odd_is_taken_for_an_id(house: House) -> None:
    """[OP7] A proxy's id is kept; what is none is replaced."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{house.ports[0]}", trust_env=False) as browser:
        kept = await browser.get("/healthz", headers={"X-Request-ID": "proxy-0815-4711"})
        drawn = await browser.get("/healthz", headers={"X-Request-ID": "a line\tof words"})

    assert kept.headers["x-request-id"] == "proxy-0815-4711"
    assert len(drawn.headers["x-request-id"]) == 16


async def test_what_was_sent_in_a_bad_frame_is_not_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """[OP8] The line says what was wrong and where, not the value."""
    page = await house.page("agent")

    await page.send_raw(b'{"type":"planted-word","session_id":"x"}')
    await page.until(lambda: page.close_code is not None)

    assert "connection.bad_envelope" in caplog.text
    assert "planted-word" not in caplog.text


async def test_a_database_error_does_not_repeat_what_was_stored(tmp_path: object) -> None:
    """[OP8] A statement that failed is told without its values."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    await database.migrate()
    row = {"person_id": "p", "name": "planted-name"}

    with pytest.raises(Exception, match="people") as failed:
        async with database.writing() as connection:
            await connection.execute(people.insert(), row)
    await database.close()

    assert "planted-name" not in str(failed.value)


def test_quoted_values_are_cut_from_an_error() -> None:
    """[OP8] What stands in quotes came from outside; the path did not."""
    error = ValueError("Invalid enum value '4711 Main St' - at `$.doing`")

    assert without_quotes(error) == "Invalid enum value … - at `$.doing`"
