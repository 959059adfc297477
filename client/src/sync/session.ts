/**
 * One followed Session: joining it, its confirmed view, who is there. Pure.
 *
 * Commands are in `queue.ts`; what acknowledged work a new history lacks is
 * in `lost.ts`. Rules CN28 to CN32 and DL21 to DL25.
 */

import type { Delta, EphemeralDown, Refusal, Resumed, UpFrame, ViewFrame } from "../protocol/protocol.gen";
import { apply } from "./apply";
import { findLost } from "./lost";
import {
  createSession,
  type DoingOut,
  type Effect,
  type Moment,
  type SessionState,
  type State,
  withSession,
} from "./state";

const LINGER_MS = 5_000;
const DOING_MS = 5_000;
export const JOIN_TIMEOUT_MS = 15_000;
const DOING_EVERY_MS = 100;
const GAP_WINDOW_MS = 60_000;
const GAPS_BY_POSITION = 3; // Gaps a minute that are mended from the position; then whole views, 10 s apart.
const GAP_PAUSE_MS = 10_000;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 10_000;

/** Pause before what was "not saved yet" is tried again: 1, 2, 4, 8, 10 s. */
export function retryDelay(failures: number): number {
  return Math.min(RETRY_MS * 2 ** failures, RETRY_MAX_MS);
}

/** The state that knows this Session; one that nobody follows is left after a while. */
export function withKnown(state: State, session_id: string, at: Moment): State {
  if (state.sessions[session_id] !== undefined) return state;
  const session = { ...createSession(session_id), leave_at_ms: at.now_ms + LINGER_MS, is_hidden: state.hides };
  return { ...state, sessions: { ...state.sessions, [session_id]: session } };
}

export function follow(session: SessionState): SessionState {
  return { ...session, followers: session.followers + 1, leave_at_ms: null };
}

export function unfollow(session: SessionState, at: Moment): SessionState {
  const followers = Math.max(0, session.followers - 1);
  return { ...session, followers, leave_at_ms: followers === 0 ? at.now_ms + LINGER_MS : null };
}

/** The connection is gone, and with it what it had joined. The view stays on screen. */
export function disconnect(session: SessionState): SessionState {
  return { ...session, joined: "no", join_at_ms: null, gaps_ms: [], said: {}, people: [], doing_out: null };
}

/** Whether a join is due: never before the start of a Session of ours is answered, since it does not exist yet. */
export function isJoinDue(session: SessionState, now_ms: number): boolean {
  if (isStarting(session)) return false;
  if (session.join_at_ms !== null) return session.join_at_ms <= now_ms;
  return session.joined === "no";
}

function isStarting({ pending }: SessionState): boolean {
  return pending.some(({ command }) => command.type === "start_session");
}

export function join(session: SessionState, at: Moment, out: Effect[]): SessionState {
  const { session_id, position, audience, is_hidden } = session;
  const hidden = is_hidden ? { hidden: true } : {};
  out.push({ type: "send", frame: { type: "join", session_id, position, audience, ...hidden } });
  return { ...session, joined: "asked", asked_ms: at.now_ms, join_at_ms: null };
}

/** Unseen, or seen, from now on; joined anew if it is. */
export function hide(session: SessionState, is_hidden: boolean, at: Moment): SessionState {
  if (session.is_hidden === is_hidden) return session;
  return { ...session, is_hidden, ...(session.joined === "yes" && { join_at_ms: at.now_ms }) };
}

/** Whatever this person does shows them to all. Rule PR5. */
export function shownBy(state: State, frame: UpFrame): State {
  if (frame.type !== "command" && !(frame.type === "ephemeral" && frame.doing === "pointing")) return state;
  return withSession(state, frame.session_id, (each) => (each.is_hidden ? { ...each, is_hidden: false } : each));
}

export function onView(session: SessionState, frame: ViewFrame): SessionState {
  const { position, audience, view, reason } = frame;
  const answered = { ...joined(session), position, audience, view };
  if (reason !== "ahead" && reason !== "fork") return answered;
  const { commands, kept } = findLost(session.acked, frame);
  const before = session.lost?.commands ?? [];
  return {
    ...answered,
    history: session.history + 1,
    acked: kept,
    lost: { reason, commands: [...before, ...commands] },
  };
}

export function onResumed(session: SessionState, { audience }: Resumed): SessionState {
  return { ...joined(session), audience };
}

/** Also comes for a Session that is joined, once the person's right or the log is gone: that ends the following. */
export function onJoinRefused(session: SessionState, { code, passed }: Refusal, at: Moment): SessionState {
  if (code === "unknown_session" || code === "not_allowed") {
    const phase = code === "not_allowed" ? "forbidden" : "unknown";
    const ended = { ...session, phase, joined: "refused", join_at_ms: null, doing_out: null } as const;
    return { ...ended, position: null, audience: null, view: null, people: [], said: {}, passed };
  }
  const join_at_ms = at.now_ms + retryDelay(session.join_failures);
  return { ...session, joined: "no", join_at_ms, join_failures: session.join_failures + 1 };
}

export function onDelta(session: SessionState, delta: Delta, at: Moment): SessionState {
  const { position, view } = session;
  if (position === null || view === null || delta.seq <= position.seq) return session;
  if (delta.seq === position.seq + 1 && delta.previous_id === position.entry_id) {
    return { ...session, position: { seq: delta.seq, entry_id: delta.entry_id }, view: apply(view, delta.ops) };
  }
  return session.joined === "yes" && session.join_at_ms === null ? onGap(session, at) : session;
}

/** Joins again from the position; if that keeps failing, for a whole view, and not too often. */
function onGap(session: SessionState, at: Moment): SessionState {
  const gaps_ms = [...session.gaps_ms.filter((gap_ms) => at.now_ms - gap_ms < GAP_WINDOW_MS), at.now_ms];
  if (gaps_ms.length <= GAPS_BY_POSITION) return { ...session, gaps_ms, join_at_ms: at.now_ms };
  return { ...session, gaps_ms, position: null, join_at_ms: at.now_ms + GAP_PAUSE_MS };
}

export function onEphemeral(session: SessionState, frame: EphemeralDown, at: Moment): SessionState {
  const { [frame.person_id]: _, ...others } = session.said;
  if (frame.doing === "nothing") return { ...session, said: others };
  return { ...session, said: { ...others, [frame.person_id]: { frame, at_ms: at.now_ms } } };
}

/** Drops what somebody said too long ago. */
export function forget(session: SessionState, now_ms: number): SessionState {
  const kept = Object.entries(session.said).filter(([, said]) => now_ms - said.at_ms < DOING_MS);
  return kept.length === Object.keys(session.said).length ? session : { ...session, said: Object.fromEntries(kept) };
}

/** Keeps the latest of what this person does; nobody is told later what was done while apart. */
export function onDoing(session: SessionState, doing_out: DoingOut): SessionState {
  return session.joined === "yes" ? { ...session, doing_out } : session;
}

/** Sends what this person does, if something is to be said and the last time is long enough ago. */
export function say(session: SessionState, at: Moment, out: Effect[]): SessionState {
  const { doing_out, session_id } = session;
  if (doing_out === null || session.joined !== "yes") return session;
  if (at.now_ms < session.doing_sent_ms + DOING_EVERY_MS) return session;
  out.push({ type: "send", frame: { type: "ephemeral", session_id, ...doing_out } });
  return { ...session, doing_out: null, doing_sent_ms: at.now_ms };
}

export function deadlines(session: SessionState, isOpen: boolean): number[] {
  const times = Object.values(session.said).map((said) => said.at_ms + DOING_MS);
  if (session.leave_at_ms !== null && session.pending.length + session.refusals.length === 0)
    times.push(session.leave_at_ms);
  if (!isOpen) return times;
  if (session.join_at_ms !== null && !isStarting(session)) times.push(session.join_at_ms);
  if (session.joined === "asked") times.push(session.asked_ms + JOIN_TIMEOUT_MS);
  if (session.joined === "yes" && session.doing_out !== null) times.push(session.doing_sent_ms + DOING_EVERY_MS);
  return times;
}

function joined(session: SessionState): SessionState {
  return { ...session, phase: "live", joined: "yes", join_at_ms: null, join_failures: 0 };
}
