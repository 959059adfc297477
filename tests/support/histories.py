"""Random histories: people who do what they may, what they may not, and what came too late."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from protocol.base import FieldContent
from protocol.commands import (
    AnnotatePause,
    Back,
    Command,
    Complete,
    Continue,
    CorrectField,
    EditNotes,
    End,
    GoTo,
    HandBack,
    Pause,
    Resume,
    SelectAnswer,
    SetField,
    StartSession,
    Switch,
    TakeSeat,
    Undo,
    UseResponse,
)
from session_engine.context import Actor
from session_engine.workflow import Workflow
from tests.support.action_steps import ACTION_KINDS, PLANTED, action_choices, perform_on_actions
from tests.support.notes import Editor
from tests.support.scenario import ANA, PEOPLE, Scenario
from tests.support.workflows import ACTING, SMALL

QUIET = frozenset({"time", "attempt"})
"""Steps after which nothing may have been refused, or only the second command."""

KINDS = [
    *["field", "advance"] * 3,
    *["select", "back", "go_to", "secret", "notes", "pause", "resume", "take", "hand_back", "complete", "end", "start"],
    *["response", "annotate", "undo", "switch", "correct"],
]

contents: st.SearchStrategy[FieldContent] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "  ", "7", "35", "99", "red", "green", "Lovelace", "ada@example.org", "x" * 41]),
    st.lists(st.sampled_from(["case", "cable", "hat"]), max_size=3).map(tuple),
)


Step = tuple[str, Actor, dict[str, Any]]
History = tuple[str, list[Step]]
"""In which Workflow the call begins, and what is tried then."""
WORKFLOWS = {"small": SMALL, "acting": ACTING}


@st.composite
def steps(draw: st.DrawFn, workflow: Workflow, kinds: list[str]) -> Step:
    """What somebody tries; ids that depend on the state are filled in by `perform`."""
    # Mostly the people of the call, so that histories get somewhere.
    actor = draw(st.sampled_from([*[ANA] * 8, *PEOPLE]))
    kind = draw(st.sampled_from(kinds))
    if kind in ACTION_KINDS:
        return kind, actor, draw(action_choices)
    choices = {
        "answer": draw(st.integers(0, 3)),
        "visit": draw(st.integers(0, 5)),
        "field": draw(st.sampled_from([*workflow.fields, "nonsense"])),
        "content": draw(contents),
        "stale": draw(st.integers(0, 9)) == 0,
        "absent": draw(st.booleans()),
        "recalled": draw(st.integers(0, 4)) == 0,
    }
    return kind, actor, choices


plain_histories: st.SearchStrategy[History] = st.tuples(st.just("small"), st.lists(steps(SMALL, KINDS), max_size=30))
acting_histories: st.SearchStrategy[History] = st.tuples(
    st.just("acting"), st.lists(steps(ACTING, [*KINDS, *ACTION_KINDS * 2]), max_size=40)
)
histories = st.one_of(plain_histories, acting_histories)


def perform(call: Scenario, step: Step, editor: Editor) -> Scenario:
    """Try one step on the Session as it stands; the Session in which the call goes on, mostly the same."""
    kind, actor, choices = step
    if kind in ACTION_KINDS:
        perform_on_actions(call, kind, actor, choices)
        return call
    state = call.state
    visit = "v1" if choices["stale"] else state.current_visit_id
    seat = state.seat + (1 if choices["stale"] else 0)
    answers = call.workflow.sections[state.current_visit.section_key].answers
    answer = answers[int(str(choices["answer"])) % len(answers)].key if answers else None
    command: Command
    match kind:
        case "select":
            command = SelectAnswer(visit_id=visit, seat=seat, answer_key=answer)
        case "advance":
            call.when(SelectAnswer(visit_id=visit, seat=seat, answer_key=answer), by=actor)
            command = Continue(visit_id=call.state.current_visit_id, seat=call.state.seat)
        case "back":
            command = Back(visit_id=visit, seat=seat, to_visit_id=f"v{int(str(choices['visit'])) + 1}")
        case "go_to":
            command = GoTo(
                visit_id=visit, seat=seat, section_key=["offer", "check", "won", "nowhere"][int(str(choices["answer"]))]
            )
        case "field":
            content: FieldContent = choices["content"]
            if str(choices["field"]) in ("pin", "health", "token"):
                content = PLANTED
            command = SetField(visit_id=visit, seat=seat, field_key=str(choices["field"]), content=content)
        case "secret":
            command = SetField(visit_id=visit, seat=seat, field_key="pin", content=PLANTED)
        case "correct":
            key, content = ("pin", PLANTED) if choices["absent"] else ("customer", "corrected")
            command = CorrectField(field_key=key, content=content)
        case "notes":
            command = EditNotes(update=editor.type("word "))
        case "pause":
            command = Pause(visit_id=visit, seat=seat, reason="waits")
        case "resume":
            command = Resume()
        case "take":
            command = TakeSeat(seat=seat)
        case "hand_back":
            command = HandBack(seat=seat)
        case "complete":
            command = Complete(
                visit_id=visit, seat=seat, anyway=bool(choices["absent"]), seen=state.seq - int(choices["stale"]) * 3
            )
        case "response":
            command = UseResponse(
                visit_id=visit, seat=seat, response_key=["too_dear", "how_long", "no"][len(answers) % 3]
            )
        case "annotate":
            command = AnnotatePause(reason="waits for a colleague", call_back_ms=9_000)
        case "undo":
            call.now_ms += 6_000 if choices["absent"] else 0
            command = Undo(seat=seat)
        case "switch":
            return _switch(call, actor, choices)
        case "start":
            command = StartSession(version_id=call.workflow.version.id)
        case _:
            command = (
                End(reason="enough")
                if choices["stale"]
                else SetField(visit_id=visit, seat=seat, field_key="customer", content="end")
            )
    call.when(command, by=actor, driver_absent=bool(choices["absent"]), version_recalled=bool(choices["recalled"]))
    return call


def _switch(call: Scenario, actor: Actor, choices: dict[str, Any]) -> Scenario:
    """Go on in another Session; the page may die before it ends this one, or never start the other."""
    state, recalled = call.state, bool(choices["recalled"])
    other = (
        None
        if choices["stale"]
        else call.go_on(by=actor, section_key="check" if recalled else None, version_recalled=recalled)
    )
    if other is None or not choices["absent"]:
        to_session_id = "f" * 32 if other is None else other.state.session_id
        command = Switch(visit_id=state.current_visit_id, seat=state.seat, to_session_id=to_session_id)
        call.when(command, by=actor, version_recalled=recalled, is_continued=other is not None)
    return other or call
