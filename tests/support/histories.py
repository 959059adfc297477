"""Random histories: people who do what they may, what they may not, and what came too late."""

from __future__ import annotations

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
from tests.support.notes import Editor
from tests.support.scenario import ANA, PEOPLE, Scenario
from tests.support.workflows import SMALL

PLANTED = "planted-9f3e"
"""A value that no watcher may ever be sent."""

KINDS = [
    *["field", "advance"] * 3,
    *["select", "back", "go_to", "secret", "notes", "pause", "resume", "take", "hand_back", "complete", "end", "start"],
    *["response", "annotate", "undo", "switch", "correct"],
]

contents: st.SearchStrategy[FieldContent] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "  ", "7", "99", "red", "green", "Lovelace", "x" * 41]),
    st.lists(st.sampled_from(["case", "cable", "hat"]), max_size=3).map(tuple),
)


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, Actor, dict[str, object]]:
    """What somebody tries; ids that depend on the state are filled in by `perform`."""
    # Mostly the people of the call, so that histories get somewhere.
    actor = draw(st.sampled_from([*[ANA] * 8, *PEOPLE]))
    kind = draw(st.sampled_from(KINDS))
    choices = {
        "answer": draw(st.integers(0, 3)),
        "visit": draw(st.integers(0, 5)),
        "field": draw(st.sampled_from([*SMALL.fields, "nonsense"])),
        "content": draw(contents),
        "stale": draw(st.integers(0, 9)) == 0,
        "absent": draw(st.booleans()),
        "recalled": draw(st.integers(0, 4)) == 0,
    }
    return kind, actor, choices


histories = st.lists(steps(), max_size=30)


def perform(call: Scenario, step: tuple[str, Actor, dict[str, object]], editor: Editor) -> Scenario:
    """Try one step on the Session as it stands; the Session in which the call goes on, mostly the same."""
    kind, actor, choices = step
    state = call.state
    visit = "v1" if choices["stale"] else state.current_visit_id
    seat = state.seat + (1 if choices["stale"] else 0)
    answers = SMALL.sections[state.current_visit.section_key].answers
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
            content: FieldContent = choices["content"]  # type: ignore[assignment]
            if SMALL.fields.get(str(choices["field"])) and str(choices["field"]) in ("pin", "health"):
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
            command = Complete(visit_id=visit, seat=seat, anyway=bool(choices["absent"]))
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
            command = StartSession(version_id="small@1")
        case _:
            command = (
                End(reason="enough")
                if choices["stale"]
                else SetField(visit_id=visit, seat=seat, field_key="customer", content="end")
            )
    call.when(command, by=actor, driver_absent=bool(choices["absent"]), version_recalled=bool(choices["recalled"]))
    return call


def _switch(call: Scenario, actor: Actor, choices: dict[str, object]) -> Scenario:
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
