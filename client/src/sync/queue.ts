/**
 * Commands of this page, from given to settled. Pure.
 *
 * First in, first out over all Sessions; a bounded number under way; what was
 * sent never changes and is sent again, under the same csn, until the server
 * accepts or refuses it. Rules CM20 to CM29.
 */

import type { Command, RefuseCode } from "../protocol/protocol.gen";
import { type Leftover, pendingAgain } from "./keeping";
import { asKept, remember } from "./lost";
import type { CommandInput, RefusedInput } from "./model";
import { seenView } from "./predict";
import { retryDelay, withKnown } from "./session";
import {
  type Effect,
  type Moment,
  type Pending,
  type SessionState,
  type State,
  withEverySession,
  withSession,
} from "./state";

const ANSWER_TIMEOUT_MS = 45_000; // A server over its rate stops reading for up to 30 s.

/** The csn that this command gets when it is given now: a new one, or that of the `set_field` it replaces. */
export function csnFor(state: State, session_id: string, command: CommandInput): number {
  return findReplaced(state.sessions[session_id], command)?.csn ?? state.csn + 1;
}

export function enqueue(state: State, session_id: string, input: CommandInput, at: Moment): State {
  const known = withKnown(state, session_id, at);
  const session = known.sessions[session_id] as SessionState;
  const csn = csnFor(state, session_id, input);
  const numbered: State = { ...known, csn: Math.max(state.csn, csn) };
  const command = complete(input, numbered, session);
  if (command === null) {
    return refuse(numbered, session_id, csn, input as Command, "stale_visit", "the Session is not here yet", at);
  }
  if (isTooLarge(state, session_id, csn, command)) {
    return refuse(numbered, session_id, csn, command, "too_large", "more than this server takes at once", at);
  }
  const at_ms = Math.round(at.now_ms + state.connection.server_offset_ms);
  const pending: Pending = { csn, command, at_ms, status: "unsent", sent_ms: 0 };
  return withSession(numbered, session_id, (before) => ({
    ...before,
    pending: [...before.pending.filter((each) => each.csn !== csn), pending].sort((one, other) => one.csn - other.csn),
  }));
}

/** Sends what may be sent now. */
export function flush(state: State, at: Moment, out: Effect[]): State {
  const queue = underWay(state);
  let sent = queue.filter(({ pending }) => pending.status === "sent").length;
  let next = state;
  for (const [place, { session, pending }] of queue.entries()) {
    if (pending.status === "sent") continue;
    if (state.retry !== null && (place > 0 || at.now_ms < state.retry.at_ms)) break;
    if (state.renewal !== "none" && pending.status === "unsent") break;
    if (sent >= state.connection.limits.unacknowledged || !isReady(session, pending)) break;
    const { csn, command } = pending;
    out.push({ type: "send", frame: { type: "command", session_id: session.session_id, csn, body: command } });
    next = withPending(next, session.session_id, csn, { status: "sent", sent_ms: at.now_ms });
    sent += 1;
  }
  return next;
}

/** The server stored the command as entry `seq`. */
export function acknowledge(state: State, session_id: string, csn: number, seq: number, at: Moment): State {
  const pending = findPending(state, session_id, csn);
  if (pending === undefined) return state;
  return withSession(without(state, session_id, csn), session_id, (session) => ({
    ...session,
    acked: remember(session.acked, { command: asKept(pending.command, session.view), seq, at_ms: at.now_ms }),
    // Whoever resumed a teammate's Session, or accepted one, may watch it from now on.
    ...((pending.command.type === "resume" || pending.command.type === "accept_transfer") &&
      session.joined === "refused" && { phase: "joining", joined: "no" }),
  }));
}

/** The server did not accept the command: it is kept for the person, or tried again if only the store is away. */
export function refused(
  state: State,
  session_id: string,
  csn: number,
  code: RefuseCode,
  detail: string,
  at: Moment,
): State {
  const pending = findPending(state, session_id, csn);
  if (pending === undefined) return state;
  // Completed twice, by a double click or from two tabs: what was wanted is so.
  if (code === "finished" && pending.command.type === "complete") return without(state, session_id, csn);
  // Whoever may not edit sees who does; nothing is lost with it.
  if (pending.command.type === "lock_action") return without(state, session_id, csn);
  if (code === "action_settled" && wasSent(state.sessions[session_id], pending.command)) {
    return without(state, session_id, csn);
  }
  if (code !== "not_saved_yet") {
    return refuse(without(state, session_id, csn), session_id, csn, pending.command, code, detail, at);
  }
  const held = withPending(state, session_id, csn, { status: "held" });
  const { retry } = state;
  if (retry !== null && retry.csn < csn) return held;
  const failures = retry?.csn === csn ? retry.failures + 1 : 0;
  return { ...held, retry: { csn, failures, at_ms: at.now_ms + retryDelay(failures) } };
}

/** Sent twice, by a double click or by two people: what was wanted is so. */
function wasSent(session: SessionState | undefined, command: Command): boolean {
  if (command.type !== "send_action") return false;
  const shown = session?.view?.actions[command.action_id]?.shown;
  return shown === "pending" || shown === "sent";
}

/** The connection is gone: what was under way will be sent again. */
export function hold(state: State): State {
  return withEverySession(state, (session) => ({
    ...session,
    pending: session.pending.map((each) => (each.status === "sent" ? { ...each, status: "held" } : each)),
  }));
}

/**
 * Goes on as the page that is gone: under its client id and csn, with its queue. What was not kept is told.
 * Only while nothing is pending here.
 */
export function takeOver(state: State, { commands }: Leftover, at: Moment): State {
  const client_id = commands[0]?.client_id ?? state.client_id;
  const csn = Math.max(...commands.map(({ last_csn }) => last_csn));
  const ids = [...new Set(commands.map(({ session_id }) => session_id))];
  const queued = ids.reduce<State>(
    (next, session_id) =>
      withSession(withKnown(next, session_id, at), session_id, (session) => ({
        ...session,
        pending: pendingAgain(commands, session_id),
      })),
    { ...state, client_id, csn, renewal: "none" },
  );
  return commands
    .filter((each) => each.is_withheld)
    .reduce(
      (next, { session_id, csn, command }) => refuse(next, session_id, csn, command, "not_kept", "it is sensitive", at),
      queued,
    );
}

/** Whether a command that left is still unsettled; it must be settled under the client id that it left with. */
export function isAnySent(state: State): boolean {
  return underWay(state).some(({ pending }) => pending.status !== "unsent");
}

/** When the queue wants to be looked at again, while the connection is open. */
export function deadlines(state: State): { retry_ms: number | null; answer_ms: number | null } {
  const queue = underWay(state);
  const sent = queue.filter(({ pending }) => pending.status === "sent").map(({ pending }) => pending.sent_ms);
  const oldest = queue[0];
  const isWaiting = oldest !== undefined && oldest.pending.status !== "sent" && isReady(oldest.session, oldest.pending);
  return {
    retry_ms: isWaiting ? (state.retry?.at_ms ?? null) : null,
    answer_ms: sent.length === 0 ? null : Math.min(...sent) + ANSWER_TIMEOUT_MS,
  };
}

function underWay(state: State): { session: SessionState; pending: Pending }[] {
  return Object.values(state.sessions)
    .flatMap((session) => session.pending.map((pending) => ({ session, pending })))
    .sort((one, other) => one.pending.csn - other.pending.csn);
}

/** Only after the join was answered is it known in which history a command that was sent before is repeated. */
function isReady({ joined }: SessionState, { command }: Pending): boolean {
  return command.type === "start_session" || joined === "yes" || joined === "refused";
}

/** An unsent `set_field` of the same Field, with nothing but other Fields after it. */
function findReplaced(session: SessionState | undefined, command: CommandInput): Pending | undefined {
  if (session === undefined || command.type !== "set_field") return undefined;
  const last = session.pending.findLastIndex((each) => each.command.type !== "set_field" || each.status !== "unsent");
  return session.pending
    .slice(last + 1)
    .find((each) => each.command.type === "set_field" && each.command.field_key === command.field_key);
}

/** The command with the visit and seat that the person sees; null if there is no view to take them from. */
function complete(input: CommandInput, state: State, session: SessionState): Command | null {
  switch (input.type) {
    case "start_session":
    case "edit_notes":
    case "resume":
    case "annotate_pause":
    case "end":
    case "lock_action":
    case "edit_action":
    case "remove_action":
    case "send_action":
    case "cancel_action":
    case "approve_action":
    case "look_up_action":
    case "mark_action":
    case "correct_action":
    case "unlock_action":
    case "correct_field":
    case "report_hang_up":
    case "reassign":
    case "transfer":
    case "accept_transfer":
    case "decline_transfer":
    case "withdraw_transfer":
    case "complete_transfer":
    case "mark_moment":
    case "withdraw_suggestion":
    case "ask_for_help":
    case "cancel_help":
    case "claim_help":
    case "explain_take":
    case "whisper":
    case "reply_to_whisper":
    case "read_whisper":
      return input;
  }
  const head = seenView(state, session)?.head.session;
  if (head === undefined) return null;
  switch (input.type) {
    case "take_seat":
    case "hand_back":
    case "request_seat":
    case "offer_seat":
    case "grant_seat":
    case "accept_seat":
    case "decline_seat":
    case "withdraw_seat":
    case "undo":
    case "mute_suggestions":
    case "share_screen":
      return { ...input, seat: head.seat };
    case "select_answer":
    case "continue":
    case "back":
    case "go_to":
    case "set_field":
    case "use_response":
    case "pause":
    case "complete":
    case "leave_review":
    case "switch":
    case "accept_suggestion":
    case "dismiss_suggestion":
      return { ...input, visit_id: head.current_visit_id, seat: head.seat };
    case "suggest":
      return { ...input, visit_id: head.current_visit_id };
  }
}

function isTooLarge(state: State, session_id: string, csn: number, body: Command): boolean {
  const bytes = new TextEncoder().encode(JSON.stringify({ type: "command", session_id, csn, body })).length;
  const { notes_bytes, message_bytes } = state.connection.limits;
  return bytes > (body.type === "edit_notes" ? notes_bytes : message_bytes);
}

function refuse(
  state: State,
  session_id: string,
  csn: number,
  command: Command,
  code: RefusedInput["code"],
  detail: string,
  { now_ms }: Moment,
): State {
  // A refused edit of the Notes contains the one that was refused before it.
  const isContained = (other: Command): boolean => command.type === "edit_notes" && other.type === "edit_notes";
  return withSession(state, session_id, (session) => ({
    ...session,
    refusals: [
      ...session.refusals.filter((refusal) => !isContained(refusal.command)),
      { id: csn, code, detail, command, at_ms: now_ms },
    ],
  }));
}

function findPending(state: State, session_id: string, csn: number): Pending | undefined {
  return state.sessions[session_id]?.pending.find((each) => each.csn === csn);
}

function withPending(state: State, session_id: string, csn: number, change: Partial<Pending>): State {
  return withSession(state, session_id, (session) => ({
    ...session,
    pending: session.pending.map((each) => (each.csn === csn ? { ...each, ...change } : each)),
  }));
}

/** Settled: the command is no longer pending, and if others waited for it, they may go. */
function without(state: State, session_id: string, csn: number): State {
  const settled = withSession(state, session_id, (session) => ({
    ...session,
    pending: session.pending.filter((each) => each.csn !== csn),
  }));
  return state.retry?.csn === csn ? { ...settled, retry: null } : settled;
}
