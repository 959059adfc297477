/**
 * The shared Session in the browser as one pure reducer: (state, input) → (state, effects).
 *
 * No clock, no randomness, no network: `store.ts` measures and draws, and
 * carries the effects out. After each input everything that is due at that
 * moment is done (`settle`), and `wakeAt` says when to look again; so there
 * are no timers to forget.
 *
 *   connection.ts   connect, greet, come back      queue.ts   commands, given to settled
 *   session.ts      join, deltas, presence         lost.ts    what a new history lacks
 *
 * Rules: protocol/SPEC.md, CN, CM and DL.
 */

import type { DownFrame } from "../protocol/protocol.gen";
import * as connection from "./connection";
import { onAlertsFrame, onListFrame, settleList, unfollowList, withList } from "./live";
import * as queue from "./queue";
import * as session from "./session";
import {
  type Effect,
  type Input,
  type Moment,
  type SessionState,
  type State,
  withEverySession,
  withSession,
} from "./state";

export function step(state: State, input: Input, at: Moment): [State, readonly Effect[]] {
  const out: Effect[] = [];
  return [settle(take(state, input, at, out), at, out), out];
}

function take(state: State, input: Input, at: Moment, out: Effect[]): State {
  switch (input.type) {
    case "start":
      return state.connection.phase === "stopped" ? connection.open(state, at, out) : state;
    case "stop":
      return stop(state, out);
    case "woken":
      if (state.connection.phase === "waiting") return connection.open(state, at, out);
      return connection.isDead(state, at) ? lose(connection.reopen(state, at, out)) : state;
    case "offline":
      return connection.isConnected(state) ? lose(connection.drop(state, at, out)) : state;
    case "opened":
      return isCurrent(state, input) ? connection.greet(state, at, out) : state;
    case "frame":
      return isCurrent(state, input) ? hear(state, input.frame, at, out) : state;
    case "closed":
      return isCurrent(state, input) ? lose(connection.ended(state, input.code, at)) : state;
    case "follow":
      return withSession(session.withKnown(state, input.session_id, at), input.session_id, session.follow);
    case "unfollow":
      return withSession(state, input.session_id, (each) => session.unfollow(each, at));
    case "follow_list":
      return withList(state, { followers: state.list.followers + 1 });
    case "unfollow_list":
      return unfollowList(state, out);
    case "send":
      return queue.enqueue(state, input.session_id, input.command, at);
    case "doing": {
      const { type: _, session_id, ...doing } = input;
      return withSession(state, session_id, (each) => session.onDoing(each, doing));
    }
    case "dismiss_refusal":
      return withSession(state, input.session_id, (each) => ({
        ...each,
        refusals: each.refusals.filter((refusal) => refusal.id !== input.id),
      }));
    case "dismiss_lost":
      return withSession(state, input.session_id, (each) => ({ ...each, lost: null }));
    case "version":
      return { ...state, versions: { ...state.versions, [input.version.id]: input.version } };
    case "client_drawn":
      return renew({ ...state, client_id: input.client_id, renewal: "none" }, at, out);
    case "keeps":
      return { ...state, keeps: true };
    case "take_over":
      return renew(queue.takeOver(state, input.leftover, at), at, out);
    case "tick":
      return state;
  }
}

function hear(before: State, frame: DownFrame, at: Moment, out: Effect[]): State {
  const state = connection.withConnection(before, { heard_ms: at.now_ms });
  switch (frame.type) {
    case "welcome":
      return connection.withConnection(state, {
        phase: "open",
        since_ms: at.now_ms,
        closed_code: null,
        process: frame.process,
        person_id: frame.person_id,
        server_offset_ms: frame.server_ms - at.now_ms,
        limits: frame.limits,
      });
    case "view": {
      const viewed = withSession(state, frame.session_id, (each) => session.onView(each, frame));
      const isOther = frame.reason === "ahead" || frame.reason === "fork";
      return isOther && viewed.renewal === "none" ? { ...viewed, renewal: "due" } : viewed;
    }
    case "resumed":
      return withSession(state, frame.session_id, (each) => session.onResumed(each, frame));
    case "delta": {
      const { session_id, client_id, csn, seq } = frame;
      const applied = withSession(state, session_id, (each) => session.onDelta(each, frame, at));
      const isOurs = client_id === state.client_id && csn !== null;
      return isOurs ? queue.acknowledge(applied, session_id, csn, seq, at) : applied;
    }
    case "acknowledged":
      return queue.acknowledge(state, frame.session_id, frame.csn, frame.seq, at);
    case "refusal":
      if (frame.csn === null) {
        return withSession(state, frame.session_id, (each) => session.onJoinRefused(each, frame, at));
      }
      return queue.refused(state, frame.session_id, frame.csn, frame.code, frame.detail, at);
    case "presence":
      return withSession(state, frame.session_id, (each) => ({ ...each, people: frame.people }));
    case "ephemeral":
      return withSession(state, frame.session_id, (each) => session.onEphemeral(each, frame, at));
    case "list":
      return onListFrame(state, frame);
    case "alerts":
      return onAlertsFrame(state, frame);
    case "ping":
      out.push({ type: "send", frame: { type: "pong" } });
      return state;
    case "closing":
      return connection.withConnection(state, { closing_retry_ms: frame.retry_ms });
    default:
      frame satisfies never; // A newer server may say more; what it says is for newer clients.
      return state;
  }
}

/** Does everything that is due now. */
function settle(before: State, at: Moment, out: Effect[]): State {
  const state = leave(expire(before, at, out), at, out);
  if (state.connection.phase !== "open") return state;
  if (state.renewal === "due" && !queue.isAnySent(state)) {
    out.push({ type: "draw_client" });
    return { ...state, renewal: "drawing" };
  }
  const joined = withEverySession(settleList(state, out), (each) =>
    session.isJoinDue(each, at.now_ms) ? session.join(each, at, out) : each,
  );
  return withEverySession(queue.flush(joined, at, out), (each) => session.say(each, at, out));
}

/** Time-outs: of the connection's phase, of a join, of a command, of what others do. */
function expire(state: State, at: Moment, out: Effect[]): State {
  const forgotten = withEverySession(state, (each) => session.forget(each, at.now_ms));
  const isOver = (time_ms: number | null): boolean => time_ms !== null && time_ms <= at.now_ms;
  const isOverdue =
    isOver(connection.deadline(state)) || (state.connection.phase === "open" && isOver(answerDeadline(state)));
  if (!isOverdue) return forgotten;
  if (state.connection.phase === "waiting") return connection.open(forgotten, at, out);
  return lose(connection.drop(forgotten, at, out));
}

/** When the server is late with an answer to a join or a command. */
function answerDeadline(state: State): number | null {
  const joins = Object.values(state.sessions)
    .filter((each) => each.joined === "asked")
    .map((each) => each.asked_ms + session.JOIN_TIMEOUT_MS);
  return earliest([queue.deadlines(state).answer_ms, ...joins]);
}

/** Leaves Sessions that nobody looks at any more and that have nothing left to save. */
function leave(state: State, at: Moment, out: Effect[]): State {
  const isLeft = (id: string): boolean => {
    const each = state.sessions[id];
    return each != null && each.leave_at_ms !== null && each.leave_at_ms <= at.now_ms && isSettled(each);
  };
  const left = Object.keys(state.sessions).filter(isLeft);
  if (left.length === 0) return state;
  for (const session_id of left) {
    const { joined } = state.sessions[session_id] ?? {};
    if (joined === "yes" || joined === "asked") out.push({ type: "send", frame: { type: "leave", session_id } });
  }
  const kept = Object.entries(state.sessions).filter(([id]) => !left.includes(id));
  return { ...state, sessions: Object.fromEntries(kept) };
}

/** Nothing of it waits to be saved, or to be read by this person. */
function isSettled({ pending, refusals }: SessionState): boolean {
  return pending.length === 0 && refusals.length === 0;
}

/** The next moment at which something is due; null if nothing is until the next input. */
export function wakeAt(state: State): number | null {
  const isOpen = state.connection.phase === "open";
  return earliest([
    connection.deadline(state),
    ...Object.values(state.sessions).flatMap((each) => session.deadlines(each, isOpen)),
    ...(isOpen ? [queue.deadlines(state).retry_ms, queue.deadlines(state).answer_ms] : []),
  ]);
}

/** The new client id is said in a hello, so it needs a new connection. */
function renew(state: State, at: Moment, out: Effect[]): State {
  return connection.isConnected(state) ? lose(connection.reopen(state, at, out)) : state;
}

function stop(state: State, out: Effect[]): State {
  if (connection.isConnected(state)) out.push({ type: "close", generation: state.connection.generation });
  return lose(connection.withConnection(state, { phase: "stopped", closed_code: null, failures: 0 }));
}

/** Nothing is joined and nothing under way without a connection. */
function lose(state: State): State {
  return queue.hold(withEverySession(withList(state, { joined: false }), session.disconnect));
}

function isCurrent(state: State, { generation }: { generation: number }): boolean {
  return generation === state.connection.generation && connection.isConnected(state);
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
