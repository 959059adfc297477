"""One live Session in this process: its members and what they are sent.

A room holds no truth: it listens to the folded Session of `submit.py`, encodes
each delta once per audience and hands every member the same bytes; what is
whispered, once for all whom the same concerns. The last deltas are kept so
that a short absence costs no read.

Rules: protocol/SPEC.md, DL and PR.
"""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Protocol

from protocol import codec
from protocol.base import EntryId, PersonId, Position, Record, WhisperId
from protocol.events import ContentErased, Entry, NotesEdited
from protocol.frames import Delta, PresenceFrame, Present, Refusal, ViewFrame, ViewReason
from protocol.refusals import RefuseCode
from protocol.views import Audience, Passed, Role
from server.folded import Applied, Folded
from server.watching import figures, tracing
from session_engine.context import Actor
from session_engine.ownership import find_passed
from session_engine.project import audience_of, ops_between, project
from session_engine.project_whispers import told_apart, whispering
from session_engine.refused import Refused
from session_engine.rights import Participant, may_watch, participants
from session_engine.state import SessionState
from session_engine.workflow import Workflow

log = logging.getLogger(__name__)

RECENT = 64
"""Deltas kept in memory per room; a member further behind is served from the log."""


class Member(Protocol):
    """One connection that follows a Session."""

    connection_id: str
    actor: Actor
    is_gone: bool

    @property
    def is_behind(self) -> bool:
        """Whether what was sent before still waits for the network."""

    def send(self, frame: bytes) -> None:
        """Queue a frame; never blocks, closes the connection when too much waits."""

    def send_droppable(self, frame: bytes) -> None:
        """Queue a frame unless much waits."""


class TurnedAway(Refused):
    """Somebody has no part in a Session; who owned it before is told who does."""

    def __init__(self, state: SessionState, actor: Actor) -> None:
        super().__init__(RefuseCode.NOT_ALLOWED, f"{actor.id} has no part in session {state.session_id}")
        self.passed = find_passed(state, actor.id)


class _Recent(Record, frozen=True, kw_only=True):
    """One delta as it was sent. Nothing here is looked at for cycles: there are 64 in each of thousands of rooms."""

    previous_id: EntryId
    owner: bytes | None
    staff: bytes | None
    told_apart: frozenset[PersonId]

    def frame(self, audience: Audience, person_id: PersonId) -> bytes | None:
        """As this audience was sent it; None if nobody of it was here, or the person was sent another."""
        if person_id in self.told_apart:
            return None
        return self.owner if audience is Audience.OWNER else self.staff


class Room:
    """Members by audience, and the deltas that they are sent."""

    def __init__(self, folded: Folded, on_regrouped: Callable[[Room, Sequence[Member]], None]) -> None:
        self.folded = folded
        self._on_regrouped = on_regrouped
        self.members: dict[str, Member] = {}
        self.present: tuple[Present, ...] = ()
        self.joining = 0
        self._by_audience: dict[Audience, dict[str, Member]] = {audience: {} for audience in Audience}
        self._recent: deque[_Recent] = deque(maxlen=RECENT)
        folded.listener = self.on_applied

    @property
    def is_empty(self) -> bool:
        """Nobody follows, and nobody is about to."""
        return not self.members and not self.joining

    def on_applied(self, applied: Applied) -> None:
        """Send the entry's delta to every member."""
        began_s = perf_counter()
        if applied.before.owner.id != applied.after.owner.id or applied.before.taker != applied.after.taker:
            self._regroup()
        if is_erasure(applied.entry):
            self._show_all(ViewReason.TOO_FAR)  # what led here is told to nobody any more
            return
        workflow, frames = self.folded.workflow, dict[Audience, bytes]()
        apart = told_apart(applied.before, applied.after)
        for audience, members in self._by_audience.items():
            if members:
                frames[audience] = encode_delta(applied, workflow, audience)
                encode = partial(encode_delta, applied, workflow, audience)
                _send_each(members, frames[audience], apart, encode)
        owner, staff = frames.get(Audience.OWNER), frames.get(Audience.STAFF)
        previous_id = applied.entry.previous_id
        self._recent.append(_Recent(previous_id=previous_id, owner=owner, staff=staff, told_apart=frozenset(apart)))
        if tracing.tracer is not None:
            session_id, entry_id = applied.after.session_id, applied.entry.entry_id
            tracing.tracer.tell_fan_out(session_id, entry_id, began_s, len(self.members))

    def _regroup(self) -> None:
        """After another owns it, or came for it: who sees more or less gets the view of it, a stranger nothing."""
        state, turned_away = self.folded.state, []
        for before, members in self._by_audience.items():
            for member in list(members.values()):
                if not may_watch(state, member.actor):
                    self.discard(member)
                    turned_away.append(member)
                    turned = TurnedAway(state, member.actor)
                    member.send(self._refusal(turned.code, turned.detail, turned.passed))
                elif audience_of(state, member.actor.id) is not before:
                    self.discard(member)
                    member.send(self.view_frame(self.add(member), ViewReason.AUDIENCE, member.actor.id))
        self._on_regrouped(self, turned_away)

    def add(self, member: Member) -> Audience:
        """From now on this member is sent every delta."""
        audience = audience_of(self.folded.state, member.actor.id)
        self.members[member.connection_id] = member
        self._by_audience[audience][member.connection_id] = member
        return audience

    def discard(self, member: Member) -> None:
        """Send this member nothing more."""
        self.members.pop(member.connection_id, None)
        for members in self._by_audience.values():
            members.pop(member.connection_id, None)

    def recent_since(self, position: Position, audience: Audience, person_id: PersonId) -> list[bytes] | None:
        """The deltas that lead from a position to now, if all of them are at hand."""
        behind = self.folded.state.seq - position.seq
        if behind == 0:
            return [] if position.entry_id == self.folded.state.entry_id else None
        if behind < 0 or behind > len(self._recent):
            return None
        missing = list(itertools.islice(self._recent, len(self._recent) - behind, None))
        frames = [frame for recent in missing if (frame := recent.frame(audience, person_id)) is not None]
        return frames if missing[0].previous_id == position.entry_id and len(frames) == behind else None

    def view_frame(self, audience: Audience, reason: ViewReason, person_id: PersonId | None = None) -> bytes:
        """The whole Session as it stands, for this person; without one, for whoever nothing was whispered to."""
        figures.VIEWS.labels(reason.value).inc()
        state = self.folded.state
        return codec.encode(
            ViewFrame(
                session_id=state.session_id,
                position=Position(seq=state.seq, entry_id=state.entry_id),
                reason=reason,
                audience=audience,
                view=project(state, self.folded.workflow, audience, person_id),
            )
        )

    def start_over(self, lost: Position) -> None:
        """Give every member the other history that the log holds now."""
        self._show_all(ViewReason.AHEAD if lost.seq > self.folded.state.seq else ViewReason.FORK)

    def _show_all(self, reason: ViewReason) -> None:
        self._recent.clear()
        apart = whispering(self.folded.state)
        for audience, members in self._by_audience.items():
            if members:
                _send_each(
                    members, self.view_frame(audience, reason), apart, partial(self.view_frame, audience, reason)
                )

    def dismiss(self, code: RefuseCode, detail: str) -> None:
        """Tell every member that there is nothing to follow any more."""
        frame = self._refusal(code, detail)
        for member in list(self.members.values()):
            self.discard(member)
            member.send(frame)

    def _refusal(self, code: RefuseCode, detail: str, passed: Passed | None = None) -> bytes:
        refusal = Refusal(session_id=self.folded.session_id, csn=None, code=code, detail=detail, passed=passed)
        return codec.encode(refusal)

    def show_present(self, present: Iterable[Present]) -> None:
        """Tell the members who is here, if that changed: one line per person, since their first tab."""
        first: dict[str, Present] = {}
        for one in sorted(present, key=lambda present: (present.since_ms, present.person_id)):
            first.setdefault(one.person_id, one)
        people = tuple(first.values())
        if people != self.present:
            self.present = people
            frame = self.presence_frame()
            for member in list(self.members.values()):
                member.send(frame)

    def presence_frame(self) -> bytes:
        """Who is here."""
        return codec.encode(PresenceFrame(session_id=self.folded.session_id, people=self.present))

    def tell_others(self, person_id: str, frame: bytes) -> None:
        """Pass on what somebody is doing; dropped where more important frames wait."""
        for member in list(self.members.values()):
            if member.actor.id != person_id:
                member.send_droppable(frame)


def role_of(state: SessionState, actor: Actor) -> Role:
    """What somebody who may watch is to the Session."""
    if actor.id == state.owner.id:
        return Role.OWNER
    parts = participants(state, actor)
    if parts == {Participant.TAKER}:
        return Role.TAKER
    # A coach who drives is one still.
    beside = {Participant.COACH, Participant.TAKER, Participant.DRIVER}
    return Role.COACH if parts <= beside else Role.SUPERVISOR


def _send_each(
    members: Mapping[str, Member],
    frame: bytes,
    apart: Mapping[PersonId, tuple[WhisperId, ...]],
    encode: Callable[[PersonId], bytes],
) -> None:
    """Send this frame, or to whom more is told another, which is encoded once for all who are told the same."""
    frames: dict[tuple[WhisperId, ...], bytes] = {(): frame}
    for member in list(members.values()):
        told = apart.get(member.actor.id, ())
        if told not in frames:
            frames[told] = encode(member.actor.id)
        member.send(frames[told])


def encode_delta(applied: Applied, workflow: Workflow, audience: Audience, person_id: PersonId | None = None) -> bytes:
    """One entry as this audience's delta, with what of it is for this person."""
    entry = applied.entry
    update = notes_update_of(entry)
    return codec.encode(
        Delta(
            session_id=applied.after.session_id,
            seq=entry.seq,
            entry_id=entry.entry_id,
            previous_id=entry.previous_id,
            client_id=entry.client_id,
            csn=entry.csn,
            at_ms=entry.at_ms,
            ops=ops_between(applied.before, applied.after, workflow, audience, person_id, notes_update=update),
        )
    )


def notes_update_of(entry: Entry) -> str | None:
    """What the entry merged into the Notes; None if it did not edit them."""
    return next((event.update for event in entry.events if isinstance(event, NotesEdited)), None)


def is_erasure(entry: Entry) -> bool:
    """Whether nothing that was shown before this entry may be shown again."""
    return any(isinstance(event, ContentErased) for event in entry.events)
