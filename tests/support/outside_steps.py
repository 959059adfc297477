"""Steps of random histories that come from others than the driver: suggestions, API tokens, reassigning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from protocol.base import FieldContent
from protocol.commands import (
    AcceptSeat,
    AcceptSuggestion,
    AcceptTransfer,
    AskForHelp,
    CancelHelp,
    ClaimHelp,
    Command,
    CompleteTransfer,
    DeclineSeat,
    DeclineTransfer,
    DismissSuggestion,
    End,
    ExplainTake,
    GrantSeat,
    LapseTransfer,
    MarkMoment,
    MuteSuggestions,
    OfferSeat,
    Pause,
    ReadWhisper,
    Reassign,
    ReplyToWhisper,
    ReportHangUp,
    RequestSeat,
    Resume,
    ShareScreen,
    Suggest,
    TakeSeat,
    Transfer,
    Vacate,
    Whisper,
    WithdrawSeat,
    WithdrawSuggestion,
    WithdrawTransfer,
)
from protocol.events import HandoverKind, MomentLabel, Party, SuggestionKind
from session_engine.context import Actor
from tests.support.action_steps import PLANTED
from tests.support.scenario import ADA, ANA, BEN, BOT, CLEO, MIA, PEOPLE, SAM, Scenario

OUTSIDE_KINDS = [
    *["suggest", "suggest", "propose", "accept", "accept", "dismiss", "withdraw", "mute"],
    *["hang_up", "token_pause", "token_resume", "token_end", "reassign", "vacate", "moment"],
    *["ask_for_help", "claim_help", "cancel_help"],
    *["request_seat", "offer_seat", "answer_seat", "answer_seat", "explain_take"],
    *["transfer", "transfer", "answer_transfer", "answer_transfer", "settle_transfer"],
    *["whisper", "whisper", "reply", "read", "share"],
]
OUTSIDE_CHOICES: dict[str, Sequence[Any]] = {
    "kind": (*SuggestionKind, SuggestionKind.FIELD, SuggestionKind.ANSWER),
    "field": ("customer", "pin", "amount", "colour", "nonsense"),
    "content": ("7", "red", "x" * 41, "", None),
    "number": range(6),
    "by": (CLEO, CLEO, SAM, MIA, ANA, BOT, BEN),
    "to": (BEN, ANA, CLEO),
    "stale": (*[False] * 5, True),
    "yes": (True, False, False),
}

HERE = (CLEO, SAM, MIA, ANA)
"""Who may have the call open when somebody whispers."""


def perform_from_outside(call: Scenario, kind: str, actor: Actor, choices: dict[str, Any]) -> None:
    """Try one of these on the Session as it stands."""
    if kind == "vacate":
        held = call.state.driver.id if choices["yes"] else call.state.owner.id
        to_id = choices["to"].id if choices["stale"] else None
        call.when_time(Vacate(person_id="ben" if choices["number"] else held, to_id=to_id, by=ADA.party))
    elif kind == "settle_transfer" and choices["number"] == 0:
        call.now_ms += 60_000
        call.when_time(LapseTransfer(transfer_id=_transfer_id(call, choices)))
    else:
        command, by = _said(call, kind, actor, choices)
        present = tuple(person.party for person in HERE[: 1 + choices["number"] % 4])
        call.when(command, by=by, gone=choices["stale"] and choices["yes"], present=present)


def _said(call: Scenario, kind: str, actor: Actor, choices: dict[str, Any]) -> tuple[Command, Actor]:
    state = call.state
    visit = "v1" if choices["stale"] else state.current_visit_id
    open_ids = [each.id for each in state.suggestions.values() if each.is_open and not choices["stale"]]
    ids = open_ids or [*state.suggestions, "s99"]
    suggestion_id = ids[choices["number"] % len(ids)]
    seat = state.seat + (1 if choices["stale"] else 0)
    driver = actor if choices["number"] == 0 else _actor_of(state.driver)
    match kind:
        case "suggest":
            return _suggested(call, visit, choices), choices["by"]
        case "propose":
            return Suggest(kind=SuggestionKind.FIELD, key=choices["field"], content=_content(choices)), BOT
        case "accept":
            return AcceptSuggestion(visit_id=visit, seat=state.seat, suggestion_id=suggestion_id), actor
        case "dismiss":
            return DismissSuggestion(visit_id=visit, seat=state.seat, suggestion_id=suggestion_id), actor
        case "withdraw":
            return WithdrawSuggestion(suggestion_id=suggestion_id), choices["by"]
        case "mute":
            return MuteSuggestions(seat=state.seat, muted=choices["yes"]), actor
        case "moment":
            label = MomentLabel.COMPLAINT if choices["yes"] else MomentLabel.WELL_DONE
            seen = "v99" if choices["stale"] else "v1"
            return MarkMoment(seen_visit_id=seen, label=label, comment="Loud. "), choices["by"]
        case "ask_for_help":
            return AskForHelp(reason="lost" if choices["yes"] else None), actor
        case "claim_help":
            return ClaimHelp(help_id=_help_id(call, choices)), choices["by"]
        case "cancel_help":
            return CancelHelp(help_id=_help_id(call, choices)), actor
        case "request_seat":
            return RequestSeat(seat=seat), choices["by"]
        case "offer_seat":
            # Sometimes nobody answered the one before.
            call.now_ms += 31_000 if choices["yes"] else 0
            return OfferSeat(seat=seat, to_id=choices["by"].id), driver
        case "answer_seat":
            return _answered(call, seat, choices)
        case "explain_take":
            call.when(TakeSeat(seat=seat), by=SAM)
            return ExplainTake(generation=call.state.seat, reason="She had to go."), SAM
        case "transfer":
            asked = {"to_team_id": "north"} if choices["number"] < 2 else {"to_id": choices["to"].id}
            return Transfer(**asked, warm=choices["yes"], note="Wants a refund"), SAM if choices["stale"] else actor
        case "answer_transfer":
            by = BEN if choices["number"] else choices["to"]
            if choices["yes"]:
                return DeclineTransfer(transfer_id=_transfer_id(call, choices)), by
            return AcceptTransfer(transfer_id=_transfer_id(call, choices)), by
        case "settle_transfer":
            if choices["yes"]:
                return WithdrawTransfer(transfer_id=_transfer_id(call, choices)), actor
            taker = state.taker or choices["to"]
            return CompleteTransfer(transfer_id=_transfer_id(call, choices), to_id=taker.id), actor
        case "whisper":
            to_id = None if choices["number"] % 2 else choices["to"].id
            return Whisper(text=whispered(f"w{len(state.whispers) + 1}"), to_id=to_id), choices["by"]
        case "reply":
            whisper_id = _whisper_id(call, choices)
            by = choices["by"] if choices["yes"] else actor
            return ReplyToWhisper(whisper_id=whisper_id, text=whispered(whisper_id)), by
        case "read":
            return ReadWhisper(whisper_id=_whisper_id(call, choices)), choices["by"] if choices["yes"] else actor
        case "share":
            return ShareScreen(seat=state.seat, shared=choices["yes"]), actor
        case "hang_up":
            return ReportHangUp(), BOT
        case "token_pause":
            return Pause(), actor if choices["number"] else BOT
        case "token_resume":
            return Resume(), BOT
        case "token_end":
            return (End(), BOT) if choices["yes"] and choices["stale"] else (Resume(), BOT)
        case _:
            to = call.state.owner if choices["number"] else choices["to"]
            return Reassign(to_id=to.id, reason="goes home"), SAM if choices["yes"] else actor


def _answered(call: Scenario, seat: int, choices: dict[str, Any]) -> tuple[Command, Actor]:
    """An answer to the latest request or offer of the seat, mostly by who may give it."""
    state = call.state
    if state.find_open_handover(call.now_ms + 100) is None:
        call.when(RequestSeat(seat=seat), by=choices["by"])
        state = call.state
    handover = state.handovers.get(f"p{len(state.handovers)}")
    if handover is None:
        return GrantSeat(seat=seat, handover_id="p1"), choices["by"]
    is_request = handover.kind is HandoverKind.REQUEST
    asked, asker = _actor_of(state.driver if is_request else handover.to), _actor_of(handover.by)
    match choices["number"]:
        case 0 | 1 | 2:
            yes = GrantSeat if is_request else AcceptSeat
            return yes(seat=seat, handover_id=handover.id), asked
        case 3:
            return DeclineSeat(seat=seat, handover_id=handover.id), asked
        case 4:
            return WithdrawSeat(seat=seat, handover_id=handover.id), asker
        case _:
            return AcceptSeat(seat=seat, handover_id=handover.id), choices["by"]


def _actor_of(party: Party) -> Actor:
    return next(person for person in PEOPLE if person.id == party.id)


def whispered(whisper_id: str) -> str:
    """What this whisper says, and each reply to it: words that are in nothing else."""
    return f"whispered as {whisper_id}."


def _whisper_id(call: Scenario, choices: dict[str, Any]) -> str:
    ids = [*call.state.whispers, "w99"]
    return ids[-1] if choices["stale"] else ids[choices["number"] % len(ids)]


def _help_id(call: Scenario, choices: dict[str, Any]) -> str:
    if call.state.open_help is None:
        call.when(AskForHelp(), by=_actor_of(call.state.driver))
    return "h99" if choices["stale"] else next(reversed(call.state.help_requests), "h1")


def _transfer_id(call: Scenario, choices: dict[str, Any]) -> str:
    return "t99" if choices["stale"] else next(reversed(call.state.transfers), "t1")


def _suggested(call: Scenario, visit_id: str, choices: dict[str, Any]) -> Suggest:
    section = call.workflow.sections[call.state.current_visit.section_key]
    number, kind = choices["number"], choices["kind"]
    match kind:
        case SuggestionKind.FIELD:
            return Suggest(visit_id=visit_id, kind=kind, key=choices["field"], content=_content(choices))
        case SuggestionKind.ANSWER:
            key = section.answers[number % len(section.answers)].key if section.answers else "nowhere"
            return Suggest(visit_id=visit_id, kind=kind, key=key)
        case SuggestionKind.RESPONSE:
            return Suggest(visit_id=visit_id, kind=kind, key=["too_dear", "how_long", "no"][number % 3])
        case _:
            return Suggest(visit_id=visit_id, kind=kind, content="Ask for the address.")


def _content(choices: dict[str, Any]) -> FieldContent:
    content: FieldContent = PLANTED if choices["field"] == "pin" else choices["content"]
    return content
