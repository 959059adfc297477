"""Random histories: people who do what they may, what they may not, and what came too late."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
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
from tests.support.acting import BEGINNINGS
from tests.support.action_steps import ACTION_CHOICES, ACTION_KINDS, PLANTED, perform_on_actions
from tests.support.notes import Editor
from tests.support.outside_steps import OUTSIDE_CHOICES, OUTSIDE_KINDS, perform_from_outside
from tests.support.scenario import ANA, BEN, PEOPLE, Scenario
from tests.support.workflows import ACTING, SMALL

QUIET = frozenset({"time", "attempt"})
"""Steps after which nothing may have been refused, or only the second command."""

KINDS = [
    *["field", "advance"] * 3,
    *["select", "back", "go_to", "secret", "notes", "pause", "resume", "take", "hand_back", "complete", "end", "start"],
    *["response", "annotate", "undo", "switch", "correct"],
    *OUTSIDE_KINDS,
]

DEEP_KINDS = [
    *["field", "advance", "back", "complete"] * 2,
    *["select", "go_to", "secret", "notes", "pause", "resume", "resume", "take", "hand_back", "end", "start"],
    *["response", "annotate", "undo", "undo", "switch", "correct", "leave_review"],
]
"""The same where a call is deep: little that ends it."""

CONTENTS: Sequence[FieldContent] = (
    *[None, True, False, "", "  ", "7", "35", "99", "red", "green", "Lovelace", "ada@example.org", "x" * 41],
    *[(), ("case",), ("cable", "hat"), ("case", "cable")],
)
CHOICES: dict[str, Sequence[Any]] = {
    "answer": range(4),
    "visit": range(6),
    "content": CONTENTS,
    "stale": (*[False] * 9, True),
    "absent": (True, False),
    "recalled": (*[False] * 4, True),
}
# Mostly the people of the call, so that histories get somewhere.
ACTORS = (*[ANA] * 16, *PEOPLE)

Step = tuple[str, Actor, dict[str, Any]]
History = tuple[str, list[Step]]
"""How the call begins, and what is tried then."""


def begin(name: str) -> Scenario:
    """A call that just started on this Workflow, or one that is somewhere already."""
    return BEGINNINGS[name]() if name in BEGINNINGS else Scenario({"small": SMALL, "acting": ACTING}[name])


def choices_of(kind: str, workflow: Workflow) -> dict[str, Sequence[Any]]:
    """From what each detail of such a step is chosen; ids that depend on the state are filled in by `perform`."""
    if kind in OUTSIDE_KINDS:
        return OUTSIDE_CHOICES
    return ACTION_CHOICES if kind in ACTION_KINDS else {**CHOICES, "field": [*workflow.fields, "nonsense"]}


@st.composite
def steps(draw: st.DrawFn, workflow: Workflow, kinds: list[str]) -> Step:
    """What somebody tries."""
    actor, kind = draw(st.sampled_from(ACTORS)), draw(st.sampled_from(kinds))
    details = {name: st.sampled_from(values) for name, values in choices_of(kind, workflow).items()}
    return kind, actor, draw(st.fixed_dictionaries(details))


def history_of(random: Random, name: str, length: int) -> History:
    """The same without a search for the simplest: every step as likely as any other."""
    tried = []
    for _ in range(length):
        actor, kind = random.choice(ACTORS), random.choice(ACTING_KINDS)
        tried.append((kind, actor, {key: random.choice(each) for key, each in choices_of(kind, ACTING).items()}))
    return name, tried


ACTING_BEGINNINGS = ("acting", *BEGINNINGS)
ACTING_KINDS = [*OUTSIDE_KINDS, *DEEP_KINDS * 3, *ACTION_KINDS * 6]
plain_histories: st.SearchStrategy[History] = st.tuples(st.just("small"), st.lists(steps(SMALL, KINDS), max_size=30))
long_histories: st.SearchStrategy[History] = st.builds(
    history_of, st.integers(0, 2**32).map(Random), st.sampled_from(ACTING_BEGINNINGS), st.integers(25, 40)
)
short_histories: st.SearchStrategy[History] = st.tuples(
    st.sampled_from(ACTING_BEGINNINGS), st.lists(steps(ACTING, ACTING_KINDS), max_size=20)
)
acting_histories = st.one_of(long_histories, short_histories)
"""Long ones that go far, and short ones that can be made shorter."""
histories = st.one_of(plain_histories, acting_histories)


def perform(call: Scenario, step: Step, editor: Editor) -> Scenario:
    """Try one step on the Session as it stands; the Session in which the call goes on, mostly the same."""
    kind, actor, choices = step
    if kind in ACTION_KINDS:
        perform_on_actions(call, kind, actor, choices)
        return call
    if kind in OUTSIDE_KINDS:
        perform_from_outside(call, kind, actor, choices)
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
            earlier = state.path[:-1] if not choices["stale"] and len(state.path) > 1 else ("v1", "v2", "v3")
            to_visit_id = earlier[int(str(choices["visit"])) % len(earlier)]
            command = Back(visit_id=visit, seat=seat, to_visit_id=to_visit_id)
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
            command, actor = Resume(), BEN if choices["stale"] else actor
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
