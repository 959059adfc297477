/** The list of live Sessions: followed while somebody looks, kept on screen while offline. Pure. Rule DL26. */

import type { AlertsFrame, ListFrame, LiveSession } from "../protocol/protocol.gen";
import type { Effect, ListState, State } from "./state";

export function withList(state: State, change: Partial<ListState>): State {
  return { ...state, list: { ...state.list, ...change } };
}

/** Asks for the list if somebody follows it and this connection does not yet. */
export function settleList(state: State, out: Effect[]): State {
  if (state.list.followers === 0 || state.list.joined) return state;
  out.push({ type: "send", frame: { type: "join_list", takes_changes: true } });
  return withList(state, { joined: true });
}

export function unfollowList(state: State, out: Effect[]): State {
  const followers = Math.max(0, state.list.followers - 1);
  if (followers > 0) return withList(state, { followers });
  if (state.list.joined) out.push({ type: "send", frame: { type: "leave_list" } });
  return withList(state, { followers, joined: false });
}

/** Kept like the list itself: what is open is told anew with the next connection. */
export function onAlertsFrame(state: State, alerts: AlertsFrame): State {
  return state.list.joined ? withList(state, { alerts }) : state;
}

export function onListFrame(state: State, { whole, put, remove, changed }: ListFrame): State {
  const { sessions, joined } = state.list;
  if (!joined || (sessions === null && !whole)) return state;
  const next = whole ? {} : { ...sessions };
  for (const session_id of remove) delete next[session_id];
  for (const session of put) next[session.session_id] = session;
  for (const { session_id, to } of changed ?? []) {
    // a server of the release before sends none
    const session = next[session_id];
    if (session !== undefined) next[session_id] = { ...session, ...(to as Partial<LiveSession>) };
  }
  return withList(state, { sessions: next });
}
