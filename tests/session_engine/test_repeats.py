"""A command that comes again."""

from __future__ import annotations

import pytest

from protocol.commands import SetField
from protocol.refusals import RefuseCode
from session_engine.refused import Refused
from session_engine.repeats import MAX_CLIENTS, REMEMBERED, find_repeat, remember
from tests.support.scenario import ANA, SAM, Scenario, client_of


def typed(call: Scenario, times: int) -> None:
    """Ana enters so many values, each a command of its own."""
    for number in range(times):
        call.when(SetField(visit_id="v1", seat=1, field_key="customer", content=f"name {number}"))


def test_an_accepted_command_is_answered_with_its_entry(call: Scenario) -> None:
    """[CM5] The same client id and csn is a repeat and changes nothing."""
    typed(call, 3)
    accepted = call.entries[2]
    assert accepted.csn is not None
    assert find_repeat(call.state, ANA.id, client_of(ANA), accepted.csn) == accepted.seq


def test_a_command_after_the_last_is_new(call: Scenario) -> None:
    """[CM5] A higher csn, and a client that was never heard, are news."""
    typed(call, 1)
    assert find_repeat(call.state, ANA.id, client_of(ANA), 1_000) is None
    assert find_repeat(call.state, SAM.id, client_of(SAM), 1) is None


def test_a_command_that_was_passed_over_is_refused(call: Scenario) -> None:
    """[CM6] A csn below the last that was not accepted can never be: order is kept per client."""
    typed(call, REMEMBERED + 2)
    first = call.entries[0].csn
    assert first is not None
    with pytest.raises(Refused) as refused:
        find_repeat(call.state, ANA.id, client_of(ANA), first)
    assert refused.value.code is RefuseCode.REFUSED_BEFORE


def test_nobody_speaks_for_another_persons_client(call: Scenario) -> None:
    """[CM7] A client id belongs to who used it first."""
    typed(call, 1)
    with pytest.raises(Refused) as refused:
        find_repeat(call.state, SAM.id, client_of(ANA), 9)
    assert refused.value.code is RefuseCode.NOT_ALLOWED


def test_what_is_remembered_is_bounded(call: Scenario) -> None:
    """[CM5] The oldest clients and commands are forgotten."""
    from msgspec.structs import replace

    state = call.state
    for number in range(MAX_CLIENTS + 5):
        state = remember(state, replace(call.entries[0], client_id=f"{number:032x}", csn=1))
    assert len(state.clients) == MAX_CLIENTS
    assert f"{MAX_CLIENTS + 4:032x}" in state.clients
    system = replace(call.entries[0], client_id=None, csn=None)
    assert remember(state, system) is state
