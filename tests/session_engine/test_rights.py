"""Who may: the table, and that every command keeps to it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.actions import OutcomeKind
from protocol.commands import (
    AcceptSeat,
    AcceptSuggestion,
    AcceptTransfer,
    AnnotatePause,
    ApproveAction,
    AskForHelp,
    Back,
    CancelAction,
    CancelHelp,
    ClaimHelp,
    Command,
    Complete,
    CompleteTransfer,
    Continue,
    CorrectAction,
    CorrectField,
    DeclineSeat,
    DeclineTransfer,
    DismissSuggestion,
    EditAction,
    EditNotes,
    End,
    ExplainTake,
    GoTo,
    GrantSeat,
    HandBack,
    LeaveReview,
    LockAction,
    LookUpAction,
    MarkAction,
    MarkMoment,
    MuteSuggestions,
    OfferSeat,
    Pause,
    ReadWhisper,
    Reassign,
    RemoveAction,
    ReplyToWhisper,
    ReportHangUp,
    RequestSeat,
    Resume,
    SelectAnswer,
    SendAction,
    SetField,
    ShareScreen,
    Suggest,
    Switch,
    TakeSeat,
    Transfer,
    Undo,
    UnlockAction,
    UseResponse,
    Whisper,
    WithdrawSeat,
    WithdrawSuggestion,
    WithdrawTransfer,
)
from protocol.events import MomentLabel, SuggestionKind
from protocol.integrations import Safety
from protocol.refusals import RefuseCode
from session_engine.context import Actor, Permission
from session_engine.decide import DECIDERS
from session_engine.rights import RIGHTS, Participant, may_hide, may_stay, must_be_seen, participants
from session_engine.snapshot import encode_snapshot
from tests.session_engine.test_guidance import answer
from tests.support.acting import Call
from tests.support.notes import typing
from tests.support.scenario import ADA, ANA, BEN, CLEO, MIA, PEOPLE, SAM, ZOE, Scenario

EVERYBODY = tuple(person.party for person in (ANA, CLEO, SAM, MIA))
"""Who has the call open."""


def situation(command_type: type[Command], driver: Actor) -> tuple[Scenario, Command]:
    """A call that this person drives, at a point where such a command makes sense, and the command."""
    if command_type in ACTION_COMMANDS:
        return action_situation(command_type, driver)
    call = Scenario()
    answer(call, "refuses" if command_type in (Complete, Undo) else "interested")
    visit, seat = call.state.current_visit_id, 1
    if command_type is Continue:
        call.when(SelectAnswer(visit_id=visit, seat=seat, answer_key="accepts"))
    if driver is not ANA:
        call.when(TakeSeat(seat=seat), by=driver)
        seat = 2
    if command_type is Undo:
        call.when(Complete(visit_id=visit, seat=seat), by=driver)
    if command_type is CorrectField:
        call.when(End(), by=driver)
    if command_type in (Resume, AnnotatePause):
        call.when(Pause(visit_id=visit, seat=seat), by=driver)
    if command_type in (AcceptSuggestion, DismissSuggestion, WithdrawSuggestion):
        suggest = Suggest(visit_id=visit, kind=SuggestionKind.LINE, content="Ask for the address.")
        call.when(suggest, by=CLEO)
    if command_type in (CancelHelp, ClaimHelp):
        call.when(AskForHelp())
    if command_type in (GrantSeat, WithdrawSeat):
        call.when(RequestSeat(seat=seat), by=CLEO)
    if command_type in (AcceptSeat, DeclineSeat):
        call.when(OfferSeat(seat=seat, to_id="cleo"), by=driver)
    if command_type is ExplainTake and driver is ANA:
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(HandBack(seat=2), by=SAM)
    if command_type in TRANSFER_COMMANDS:
        call.when(Transfer(to_id="ben", warm=True))
    if command_type is CompleteTransfer:
        call.when(AcceptTransfer(transfer_id="t1"), by=BEN)
    if command_type in (ReplyToWhisper, ReadWhisper):
        call.when(Whisper(text="Slower."), by=CLEO, present=EVERYBODY)
    call.then_accepted()
    commands: tuple[Command, ...] = (
        SelectAnswer(visit_id=visit, seat=seat, answer_key="accepts"),
        Continue(visit_id=visit, seat=seat),
        Back(visit_id=visit, seat=seat, to_visit_id="v1"),
        GoTo(visit_id=visit, seat=seat, section_key="offer"),
        SetField(visit_id=visit, seat=seat, field_key="customer", content="x"),
        CorrectField(field_key="customer", content="x"),
        UseResponse(visit_id=visit, seat=seat, response_key="too_dear"),
        EditNotes(update=typing("x")),
        AnnotatePause(reason="lunch"),
        Undo(seat=seat),
        Switch(visit_id=visit, seat=seat, to_session_id="2" * 32),
        Pause(visit_id=visit, seat=seat),
        Resume(),
        Complete(visit_id=visit, seat=seat),
        End(),
        TakeSeat(seat=seat),
        HandBack(seat=seat),
        RequestSeat(seat=seat),
        OfferSeat(seat=seat, to_id="cleo"),
        GrantSeat(seat=seat, handover_id="p1"),
        AcceptSeat(seat=seat, handover_id="p1"),
        DeclineSeat(seat=seat, handover_id="p1"),
        WithdrawSeat(seat=seat, handover_id="p1"),
        ExplainTake(generation=2, reason="She had to go."),
        ReportHangUp(),
        Reassign(to_id="ben"),
        MarkMoment(seen_visit_id=visit, label=MomentLabel.WELL_DONE),
        Suggest(visit_id=visit, kind=SuggestionKind.FIELD, key="customer", content="x"),
        AcceptSuggestion(visit_id=visit, seat=seat, suggestion_id="s1"),
        DismissSuggestion(visit_id=visit, seat=seat, suggestion_id="s1"),
        WithdrawSuggestion(suggestion_id="s1"),
        MuteSuggestions(seat=seat, muted=True),
        AskForHelp(reason="lost"),
        CancelHelp(help_id="h1"),
        ClaimHelp(help_id="h1"),
        Transfer(to_id="ben"),
        AcceptTransfer(transfer_id="t1"),
        DeclineTransfer(transfer_id="t1"),
        WithdrawTransfer(transfer_id="t1"),
        CompleteTransfer(transfer_id="t1", to_id="ben"),
        Whisper(text="Slower."),
        ReplyToWhisper(whisper_id="w1", text="Yes"),
        ReadWhisper(whisper_id="w1"),
        ShareScreen(seat=seat, shared=False),
    )
    return call, next(command for command in commands if type(command) is command_type)


TRANSFER_COMMANDS: tuple[type[Command], ...] = (AcceptTransfer, DeclineTransfer, WithdrawTransfer, CompleteTransfer)
ACTION_COMMANDS: tuple[type[Command], ...] = (
    *(LeaveReview, LockAction, EditAction, RemoveAction, SendAction, CancelAction, ApproveAction),
    *(LookUpAction, MarkAction, CorrectAction, UnlockAction),
)


def action_situation(command_type: type[Command], driver: Actor) -> tuple[Scenario, Command]:
    """The same of a call with Actions."""
    call = Call().fill(customer="Lovelace", email="ada@example.org", amount="35", agrees=True, colour="red")
    call.take("interested")
    if command_type in (LookUpAction, MarkAction):
        call.send("order").attempt("order", OutcomeKind.AMBIGUOUS, Safety.NONE)
    if command_type is UnlockAction:
        call.send("order").attempt("order", OutcomeKind.REFUSED)
    if command_type is CorrectAction:
        call.send("order").attempt("order")
    if command_type is CancelAction:
        call.send("visit")
    if command_type is LeaveReview:
        call.take("accepts").complete()
    if driver is not ANA:
        call.when(TakeSeat(seat=1), by=driver)
    call.then_accepted()
    greet, order = call.id("greet"), call.id("order")
    commands: tuple[Command, ...] = (
        LeaveReview(visit_id=call.state.current_visit_id, seat=call.state.seat),
        LockAction(action_id=greet, locked=True),
        EditAction(action_id=greet, path="subject", text="Good day"),
        RemoveAction(action_id=greet, removed=True),
        SendAction(action_id=greet),
        CancelAction(action_id=call.id("visit")),
        ApproveAction(action_id=call.id("credit"), approved=True),
        LookUpAction(action_id=order),
        MarkAction(action_id=order, sent=True),
        CorrectAction(action_id=order),
        UnlockAction(action_id=order),
    )
    return call, next(command for command in commands if type(command) is command_type)


OF_BEN = (Resume, AcceptTransfer, DeclineTransfer)
"""What he may without any part in a Session: of a teammate's that waits, or that he is asked to take over."""
SENSELESS = {
    (ApproveAction, "sam", "sam"): RefuseCode.NOT_ALLOWED,
    (TakeSeat, "sam", "sam"): RefuseCode.ALREADY_DRIVING,
    (RequestSeat, "sam", "sam"): RefuseCode.ALREADY_DRIVING,
    (ClaimHelp, "sam", "sam"): RefuseCode.NOT_ALLOWED,
    **{
        (command, driver, "cleo"): RefuseCode.UNKNOWN_WHISPER  # who said it
        for command in (ReplyToWhisper, ReadWhisper)
        for driver in ("ana", "sam")
    },
    (HandBack, "ana", "ana"): RefuseCode.ALREADY_DRIVING,
}
"""Commands of those who may, for which there is nothing to do: by command, driver and person."""
THEIRS: dict[type[Command], tuple[Actor, RefuseCode]] = {
    WithdrawSuggestion: (CLEO, RefuseCode.NOT_ALLOWED),
    WithdrawSeat: (CLEO, RefuseCode.NOT_ALLOWED),
    AcceptSeat: (CLEO, RefuseCode.NOT_ALLOWED),
    DeclineSeat: (CLEO, RefuseCode.NOT_ALLOWED),
    ExplainTake: (SAM, RefuseCode.NOT_TAKEN),
}
"""Whose these are: all others with the right are told so."""


@pytest.mark.parametrize("driver", [ANA, SAM], ids=["owner drives", "supervisor drives"])
@pytest.mark.parametrize("command_type", RIGHTS, ids=lambda command: command.__name__)
def test_who_has_the_right_gets_through_and_nobody_else(command_type: type[Command], driver: Actor) -> None:
    """[RT3] Every command by every person: the table decides."""
    for actor in PEOPLE:
        call, command = situation(command_type, driver)
        before = encode_snapshot(call.state)
        may = not RIGHTS[command_type].isdisjoint(participants(call.state, actor))
        may = may or (command_type in OF_BEN and actor is BEN) or (command_type is UnlockAction and actor is ADA)
        call.when(command, by=actor, driver_absent=True, is_continued=True, present=EVERYBODY)
        whose, not_theirs = THEIRS.get(command_type, (actor, RefuseCode.NOT_ALLOWED))
        if not may:
            call.then_refused(RefuseCode.NOT_ALLOWED)
        elif actor is not whose:
            call.then_refused(not_theirs)
        elif refusal := SENSELESS.get((command_type, driver.id, actor.id)):
            call.then_refused(refusal)
        else:
            call.then_accepted()
        assert (encode_snapshot(call.state) == before) == (call.refused is not None)


OF_TEAMMATES = (Resume, AcceptTransfer, DeclineTransfer, CompleteTransfer)


@pytest.mark.parametrize("driver", [ANA, SAM], ids=["owner drives", "supervisor drives"])
@pytest.mark.parametrize("stranger", [BEN, ZOE], ids=["other agent", "other team's supervisor"])
@pytest.mark.parametrize(
    "command_type", [command for command in RIGHTS if command not in OF_TEAMMATES], ids=lambda command: command.__name__
)
def test_a_stranger_may_do_nothing(command_type: type[Command], stranger: Actor, driver: Actor) -> None:
    """[RT2] Who has no part in the Session is refused everything; a teammate's resume is RT4, a transfer TR."""
    call, command = situation(command_type, driver)
    before = encode_snapshot(call.state)
    call.when(command, by=stranger, driver_absent=True)
    call.then_refused(RefuseCode.NOT_ALLOWED)
    assert encode_snapshot(call.state) == before


@pytest.mark.parametrize(
    ("command_type", "while_owner_drives", "while_supervisor_drives"),
    [
        *[(each, {ANA}, {SAM}) for each in (SelectAnswer, Continue, Back, GoTo, SetField, Pause, Complete, HandBack)],
        *[(each, {ANA}, {SAM}) for each in (UseResponse, Undo, Switch)],
        (AnnotatePause, {ANA}, {ANA, SAM}),
        (Resume, {ANA}, {ANA, SAM}),
        (EditNotes, {ANA, CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}),
        (CorrectField, {ANA, SAM, MIA}, {ANA, SAM, MIA}),
        (End, {ANA, SAM, MIA}, {ANA, SAM, MIA}),
        (TakeSeat, {SAM, MIA}, {ANA, SAM, MIA}),
        *[(each, {CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}) for each in (RequestSeat, AcceptSeat)],
        *[(each, {ANA}, {SAM}) for each in (OfferSeat, GrantSeat)],
        *[(each, {ANA, CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}) for each in (DeclineSeat, WithdrawSeat, ExplainTake)],
        (LeaveReview, {ANA}, {SAM}),
        *[
            (each, {ANA, SAM, MIA}, {SAM, MIA})
            for each in (LockAction, EditAction, RemoveAction, SendAction, CancelAction)
        ],
        *[(each, {ANA, SAM, MIA}, {SAM, MIA}) for each in (LookUpAction, MarkAction, CorrectAction)],
        (ApproveAction, {SAM, MIA}, {SAM, MIA}),
        (UnlockAction, set(), set()),
        (ReportHangUp, set(), set()),
        (Reassign, {SAM, MIA}, {SAM, MIA}),
        (Suggest, {CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}),
        *[(each, {ANA}, {SAM}) for each in (AcceptSuggestion, DismissSuggestion, MuteSuggestions)],
        (WithdrawSuggestion, {ANA, CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}),
        *[(each, {ANA}, {ANA, SAM}) for each in (AskForHelp, CancelHelp)],
        (ClaimHelp, {CLEO, SAM, MIA}, {CLEO, SAM, MIA}),
        *[(each, {ANA, SAM, MIA}, {ANA, SAM, MIA}) for each in (Transfer, WithdrawTransfer)],
        (CompleteTransfer, {ANA, BEN, SAM, MIA}, {ANA, BEN, SAM, MIA}),
        *[(each, set(), set()) for each in (AcceptTransfer, DeclineTransfer)],
        (Whisper, {CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}),
        *[(each, {ANA, CLEO, SAM, MIA}, {ANA, CLEO, SAM, MIA}) for each in (ReplyToWhisper, ReadWhisper)],
        (ShareScreen, {ANA}, {ANA, SAM}),
    ],
)
def test_the_table_says_who_may(
    command_type: type[Command], while_owner_drives: set[Actor], while_supervisor_drives: set[Actor]
) -> None:
    """[RT3] Driver, owner, coach, supervisor of the team and manager."""
    for driver, expected in ((ANA, while_owner_drives), (SAM, while_supervisor_drives)):
        call, _ = situation(command_type, driver)
        allowed = {actor for actor in PEOPLE if not RIGHTS[command_type].isdisjoint(participants(call.state, actor))}
        assert allowed == expected


def test_every_command_has_a_row_and_a_decider() -> None:
    """[RT3] The table is whole."""
    assert set(RIGHTS) == set(DECIDERS)
    assert all(row <= set(Participant) and row for row in RIGHTS.values())


def record(driver: Actor = ANA) -> Call:
    """A call that was completed, by this driver."""
    call = Call().fill(customer="Lovelace", amount="1", agrees=True, colour="red").take("interested")
    if driver is not ANA:
        call.when(TakeSeat(seat=1), by=driver)
    call.when(End(reason_key="other"), by=driver)
    return call


@pytest.mark.parametrize(
    ("actor", "hours", "may"), [(ANA, 23, True), (ANA, 25, False), (SAM, 25, True), (MIA, 99, True)]
)
def test_a_record_is_its_owners_for_a_day(actor: Actor, hours: int, may: bool) -> None:
    """[AC16] Supervisors act on it without limit."""
    call = record()
    call.now_ms += hours * 3_600_000
    call.send("order", by=actor)
    call.then_accepted() if may else call.then_refused(RefuseCode.NOT_ALLOWED)


def test_who_drove_and_does_not_own_it_has_no_part_in_the_record() -> None:
    """[AC16] The owner has, though off the seat when it ended."""
    call = Call().fill(customer="Lovelace", amount="1", agrees=True, colour="red").take("interested")
    call.when(TakeSeat(seat=1), by=SAM)
    call.when(Pause(visit_id=call.state.current_visit_id, seat=2), by=SAM)
    call.when(Resume())
    call.when(End(reason_key="other"))
    for stranger in (BEN, CLEO):
        call.send("order", by=stranger)
        call.then_refused(RefuseCode.NOT_ALLOWED)
    call.send("order").then_accepted()


def test_an_administrator_unlocks_and_does_nothing_else() -> None:
    """[AC15] Without a part in the Session; its supervisor may not."""
    call = record()
    for _ in range(4):
        call.send("order").attempt("order", OutcomeKind.REFUSED)
    call.send("order")
    call.then_refused(RefuseCode.FAILED_TOO_OFTEN)
    call.when(UnlockAction(action_id=call.id("order")), by=SAM)
    call.then_refused(RefuseCode.NOT_ALLOWED)
    call.send("order", by=ADA)
    call.then_refused(RefuseCode.NOT_ALLOWED)
    call.when(UnlockAction(action_id=call.id("order")), by=ADA)
    call.then_accepted()
    call.send("order").then_accepted()


def test_who_watches_somebody_elses_call_may_do_so_unseen_with_the_permission(call: Scenario) -> None:
    """[PR4] No role brings it, and it brings no sight of calls; owner and driver are always shown."""
    call.when(TakeSeat(seat=1), by=SAM)
    permitted = {actor.id: replace(actor, permissions=frozenset(Permission)) for actor in PEOPLE}
    assert [id_ for id_, actor in permitted.items() if may_hide(call.state, actor)] == [CLEO.id, MIA.id]
    assert not any(may_hide(call.state, actor) for actor in PEOPLE)


def test_who_got_the_call_or_its_seat_or_came_for_it_is_shown_and_not_turned_away(call: Scenario) -> None:
    """[PR4] Permission or not; who only watches, and lost it, is."""
    call.when(Transfer(to_id="ben", warm=True))
    call.when(AcceptTransfer(transfer_id="t1"), by=BEN)
    assert [actor.id for actor in PEOPLE if must_be_seen(call.state, actor)] == ["ana", "ben"]
    permitted = replace(BEN, permissions=frozenset(Permission))
    assert not may_hide(call.state, permitted)
    assert all(may_stay(call.state, actor, hidden=True) for actor in (ANA, BEN, permitted))
    assert not may_stay(call.state, CLEO, hidden=True)
    assert may_stay(call.state, CLEO, hidden=False)
