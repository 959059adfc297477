"""Examples in the documentation: each is tried as a reader would try it."""

import time

import pytest

from server.actions.integrations import INTEGRATIONS
from server.actions.signing import draw_signing_secret, sign
from server.documents import read_document, write_document
from server.parts import actions_of
from session_engine.guidance import session_id_of
from session_engine.workflow_graph import problems
from tests.docs.pages import examples

WORKFLOWS = [example for example in examples("yaml") if example[1].startswith("format: sidecoach.workflow/")]


@pytest.mark.parametrize("text", [text for _, text in WORKFLOWS], ids=[name for name, _ in WORKFLOWS])
def test_every_workflow_of_the_documentation_can_be_imported(text: str) -> None:
    """[WF1, WF14] Nothing blocks it, and what is written again is read as the same."""
    document = read_document(text.encode(), "example.yaml")

    assert [problem for problem in problems(document, actions_of(INTEGRATIONS)) if problem.blocks] == []
    assert read_document(write_document(document).encode(), "again.yaml") == document


def test_authors_read_whole_documents_only() -> None:
    """What is shown can be saved to a file and imported as it is."""
    shown = [name for name, _ in examples("yaml") if name.startswith("authors/")]

    assert shown == [name for name, _ in WORKFLOWS if name.startswith("authors/")]
    assert len(shown) >= 6


def test_the_page_of_problems_shows_what_an_author_is_told() -> None:
    """[WF1, WF2, WF3] The first example with a slip of the pen."""
    broken = dict(WORKFLOWS)["authors/index.md-1"].replace("to: hours", "to: hous")
    told = problems(read_document(broken.encode(), "example.yaml"), actions_of(INTEGRATIONS))

    [shown] = [text for name, text in examples("text") if name.startswith("authors/problems.md")]
    assert {f"{each.path}: {each.message} [{each.code}]" for each in told} == set(shown.splitlines())


def run_example(page: str) -> dict[str, object]:
    """What the only Python example of a page defines."""
    [text] = [text for name, text in examples("python") if name == f"{page}-1"]
    defined: dict[str, object] = {}
    exec(text, defined)
    return defined


def test_the_receiver_of_the_documentation_knows_genuine_webhooks() -> None:
    """[IN9] With one secret and with two, and neither a changed body nor an old one nor a stranger's."""
    is_genuine = run_example("integrators/webhooks.md")["is_genuine"]
    secret, other = draw_signing_secret(), draw_signing_secret()
    now_s = int(time.time())
    body = b'{"event":"credit.grant"}'
    assert callable(is_genuine)

    assert is_genuine(secret, sign([secret], "act_1", now_s, body), body)
    assert is_genuine(secret, sign([other, secret], "act_1", now_s, body), body)
    assert not is_genuine(secret, sign([other], "act_1", now_s, body), body)
    assert not is_genuine(secret, sign([secret], "act_1", now_s, body), body + b" ")
    assert not is_genuine(secret, sign([secret], "act_1", now_s - 400, body), body)
    assert not is_genuine(secret, {}, body)
    assert not is_genuine(secret, {**sign([secret], "act_1", now_s, body), "webhook-signature": "é"}, body)


def test_the_id_of_a_call_is_what_the_documentation_says() -> None:
    """[LC10] Another system can work out the Session's id by itself."""
    session_id = run_example("integrators/screen-pop.md")["session_id"]
    assert callable(session_id)

    assert session_id("call 17/ü") == session_id_of("call 17/ü")
