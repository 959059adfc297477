"""Short ways to a Session with Actions: a call on the acting Workflow, and what is done with it in tests."""

from __future__ import annotations

from typing import Any

from protocol.actions import ActionStatus, AttemptDetail, OutcomeKind
from protocol.base import FieldContent
from protocol.commands import (
    Complete,
    Continue,
    End,
    FinishAttempt,
    Pause,
    SelectAnswer,
    SendAction,
    SetField,
    StartAttempt,
)
from protocol.integrations import Safety, Schedule
from protocol.views import ActionView, Audience, LeafView
from session_engine.context import Actor
from session_engine.state import Action
from session_engine.workflow import Workflow
from tests.support.action_steps import PLANTED
from tests.support.scenario import ANA, Scenario
from tests.support.workflows import ACTING


class Call(Scenario):
    """Ana's call on the acting Workflow, spoken to in one word."""

    def __init__(self, workflow: Workflow = ACTING, **more: Any) -> None:
        super().__init__(workflow, **more)

    def fill(self, by: Actor = ANA, **contents: FieldContent) -> Call:
        """Enter values."""
        for key, content in contents.items():
            self.when(
                SetField(visit_id=self.state.current_visit_id, seat=self.state.seat, field_key=key, content=content),
                by=by,
            )
            self.then_accepted()
        return self

    def take(self, *answers: str) -> Call:
        """Go on along these Answers."""
        for key in answers:
            self.when(SelectAnswer(visit_id=self.state.current_visit_id, seat=self.state.seat, answer_key=key))
            self.then_accepted()
            self.when(Continue(visit_id=self.state.current_visit_id, seat=self.state.seat))
            self.then_accepted()
        return self

    def complete(self, *, anyway: bool = False, by: Actor = ANA, seen: int | None = None) -> Call:
        """Complete, or open the review."""
        state = self.state
        self.when(Complete(visit_id=state.current_visit_id, seat=state.seat, anyway=anyway, seen=seen), by=by)
        return self

    def over(self) -> Call:
        """Complete through the review, and let the time for undoing pass."""
        self.complete()
        if not self.state.is_finished:
            self.complete(anyway=True)
        self.then_accepted()
        self.now_ms += 10_000
        return self

    def action(self, key: str, number: int = 0) -> Action:
        """The Action of this template; of several, the first or the one of this number."""
        return [action for action in self.state.actions.values() if action.key == key][number]

    def id(self, key: str) -> str:
        """The last Action of this template, by id."""
        return [action.id for action in self.state.actions.values() if action.key == key][-1]

    def status(self, key: str) -> ActionStatus:
        """Where the last Action of this template is."""
        return self.state.actions[self.id(key)].status

    def send(self, key: str, *, by: Actor = ANA, again: bool = False, seen: int | None = None) -> Call:
        """Fire it."""
        self.when(SendAction(action_id=self.id(key), again=again, seen=seen), by=by)
        return self

    def start(self, key: str, safety: Safety = Safety.KEY) -> Call:
        """Claim it, as soon as it is due."""
        due_ms = self.state.actions[self.id(key)].due_ms
        self.now_ms = max(self.now_ms, due_ms or 0)
        self.when_time(StartAttempt(action_id=self.id(key), safety=safety))
        return self

    def finish(
        self,
        key: str,
        kind: OutcomeKind = OutcomeKind.SENT,
        *,
        safety: Safety = Safety.KEY,
        schedule: Schedule = Schedule.INTERACTIVE,
        retry_after_ms: int | None = None,
        jitter: float = 0.0,
        attempt: int | None = None,
        **detail: Any,
    ) -> Call:
        """Say what came of its live attempt."""
        action = self.state.actions[self.id(key)]
        self.when_time(
            FinishAttempt(
                action_id=action.id,
                attempt=attempt or len(action.attempts),
                kind=kind,
                detail=AttemptDetail(**detail),
                safety=safety,
                schedule=schedule,
                retry_after_ms=retry_after_ms,
                jitter=jitter,
            )
        )
        return self

    def attempt(self, key: str, kind: OutcomeKind = OutcomeKind.SENT, safety: Safety = Safety.KEY, **more: Any) -> Call:
        """One attempt from start to finish."""
        self.start(key, safety)
        self.then_accepted()
        self.finish(key, kind, safety=safety, **more)
        self.then_accepted()
        return self

    def shown(self, key: str, audience: Audience = Audience.OWNER) -> ActionView:
        """The last Action of this template as people see it."""
        return self.view(audience).actions[self.id(key)]

    def leaf(self, key: str, path: str, audience: Audience = Audience.OWNER) -> LeafView:
        """One of its values as people see it."""
        return next(leaf for leaf in self.shown(key, audience).leaves if leaf.path == path)


def in_a_section() -> Call:
    """With drafts, and values in all Fields; one sensitive value is planted."""
    call = Call().fill(customer="Lovelace", email="ada@example.org", amount="35", agrees=True, colour="red")
    return call.fill(pin=PLANTED).take("interested")


def in_review() -> Call:
    """At the end, before anything was fired."""
    return in_a_section().take("accepts").complete()


def just_completed() -> Call:
    """While it can still be undone."""
    return in_review().complete(anyway=True)


def on_its_way() -> Call:
    """Completed for good, with everything due."""
    call = just_completed()
    call.now_ms += 60_000
    return call


def ended() -> Call:
    """Early, with one Action on its way and most not fired."""
    call = in_a_section().send("order").attempt("order", OutcomeKind.RETRY)
    call.when(End(reason_key="other"))
    return call


def in_flight() -> Call:
    """During the call, with an attempt that did not come back yet and one that failed."""
    return in_a_section().send("greet").attempt("greet", OutcomeKind.REFUSED).send("order").start("order")


def paused() -> Call:
    """In the review."""
    call = in_review()
    call.when(Pause(visit_id=call.state.current_visit_id, seat=1))
    return call


def failing() -> Call:
    """With one that failed too often, and one that may have been sent."""
    call = in_a_section().send("greet").attempt("greet", OutcomeKind.AMBIGUOUS, Safety.NONE)
    for _ in range(4):
        call.send("order").attempt("order", OutcomeKind.REFUSED)
    return call


_EACH = (in_a_section, in_review, just_completed, on_its_way, ended, in_flight, paused, failing)
BEGINNINGS = {begin.__name__: begin for begin in _EACH}
"""Where random histories may begin, deep in a call."""
