/**
 * Rows that keep still: newest first, but while somebody is about to click,
 * nothing is inserted and nothing taken away. Pure; the hook holds the time.
 */

import type { LiveSession } from "../../protocol/protocol.gen";

export interface Row {
  readonly session: LiveSession;
  /** It left the list while the rows were held still. */
  readonly is_gone: boolean;
}

/** The rows to show next, given those shown now. */
export function nextRows(rows: readonly Row[], sessions: readonly LiveSession[], is_held: boolean): readonly Row[] {
  if (!is_held || rows.length === 0) return sort(sessions).map((session) => ({ session, is_gone: false }));
  const by_id = new Map(sessions.map((session) => [session.session_id, session]));
  return rows.map((row) => {
    const session = by_id.get(row.session.session_id);
    return session === undefined ? { session: row.session, is_gone: true } : { session, is_gone: false };
  });
}

function sort(sessions: readonly LiveSession[]): LiveSession[] {
  return sessions.toSorted((a, b) => b.started_ms - a.started_ms || (a.session_id < b.session_id ? -1 : 1));
}
