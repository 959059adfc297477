"""Short ways to a Session with Actions: a call on the acting Workflow, and what is done with it in tests."""

from __future__ import annotations

from typing import Any

from protocol.actions import ActionStatus, AttemptDetail, OutcomeKind
from protocol.base import FieldContent
from protocol.commands import Complete, Continue, FinishAttempt, SelectAnswer, SendAction, SetField, StartAttempt
from protocol.integrations import Safety, Schedule
from protocol.views import ActionView, Audience, LeafView
from session_engine.context import Actor
from session_engine.state import Action
from session_engine.workflow import Workflow
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
