"""One connection: what each frame from a browser does, and what it is answered.

The envelope is strict: a bad one closes this connection and nothing else. A
command's body is decoded after that; a bad body is refused like any command.
Commands are handed on in the order in which they came.

Rules: protocol/SPEC.md, CN, CM and CL.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from protocol import codec
from protocol.base import Csn, SessionId
from protocol.commands import (
    AcceptSeat,
    AcceptTransfer,
    Command,
    CompleteTransfer,
    DeclineTransfer,
    EditNotes,
    GrantSeat,
    Reassign,
    Resume,
    StartSession,
    TakeSeat,
    Transfer,
)
from protocol.frames import (
    Acknowledged,
    Closing,
    CommandFrame,
    Doing,
    EphemeralUp,
    Hello,
    Join,
    JoinList,
    Leave,
    LeaveList,
    Ping,
    Pong,
    Refusal,
    UpFrame,
    Welcome,
)
from protocol.refusals import CloseCode, RefuseCode
from protocol.views import Passed, Role
from server.folded import Accepted
from server.gateway import limits
from server.gateway.socket import Socket
from server.log import without_quotes
from server.people_ports import Audit, SignIns
from server.ports import SessionNotFound, SessionStore, Unavailable
from server.rooms.room import TurnedAway
from server.rooms.rooms import Rooms
from server.submit import Submit
from server.watching import figures
from session_engine.context import Actor
from session_engine.refused import Refused
from session_engine.rights import may_hide, may_stay, must_be_seen

log = logging.getLogger(__name__)

DROP_OVER_BYTES = 64 * 1024
"""With more than this waiting, what may be dropped is dropped."""
DOING_EVERY_S = 0.1
"""Ten times a second is as often as eyes follow."""
RETRY_MS = 2_000
"""When to come back after the store was out of reach."""

AUDITED: dict[type[Command], str] = {
    TakeSeat: "take",
    GrantSeat: "grant",
    AcceptSeat: "accept_seat",
    AcceptTransfer: "accept_transfer",
}
"""What the audit log calls acts of which it tells no more than who did it, and to whom."""

Work = Coroutine[Any, Any, None]


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What every connection of a process shares."""

    process: str
    store: SessionStore
    submit: Submit
    rooms: Rooms
    sign_ins: SignIns
    audit: Audit


class Connection:
    """A browser tab's connection, from hello to close; a `Member` of every room that it joins."""

    def __init__(self, socket: Socket, services: Services, token: str) -> None:
        self.connection_id = secrets.token_hex(8)
        self.actor: Actor
        self.is_open = False
        self.is_gone = False
        self._socket = socket
        self._services = services
        self.token = token
        self._client_id = ""
        self._joined: dict[SessionId, None] = {}
        self._hidden: set[SessionId] = set()
        """Where nobody is shown this person."""
        self._unanswered = 0
        self._bucket = limits.TokenBucket(time.monotonic)
        self._heard_at = self._opened_at = time.monotonic()
        self._pinged_at: float | None = None
        # Drawn, so that people who came at once are not pinged at once.
        self._ping_after_s = limits.PING_EVERY_S - secrets.randbelow(5)
        self._slow_since: float | None = None
        self._last_doing_at: dict[SessionId, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- out --------------------------------------------------------------------------

    def send(self, frame: bytes) -> None:
        """Queue a frame; a receiver that lets too much wait is closed and comes back by itself."""
        self._socket.send(frame)
        if self._slow_since is not None or self._socket.waiting_bytes > limits.WAITING_BYTES:
            self._check_slow()

    @property
    def is_behind(self) -> bool:
        """Whether the network has not taken yet what was sent before."""
        return self._socket.waiting_bytes >= DROP_OVER_BYTES

    def send_droppable(self, frame: bytes) -> None:
        """Queue a frame unless much waits."""
        if not self.is_behind:
            self._socket.send(frame)

    def close(self, code: CloseCode) -> None:
        """End this connection, and leave everything at once: the browser may be too slow to hear of it."""
        if not self.is_gone:
            figures.CLOSED.labels(str(code.value)).inc()
        self._socket.close(code)
        self.gone()

    def announce_closing(self, retry_ms: int) -> None:
        """Tell the browser to come back later, and close."""
        self._socket.send(codec.encode(Closing(retry_ms=retry_ms)))
        self.close(CloseCode.DRAINING)

    # --- in ---------------------------------------------------------------------------

    def receive(self, message: bytes | str) -> Work | None:
        """Take one message. What is returned is done before the next one is given."""
        self._heard_at = time.monotonic()
        if isinstance(message, str) or (not self.is_open and len(message) > limits.HELLO_BYTES):
            self._close_bad("expected one binary message with hello first")
            return None
        wait_s = self._bucket.take()
        if wait_s > limits.HELD_AT_MOST_S:
            self.close(CloseCode.RATE)
            return None
        return self._take(message) if wait_s == 0 else self._take_later(message, wait_s)

    async def _take_later(self, message: bytes, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        work = self._take(message)
        if work is not None:
            await work

    def _take(self, message: bytes) -> Work | None:
        try:
            frame = codec.decode_up(message)
        except msgspec.MsgspecError as error:
            self._close_bad(without_quotes(error))
            return None
        if len(message) > limits.MESSAGE_BYTES and not isinstance(frame, CommandFrame):
            self._close_bad(f"{len(message)} bytes; expected at most {limits.MESSAGE_BYTES}")
            return None
        work = self._handle(frame, len(message))
        return self._with_store(work) if work is not None else None

    async def _with_store(self, work: Work) -> None:
        try:
            await work
        except Unavailable as error:
            log.warning("connection.store_away peer=%s reason=%s", self._socket.peer, error)
            self.announce_closing(RETRY_MS)

    def _handle(self, frame: UpFrame, size_bytes: int) -> Work | None:
        if isinstance(frame, Hello):
            return self._on_hello(frame)
        if not self.is_open:
            self._close_bad("expected hello first")
        elif isinstance(frame, CommandFrame):
            return self._on_command(frame, size_bytes)
        elif isinstance(frame, Join):
            return self._on_join(frame)
        elif isinstance(frame, EphemeralUp):
            return self._on_doing(frame)
        elif isinstance(frame, Leave):
            self._leave(frame.session_id, broke=False)
        elif isinstance(frame, JoinList):
            return self._on_join_list(frame)
        elif isinstance(frame, LeaveList):
            self._leave_list()
        elif not isinstance(frame, Pong):
            raise AssertionError(f"frame {type(frame).__name__} has no handler")
        return None

    async def _on_hello(self, hello: Hello) -> None:
        if self.is_open:
            self._close_bad("hello came before")
            return
        actor = await self._services.sign_ins.find_actor(self.token)
        if actor is None:
            self.close(CloseCode.NOT_SIGNED_IN)
            return
        self.actor, self._client_id, self.is_open = actor, hello.client_id, True
        figures.HELLOS.inc()
        server_ms = await self._services.store.now_ms()
        welcome = Welcome(process=self._services.process, person_id=actor.id, server_ms=server_ms, limits=limits.LIMITS)
        self.send(codec.encode(welcome))

    async def _on_join_list(self, frame: JoinList) -> None:
        await self._services.rooms.live_list.join(self, takes_changes=frame.takes_changes)
        await self._services.rooms.notices.arrive(self)

    async def _on_join(self, join: Join) -> None:
        rooms = self._services.rooms
        if join.session_id not in self._joined and len(self._joined) >= limits.SESSIONS:
            self._refuse(join.session_id, None, RefuseCode.TOO_LARGE, f"{limits.SESSIONS} sessions are joined")
            return
        self._leave(join.session_id, broke=False)
        try:
            role = await rooms.may_watch(self, join.session_id)
            hidden = join.hidden and await self._hides(join.session_id, role)
            self._joined[join.session_id] = None
            await rooms.join(
                self,
                join.session_id,
                join.position,
                join.audience,
                lambda: self._record_watch(join.session_id, role, hidden=hidden),
                hidden=hidden,
            )
        except Refused as refused:
            self._turn_away(join.session_id, refused)
        except SessionNotFound:
            unknown = Refused(RefuseCode.UNKNOWN_SESSION, f"no session {join.session_id}")
            self._turn_away(join.session_id, unknown)
        except Unavailable as error:
            self._turn_away(join.session_id, Refused(RefuseCode.NOT_SAVED_YET, f"join again: {error}"))

    async def _hides(self, session_id: SessionId, role: Role) -> bool:
        """Whether this person is to be shown to nobody; it is on record before anything else. Own calls hide nobody.

        Raises:
            Refused: `not_allowed` without the permission. Unavailable.
        """
        state = (await self._services.submit.sessions.open(session_id)).state
        if must_be_seen(state, self.actor):
            return False
        if not may_hide(state, self.actor):
            raise Refused(RefuseCode.NOT_ALLOWED, f"{self.actor.id} may not watch unseen")
        # Whatever the page holds already: that nobody sees it is a fact of its own.
        await self._services.audit.record(self.actor.id, "watch_hidden", session_id, {"as": role})
        self._hidden.add(session_id)
        return True

    async def _record_watch(self, session_id: SessionId, role: Role, *, hidden: bool) -> None:
        if role is not Role.OWNER and not hidden:
            await self._services.audit.record(self.actor.id, "watch", session_id, {"as": role})

    async def _appear(self, session_id: SessionId, act: Callable[[], Work | None]) -> None:
        """Show everybody that this person is here, then do what they did."""
        self._hidden.discard(session_id)
        await self._services.rooms.appear(self, session_id)
        work = act()
        if work is not None:
            await work

    async def _be_seen(self, session_id: SessionId) -> None:
        """Show everybody this person, who has the call or its seat by now, or came for it."""
        try:
            await self._services.rooms.appear(self, session_id)
        except Unavailable as error:
            log.warning("connection.unseen session_id=%s reason=%s", session_id, error)  # the next look tries again
        else:
            self._hidden.discard(session_id)

    def _on_command(self, frame: CommandFrame, size_bytes: int) -> Work | None:
        session_id, csn = frame.session_id, frame.csn
        try:
            command = codec.decode_command(frame.body)
        except msgspec.MsgspecError as error:
            self._refuse(session_id, csn, RefuseCode.BAD_COMMAND, str(error))
            return None
        if size_bytes > limits.MESSAGE_BYTES and not isinstance(command, EditNotes):
            self._refuse(session_id, csn, RefuseCode.TOO_LARGE, f"expected at most {limits.MESSAGE_BYTES} bytes")
            return None
        if isinstance(command, StartSession):
            return self._on_start(session_id, csn, command)
        if session_id in self._hidden:
            return self._appear(session_id, lambda: self._on_command(frame, size_bytes))
        room = self._services.rooms.find(session_id)
        if room is None or session_id not in self._joined or not self._follows(session_id):
            if isinstance(command, Resume | AcceptTransfer | DeclineTransfer):
                return self._on_unjoined(session_id, csn, command)
            self._refuse(session_id, csn, RefuseCode.UNKNOWN_SESSION, f"session {session_id} is not joined")
            return None
        if self._unanswered >= 2 * limits.UNACKNOWLEDGED:
            # Ours waits for answers at half of this; a delta may reach it before the commit's reply reaches us.
            self.close(CloseCode.RATE)
            return None
        self._unanswered += 1
        self._services.submit.enqueue(
            room.folded,
            command,
            self.actor,
            self._client_id,
            csn,
            lambda outcome: self._on_outcome(session_id, csn, command, outcome),
        )
        return None

    async def _on_unjoined(
        self, session_id: SessionId, csn: Csn, command: Resume | AcceptTransfer | DeclineTransfer
    ) -> None:
        """Take what is not joined: what waits for a colleague may be watched only once it is one's own."""

        def answer(outcome: Accepted | Refused) -> None:
            self._tell(session_id, csn, command, outcome)

        submit = self._services.submit
        try:
            submit.enqueue(await submit.sessions.open(session_id), command, self.actor, self._client_id, csn, answer)
        except SessionNotFound:
            self._refuse(session_id, csn, RefuseCode.UNKNOWN_SESSION, f"no session {session_id}")
        except Unavailable as error:
            self._refuse(session_id, csn, RefuseCode.NOT_SAVED_YET, str(error))

    def _on_outcome(self, session_id: SessionId, csn: Csn, command: Command, outcome: Accepted | Refused) -> None:
        self._unanswered -= 1
        self._tell(session_id, csn, command, outcome)

    def _follows(self, session_id: SessionId) -> bool:
        """Whether deltas of the Session come here: not any more to who lost their part in it."""
        room = self._services.rooms.find(session_id)
        return room is not None and self.connection_id in room.members

    def _tell(self, session_id: SessionId, csn: Csn, command: Command, outcome: Accepted | Refused) -> None:
        if isinstance(outcome, Refused):
            self._refuse(session_id, csn, outcome.code, outcome.detail)
            return
        if outcome.is_repeat or not self._follows(session_id):
            self.send(codec.encode(Acknowledged(session_id=session_id, csn=csn, seq=outcome.seq)))
        if (act := AUDITED.get(type(command))) is not None:
            # Of a repeat as well: the process that took the first one may be dead. The seq tells them apart.
            self._audit_soon(act, session_id, {**self._whom(session_id, command), "seq": str(outcome.seq)})
        if isinstance(command, Reassign):
            self._audit_soon("reassign", session_id, {"to": command.to_id, "seq": str(outcome.seq)})
        if isinstance(command, Transfer):
            to = command.to_id or command.to_team_id or ""
            self._audit_soon("transfer", session_id, {"to": to, "seq": str(outcome.seq)})
        if isinstance(command, CompleteTransfer):
            self._audit_soon("complete_transfer", session_id, {"to": command.to_id, "seq": str(outcome.seq)})
        # Otherwise the delta that the room sent is the acknowledgement.

    def _whom(self, session_id: SessionId, command: Command) -> dict[str, str]:
        """Who got the seat by it, if its sender did not."""
        room = self._services.rooms.find(session_id)
        if not isinstance(command, GrantSeat) or room is None:
            return {}
        granted = room.folded.state.handovers.get(command.handover_id)
        return {} if granted is None else {"to": granted.to.id}

    async def _on_start(self, session_id: SessionId, csn: Csn, command: StartSession) -> None:
        try:
            accepted = await self._services.submit.start(session_id, command, self.actor, self._client_id, csn)
        except Refused as refused:
            self._refuse(session_id, csn, refused.code, refused.detail)
        except Unavailable as error:
            self._refuse(session_id, csn, RefuseCode.NOT_SAVED_YET, str(error))
        else:
            self.send(codec.encode(Acknowledged(session_id=session_id, csn=csn, seq=accepted.seq)))

    def _on_doing(self, frame: EphemeralUp) -> Work | None:
        if frame.session_id not in self._joined:
            return None
        if frame.session_id in self._hidden:
            # To point is an act; what is typed is one when it is sent.
            is_act = frame.doing is Doing.POINTING
            return self._appear(frame.session_id, lambda: self._on_doing(frame)) if is_act else None
        now = time.monotonic()
        # The last word, that nothing is done any more, always passes.
        if frame.doing is Doing.NOTHING or now - self._last_doing_at.get(frame.session_id, 0.0) >= DOING_EVERY_S:
            self._last_doing_at[frame.session_id] = now
            self._services.rooms.tell_doing(self, frame)
        return None

    # --- life -------------------------------------------------------------------------

    def _check_slow(self) -> None:
        """Close a receiver for which too much waits too long; one large view is no slowness."""
        waiting_bytes, now = self._socket.waiting_bytes, time.monotonic()
        if waiting_bytes <= limits.WAITING_BYTES:
            self._slow_since = None
            return
        self._slow_since = self._slow_since or now
        if now - self._slow_since > limits.SLOW_AT_MOST_S or waiting_bytes > limits.WAITING_BYTES_EVER:
            log.warning("connection.slow peer=%s waiting_bytes=%d", self._socket.peer, waiting_bytes)
            self.close(CloseCode.SLOW)

    def check_heartbeat(self) -> None:
        """Close what said no hello, is silent or too slow; ping what has been quiet."""
        if self._slow_since is not None:
            self._check_slow()
        now = time.monotonic()
        if not self.is_open:
            if now - self._opened_at > limits.HELLO_WITHIN_S:
                self._close_bad("no hello in time")
        elif self._pinged_at is None:
            if now - self._heard_at > self._ping_after_s:
                self._pinged_at = now
                self.send(codec.encode(Ping()))
        elif self._heard_at >= self._pinged_at:
            self._pinged_at = None
        elif now - self._pinged_at > limits.PONG_WITHIN_S:
            self.close(CloseCode.NO_PONG)

    def take_sign_in(self, actor: Actor | None) -> None:
        """The sign-in was looked up again: the person as they are now, or nobody."""
        if actor is None:
            self.close(CloseCode.NOT_SIGNED_IN)
            return
        if actor != self.actor:
            self.actor = actor
            self._services.rooms.live_list.judge_again(self)
            self._services.rooms.notices.judge_again(self)
        for session_id in list(self._joined):
            room = self._services.rooms.find(session_id)
            is_hidden = session_id in self._hidden
            if room is None:
                continue
            if not may_stay(room.folded.state, actor, hidden=is_hidden):
                self._turn_away(session_id, TurnedAway(room.folded.state, actor))
            elif is_hidden and must_be_seen(room.folded.state, actor):
                self._soon(self._be_seen(session_id))

    def gone(self) -> None:
        """The connection is over: leave everything, and join nothing that is under way."""
        self.is_gone = True
        for session_id in list(self._joined):
            self._leave(session_id, broke=True)
        self._leave_list()

    def _leave_list(self) -> None:
        self._services.rooms.live_list.leave(self)
        self._services.rooms.notices.depart(self)

    def _leave(self, session_id: SessionId, *, broke: bool) -> None:
        if session_id in self._joined:
            del self._joined[session_id]
            self._last_doing_at.pop(session_id, None)
            self._hidden.discard(session_id)
            self._services.rooms.leave(self, session_id, broke=broke)

    def _turn_away(self, session_id: SessionId, refused: Refused) -> None:
        self._leave(session_id, broke=False)
        passed = refused.passed if isinstance(refused, TurnedAway) else None
        self._refuse(session_id, None, refused.code, refused.detail, passed)

    def _audit_soon(self, act: str, session_id: SessionId, detail: dict[str, str]) -> None:
        self._soon(self._record(act, session_id, detail))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _record(self, act: str, session_id: SessionId, detail: dict[str, str]) -> None:
        try:
            await self._services.audit.record(self.actor.id, act, session_id, detail)
        except Unavailable as error:
            # The Session's own log holds the fact as well; the operator learns that this list lacks it.
            log.error("audit.lost act=%s session_id=%s person_id=%s reason=%s", act, session_id, self.actor.id, error)

    def _refuse(
        self, session_id: SessionId, csn: Csn | None, code: RefuseCode, detail: str, passed: Passed | None = None
    ) -> None:
        self.send(codec.encode(Refusal(session_id=session_id, csn=csn, code=code, detail=detail, passed=passed)))

    def _close_bad(self, why: str) -> None:
        log.warning("connection.bad_envelope peer=%s reason=%s", self._socket.peer, why)
        self.close(CloseCode.BAD_ENVELOPE)
