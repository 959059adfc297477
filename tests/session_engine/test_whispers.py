"""Whispers, and the screen that is shared. Rules: protocol/SPEC.md, WH."""

from __future__ import annotations

import itertools

import pytest

from protocol.commands import (
    Complete,
    End,
    EraseContent,
    Pause,
    ReadWhisper,
    ReplyToWhisper,
    ShareScreen,
    TakeSeat,
    Undo,
    Whisper,
)
from protocol.refusals import RefuseCode
from protocol.views import WhisperReplyView
from session_engine.evolve import fold
from session_engine.project_whispers import told_apart, whisper_ops, whispering
from session_engine.whispers import MAX_REPLIES, MAX_WHISPERS
from tests.session_engine.test_guidance import answer
from tests.support.scenario import ANA, BEN, CLEO, MIA, SAM, Scenario

HERE = (ANA.party, CLEO.party, SAM.party)


def whisper(call: Scenario, text: str = "Offer the case.", *, by=CLEO, to=ANA) -> None:  # type: ignore[no-untyped-def]
    """Somebody whispers, while Ana, Cleo and Sam have the call open."""
    call.when(Whisper(text=text, to_id=to and to.id), by=by, present=HERE)


class TestSaying:
    def test_to_one_person_it_is_shown_to_them_and_who_said_it(self, call: Scenario) -> None:
        """[WH1, WH4] And to nobody else; not even that there is one."""
        whisper(call, "  Offer \n the case.  ")
        said_ms = call.now_ms
        for person in (ANA, CLEO):
            (shown,) = call.view_of(person).whispers.values()
            assert (shown.id, shown.by, shown.to, shown.at_ms) == ("w1", CLEO.party, (ANA.party,), said_ms)
            assert (shown.text, shown.read_by, shown.replies) == ("Offer the case.", (), ())
        for person in (SAM, MIA, BEN):
            assert not call.view_of(person).whispers

    def test_only_whom_it_concerns_is_sent_anything(self, call: Scenario) -> None:
        """[WH4] And only their views differ from those of their audience."""
        before = call.state
        whisper(call)
        sent = {person.id: [op.id for op in whisper_ops(before, call.state, person.id)] for person in (ANA, CLEO, SAM)}
        assert sent == {"ana": ["w1"], "cleo": ["w1"], "sam": []}
        assert whispering(call.state) == told_apart(before, call.state) == {"ana": ("w1",), "cleo": ("w1",)}

    def test_to_all_it_is_for_those_who_are_here_then(self, call: Scenario) -> None:
        """[WH1, WH2] Who comes later is shown nothing of it."""
        whisper(call, to=None)
        (shown,) = call.view_of(SAM).whispers.values()
        assert shown.to == (ANA.party, SAM.party)
        assert not call.view_of(MIA).whispers

    def test_the_driver_is_always_meant(self, call: Scenario) -> None:
        """[WH2] Though their connection is gone for a moment; anybody else has to be here, and oneself is nobody."""
        call.when(Whisper(text="Slower."), by=CLEO)
        call.then_accepted()
        assert call.state.whispers["w1"].to == (ANA.party,)
        for absent in (MIA, CLEO, BEN):
            call.when(Whisper(text="Slower.", to_id=absent.id), by=CLEO, present=HERE)
            call.then_refused(RefuseCode.NOT_HERE)
        call.when(TakeSeat(seat=1), by=SAM)
        call.when(Whisper(text="Anybody?"), by=SAM, present=(SAM.party,))
        call.then_refused(RefuseCode.NOT_HERE)

    def test_the_driver_starts_none(self, call: Scenario) -> None:
        """[WH3] Off the seat the owner does."""
        whisper(call, by=ANA, to=CLEO)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        call.when(TakeSeat(seat=1), by=SAM)
        whisper(call, by=ANA, to=SAM)
        call.then_accepted()

    def test_what_cannot_be_said_is_refused(self, call: Scenario) -> None:
        """[WH1, WH6] Nothing; more than anybody reads; while it is paused; on a record."""
        whisper(call, " \n ")
        call.then_refused(RefuseCode.BAD_CONTENT)
        for _ in range(MAX_WHISPERS):
            whisper(call)
        call.then_accepted()
        whisper(call)
        call.then_refused(RefuseCode.TOO_LARGE)
        call.when(Pause(visit_id="v1", seat=1))
        whisper(call)
        call.then_refused(RefuseCode.NOT_ACTIVE)
        call.when(End())
        whisper(call)
        call.then_refused(RefuseCode.FINISHED)


class TestAnswering:
    def test_a_reply_reaches_all_whom_the_whisper_concerns(self, call: Scenario) -> None:
        """[WH3] It says that it was read, and there may be another."""
        whisper(call, to=None)
        call.when(ReplyToWhisper(whisper_id="w1", text=" Yes "))
        first_ms = call.now_ms
        call.when(ReplyToWhisper(whisper_id="w1", text="No"), by=SAM)
        for person in (ANA, CLEO, SAM):
            (shown,) = call.view_of(person).whispers.values()
            assert shown.replies == (
                WhisperReplyView(by=ANA.party, text="Yes", at_ms=first_ms),
                WhisperReplyView(by=SAM.party, text="No", at_ms=first_ms + 100),
            )
            assert shown.read_by == ("ana", "sam")

    def test_who_read_it_is_told_once(self, call: Scenario) -> None:
        """[WH3] From a second page it changes nothing."""
        whisper(call)
        for _ in range(2):
            call.when(ReadWhisper(whisper_id="w1"))
            call.then_accepted()
            assert call.view_of(CLEO).whispers["w1"].read_by == ("ana",)

    @pytest.mark.parametrize("command", [ReplyToWhisper(whisper_id="w1", text="Yes"), ReadWhisper(whisper_id="w1")])
    def test_whom_it_was_not_said_to_answers_nothing(
        self, call: Scenario, command: ReplyToWhisper | ReadWhisper
    ) -> None:
        """[WH3, WH4] Nor who said it; the answer is the same whether or not there is one."""
        details = []
        for _ in range(2):
            call.when(command, by=SAM)
            call.then_refused(RefuseCode.UNKNOWN_WHISPER)
            details.append(call.refused and call.refused.detail)
            whisper(call)
        call.when(command, by=CLEO)
        call.then_refused(RefuseCode.UNKNOWN_WHISPER)
        assert details[0] == details[1]

    def test_replies_have_an_end(self, call: Scenario) -> None:
        """[WH6] What needs more is a talk."""
        whisper(call)
        for _ in range(MAX_REPLIES):
            call.when(ReplyToWhisper(whisper_id="w1", text="Yes"))
        call.then_accepted()
        call.when(ReplyToWhisper(whisper_id="w1", text="Yes"))
        call.then_refused(RefuseCode.TOO_LARGE)
        call.when(ReplyToWhisper(whisper_id="w1", text=" "))
        call.then_refused(RefuseCode.TOO_LARGE)


class TestSharing:
    def test_nobody_is_sent_a_word_while_the_screen_is_shared(self, call: Scenario) -> None:
        """[WH5] That one waits, of whom and when, and what became of it; the words come when sharing ends."""
        whisper(call)
        call.when(ReplyToWhisper(whisper_id="w1", text="Yes"))
        call.when(ShareScreen(seat=1, shared=True))
        whisper(call, "And ask for the colour.")
        assert set(told_apart(fold(call.entries[:3]), fold(call.entries[:4]))) == {"ana", "cleo"}, (
            "what they had is replaced"
        )
        for person, id_ in itertools.product((ANA, CLEO), ("w1", "w2")):
            view = call.view_of(person)
            assert view.head["session"].screen_shared
            assert (view.whispers[id_].text, view.whispers[id_].by) == (None, CLEO.party)
            assert all(reply.text is None for reply in view.whispers[id_].replies)
        call.when(ShareScreen(seat=1, shared=False))
        shown = call.view_of(ANA).whispers
        assert [each.text for each in shown.values()] == ["Offer the case.", "And ask for the colour."]
        assert shown["w1"].replies[0].text == "Yes"

    def test_it_stays_shared_whoever_drives(self, call: Scenario) -> None:
        """[WH5] The window that the customer sees is not closed by that; who drives by now, or the owner, ends it."""
        whisper(call)
        call.when(ShareScreen(seat=1, shared=True))
        call.when(TakeSeat(seat=1), by=SAM)
        assert (call.state.screen_shared, call.view_of(ANA).whispers["w1"].text) == (True, None)
        call.when(ShareScreen(seat=2, shared=True), by=ANA)
        call.then_refused(RefuseCode.NOT_ALLOWED)
        for who, seat in ((ANA, 2), (SAM, 2)):
            call.when(ShareScreen(seat=seat, shared=False), by=who)
            assert not call.state.screen_shared
            call.when(ShareScreen(seat=seat, shared=True), by=SAM)
        assert call.state.screen_shared

    def test_it_stays_shared_when_the_call_goes_on_in_another_workflow(self, call: Scenario) -> None:
        """[WH5, LC8] From its first entry."""
        call.when(ShareScreen(seat=1, shared=True))
        other = call.go_on()
        assert other is not None
        assert other.state.screen_shared
        call.when(ShareScreen(seat=1, shared=False))
        ended = call.go_on()
        assert ended is not None
        assert not ended.state.screen_shared

    def test_a_record_has_the_words_and_who_undoes_shares_as_before(self, call: Scenario) -> None:
        """[WH5, WH7] The record asks before it shows them."""
        whisper(call)
        call.when(ShareScreen(seat=1, shared=True))
        answer(call, "refuses")
        call.when(Complete(visit_id="v2", seat=1))
        assert call.view_of(ANA).whispers["w1"].text == "Offer the case."
        call.when(Undo(seat=1))
        assert call.view_of(ANA).whispers["w1"].text is None


def test_what_was_whispered_goes_with_the_notes(call: Scenario) -> None:
    """[WH8, ER5] That something was said stays, and when; of the words nothing."""
    whisper(call)
    call.when(ReplyToWhisper(whisper_id="w1", text="Yes"))
    call.when(End())
    call.when_time(EraseContent(field_key=None, slots=("notes#1", "whisper#1"), by=MIA.party))
    shown = call.view_of(CLEO).whispers["w1"]
    assert (shown.text, shown.replies[0].text, shown.read_by) == (None, None, ("ana",))
