/** What a screen sees, derived from the machine's state. Nothing here is stored. */

import { isSensitive } from "./keeping";
import type { ConfirmedNotes, Connection, LiveSessions, SessionModel, Unsaved } from "./model";
import { seenView } from "./predict";
import type { SessionState, State } from "./state";

type Dismissals = Pick<SessionModel, "dismissRefusal" | "dismissLost">;

export function selectConnection({ connection }: State): Connection {
  const { phase, retry_at_ms, process, closed_code, person_id, server_offset_ms } = connection;
  return {
    status: STATUS[phase],
    retry_at_ms: phase === "waiting" ? retry_at_ms : null,
    process,
    closed_code,
    person_id,
    server_offset_ms,
  };
}

export function selectUnsaved(state: State): Unsaved {
  const waiting = Object.values(state.sessions).flatMap((session) =>
    session.pending.map(({ command, at_ms }) => ({
      at_ms,
      is_only_here: !state.keeps || isSensitive(state, session, command),
    })),
  );
  return {
    count: waiting.length,
    since_ms: waiting.length === 0 ? null : Math.min(...waiting.map(({ at_ms }) => at_ms)),
    only_here: waiting.filter(({ is_only_here }) => is_only_here).length,
  };
}

/** Sessions that are not on screen and hold inputs that were not accepted. */
export function selectRefusedElsewhere({ sessions }: State): readonly string[] {
  return Object.values(sessions)
    .filter(({ followers, refusals }) => followers === 0 && refusals.length > 0)
    .map(({ session_id }) => session_id);
}

const STATUS = {
  stopped: "closed",
  opening: "connecting",
  greeting: "connecting",
  open: "open",
  waiting: "offline",
} as const;

/** A Session that nobody follows yet. */
export const UNKNOWN_YET: SessionModel = {
  phase: "joining",
  audience: null,
  view: null,
  seq: null,
  pending_count: 0,
  saved: "saved",
  refusals: [],
  people: [],
  is_hidden: false,
  passed: null,
  doing: [],
  lost: null,
  dismissRefusal: () => undefined,
  dismissLost: () => undefined,
};

export function selectSession(
  state: State,
  session: SessionState,
  hasDraft: boolean,
  { dismissRefusal, dismissLost }: Dismissals,
): SessionModel {
  const { phase, audience, pending, refusals, people, is_hidden, passed, said, lost } = session;
  return {
    phase,
    audience,
    view: seenView(state, session),
    seq: session.position?.seq ?? null,
    pending_count: pending.length,
    saved: selectSaved(state, session, hasDraft),
    refusals,
    people,
    is_hidden,
    passed,
    doing: Object.values(said).map(({ frame }) => frame),
    lost,
    dismissRefusal,
    dismissLost,
  };
}

function selectSaved(
  { connection, retry }: State,
  { pending }: SessionState,
  hasDraft: boolean,
): SessionModel["saved"] {
  if (pending.length === 0 && !hasDraft) return "saved";
  return connection.phase === "open" && retry === null ? "saving" : "not_saved";
}

const NO_LIST_YET: LiveSessions = { phase: "joining", sessions: [] };
const lists = new WeakMap<object, LiveSessions>();

/** The same object while the list is the same. */
export function selectLiveSessions({ list: { sessions } }: State): LiveSessions {
  if (sessions === null) return NO_LIST_YET;
  const list = lists.get(sessions) ?? { phase: "live", sessions: Object.values(sessions) };
  lists.set(sessions, list);
  return list;
}

/** Whether all that this page sent is stored, or refused. */
export function selectSettled({ sessions }: State): boolean {
  return Object.values(sessions).every(({ pending }) => pending.length === 0);
}

export function selectNotes({ view, history, pending }: SessionState): ConfirmedNotes | null {
  if (view === null) return null;
  const is_pending = pending.some(({ command }) => command.type === "edit_notes");
  return { history, updates: view.notes_updates, is_pending };
}
