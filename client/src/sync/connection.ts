/**
 * Life of the connection: connect, greet, stay, come back. Pure.
 *
 * Every phase but `stopped` has a time-out and a way out. What is said over
 * an open connection is in `machine.ts`. Rules CN20 to CN26.
 */

import { CloseCode } from "../protocol/protocol.gen";
import type { ConnectionState, Effect, Moment, State } from "./state";

const OPEN_TIMEOUT_MS = 10_000;
const SILENCE_MS = 40_000;
const PINGED_MS = 28_000; // The server pings every 25 s.
const STABLE_MS = 10_000; // A connection that held this long ends the row of failures.
const BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 20_000;

type Out = Effect[];

/** Opens a new socket. */
export function open(state: State, at: Moment, out: Out): State {
  const generation = state.connection.generation + 1;
  out.push({ type: "open", generation });
  return withConnection(state, { phase: "opening", generation, since_ms: at.now_ms, closing_retry_ms: null });
}

/** The socket is open: the first word is ours. */
export function greet(state: State, at: Moment, out: Out): State {
  out.push({ type: "send", frame: { type: "hello", client_id: state.client_id, build: state.build } });
  return withConnection(state, { phase: "greeting", since_ms: at.now_ms });
}

/** Ends the connection from this side and comes back after the usual delay. */
export function drop(state: State, at: Moment, out: Out): State {
  out.push({ type: "close", generation: state.connection.generation });
  return ended(state, null, at);
}

/** Ends the connection from this side and opens another at once. */
export function reopen(state: State, at: Moment, out: Out): State {
  out.push({ type: "close", generation: state.connection.generation });
  return open(state, at, out);
}

/** The connection is gone: by a close code, or null by our own time-out. */
export function ended(state: State, code: number | null, at: Moment): State {
  const { phase, since_ms, failures, closing_retry_ms } = state.connection;
  if (code !== null && code >= CloseCode.BAD_ENVELOPE && code < 5000) {
    return withConnection(state, { phase: "stopped", closed_code: code, failures: 0 });
  }
  const row = phase === "open" && at.now_ms - since_ms >= STABLE_MS ? 0 : failures;
  const delay_ms = closing_retry_ms ?? at.random * Math.min(BACKOFF_MS * 2 ** row, BACKOFF_MAX_MS);
  return withConnection(state, {
    phase: "waiting",
    failures: row + 1,
    closed_code: code,
    retry_at_ms: at.now_ms + delay_ms,
  });
}

/** When this phase times out; null if it may last. */
export function deadline({ connection }: State): number | null {
  switch (connection.phase) {
    case "stopped":
      return null;
    case "waiting":
      return connection.retry_at_ms;
    case "opening":
    case "greeting":
      return connection.since_ms + OPEN_TIMEOUT_MS;
    case "open":
      return connection.heard_ms + SILENCE_MS;
  }
}

export function isConnected({ connection }: State): boolean {
  return connection.phase === "opening" || connection.phase === "greeting" || connection.phase === "open";
}

/** Whether the line was silent over the server's ping: of a device that slept, or whose network changed. */
export function isDead({ connection }: State, at: Moment): boolean {
  return connection.phase === "open" && at.now_ms - connection.heard_ms > PINGED_MS;
}

export function withConnection(state: State, change: Partial<ConnectionState>): State {
  return { ...state, connection: { ...state.connection, ...change } };
}
