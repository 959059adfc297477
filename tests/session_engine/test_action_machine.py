"""The table of an Action's life, and the pictures drawn from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.actions import ActionStatus, ShownStatus
from protocol.events import ActionEdited, ActionFired, ActionTriggered, AttemptFinished
from protocol.refusals import RefuseCode
from session_engine import action_machine
from session_engine.action_machine import (
    DUE,
    EDITABLE,
    FOLLOWS_FIELDS,
    PENDING,
    SHOWN,
    TABLE,
    UNFIRED,
    after,
    diagram,
    may,
    require,
)
from session_engine.refused import Refused
from session_engine.state import Action

README = Path(action_machine.__file__).with_name("README.md")


def action(status: ActionStatus) -> Action:
    return Action(id="a1", key="visit", visit_id="v1", status=status)


def test_the_readme_shows_the_table() -> None:
    """[AC17] Printed, not drawn by hand."""
    assert f"```mermaid\n{diagram()}\n```" in README.read_text()


def test_every_status_can_be_come_to_and_is_shown() -> None:
    """[AC17] Five words for people, and no status without one."""
    lines = diagram().splitlines()[1:]
    ends = {line.split("-->")[1].split(":")[0].strip() for line in lines}
    assert ends == set(ActionStatus)
    assert set(SHOWN) == set(ActionStatus)
    assert set(SHOWN.values()) == set(ShownStatus)
    assert UNFIRED.isdisjoint(PENDING)
    assert DUE < PENDING
    assert EDITABLE < FOLLOWS_FIELDS


def test_what_is_sent_stays_sent() -> None:
    """[AC6] No event leads away from there."""
    assert not any(ActionStatus.SENT in moves for moves in TABLE.values())


@pytest.mark.parametrize("status", ActionStatus)
def test_what_the_table_does_not_know_is_refused(status: ActionStatus) -> None:
    """[AC17] With the status, and what was expected."""
    for event_type, moves in TABLE.items():
        assert may(action(status), event_type) == (status in moves)
        if status in moves:
            require(action(status), event_type)
            continue
        with pytest.raises(Refused, match=f"is {status}; expected") as caught:
            require(action(status), event_type)
        assert caught.value.code is RefuseCode.ACTION_SETTLED


def test_folding_stays_where_it_is_if_the_table_does_not_say() -> None:
    """[AC17] An event that says itself where it leads, or does not fit, changes no status here."""
    assert after(action(ActionStatus.DRAFT), ActionFired) is ActionStatus.DRAFT
    assert after(action(ActionStatus.SENT), ActionEdited) is ActionStatus.SENT
    assert after(action(ActionStatus.AWAITING_APPROVAL), ActionEdited) is ActionStatus.DRAFT
    assert ActionTriggered not in TABLE
    assert TABLE[AttemptFinished] == {ActionStatus.IN_FLIGHT: None}
