/**
 * The machine's state, inputs and effects: the words that its parts share.
 *
 * Everything is immutable. Times are this computer's milliseconds unless the
 * name says otherwise.
 */

import type {
  Audience,
  Command,
  Doing,
  DownFrame,
  EphemeralDown,
  Limits,
  LiveSession,
  Notice,
  Passed,
  Position,
  Present,
  UpFrame,
  View,
  WorkflowVersion,
} from "../protocol/protocol.gen";
import type { Leftover } from "./keeping";
import type { Alerts, CommandInput, LostWork, RefusedInput } from "./model";

/** What the shell measures with each input. */
export interface Moment {
  readonly now_ms: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export interface ConnectionState {
  /** `opening` a socket, `greeting` = hello sent, `waiting` to try again. */
  readonly phase: "stopped" | "opening" | "greeting" | "open" | "waiting";
  /** Rises with each socket; whatever an older socket says is ignored. */
  readonly generation: number;
  readonly failures: number;
  readonly since_ms: number;
  readonly heard_ms: number;
  readonly retry_at_ms: number;
  /** Set once the server said that it will close; how long to stay away then. */
  readonly closing_retry_ms: number | null;
  readonly closed_code: number | null;
  readonly process: string | null;
  readonly person_id: string | null;
  readonly server_offset_ms: number;
  readonly limits: Limits;
}

export interface Pending {
  readonly csn: number;
  readonly command: Command;
  /** Server's clock as estimated when it was given; predictions show it. */
  readonly at_ms: number;
  /** `held` was sent and must be sent again, unchanged. */
  readonly status: "unsent" | "sent" | "held";
  readonly sent_ms: number;
}

export interface Acked {
  readonly command: Command;
  readonly seq: number;
  readonly at_ms: number;
}

interface Said {
  readonly frame: EphemeralDown;
  readonly at_ms: number;
}

export interface DoingOut {
  readonly doing: Doing;
  readonly field_key: string | null;
  readonly target?: string;
}

export interface SessionState {
  readonly session_id: string;
  readonly followers: number;
  /** When to leave, after the last follower is gone. */
  readonly leave_at_ms: number | null;
  readonly phase: "joining" | "live" | "unknown" | "forbidden";
  /** Per connection: `refused` until the next one. */
  readonly joined: "no" | "asked" | "yes" | "refused";
  readonly asked_ms: number;
  /** Not before this; null: at once if `joined` is `no`. */
  readonly join_at_ms: number | null;
  readonly join_failures: number;
  /** When gaps were found in the last minute. */
  readonly gaps_ms: readonly number[];
  /** Of `view`. Null: the next join asks for a whole view. */
  readonly position: Position | null;
  readonly audience: Audience | null;
  /** Confirmed. */
  readonly view: View | null;
  /** Rises when the server turns out to have another history. */
  readonly history: number;
  readonly pending: readonly Pending[];
  readonly acked: readonly Acked[];
  readonly refusals: readonly RefusedInput[];
  readonly lost: LostWork | null;
  readonly people: readonly Present[];
  readonly said: Readonly<Record<string, Said>>;
  readonly doing_out: DoingOut | null;
  readonly doing_sent_ms: number;
  /** Joined, or to be joined, unseen: as long as the server shows this person to nobody. */
  readonly is_hidden: boolean;
  readonly passed: Passed | null;
}

export interface ListState {
  readonly followers: number;
  readonly joined: boolean;
  /** Null until the whole list came once. */
  readonly sessions: Readonly<Record<string, LiveSession>> | null;
  /** Of one's teams; none to who leads none. */
  readonly alerts: Alerts;
}

/** The oldest command is "not saved yet": it alone is sent, at `at_ms`, until it is settled. */
interface Retry {
  readonly csn: number;
  readonly failures: number;
  readonly at_ms: number;
}

export interface State {
  readonly build: string;
  readonly connection: ConnectionState;
  readonly client_id: string;
  /** A new client id is due as soon as no command that was sent is unsettled. */
  readonly renewal: "none" | "due" | "drawing";
  readonly csn: number;
  /** The queue outlives the page. */
  readonly keeps: boolean;
  /** Sessions of others are joined unseen. */
  readonly hides: boolean;
  readonly retry: Retry | null;
  readonly sessions: Readonly<Record<string, SessionState>>;
  readonly list: ListState;
  /** Those that stand and may concern this person, as last told. */
  readonly notices: readonly Notice[];
  readonly versions: Readonly<Record<string, WorkflowVersion>>;
}

export type Input =
  | { readonly type: "start" | "stop" | "woken" | "offline" | "tick" | "follow_list" | "unfollow_list" }
  | { readonly type: "opened"; readonly generation: number }
  | { readonly type: "frame"; readonly generation: number; readonly frame: DownFrame }
  | { readonly type: "closed"; readonly generation: number; readonly code: number }
  | { readonly type: "follow" | "unfollow" | "dismiss_lost"; readonly session_id: string }
  | { readonly type: "send"; readonly session_id: string; readonly command: CommandInput }
  | ({ readonly type: "doing"; readonly session_id: string } & DoingOut)
  | { readonly type: "dismiss_refusal"; readonly session_id: string; readonly id: number }
  | { readonly type: "version"; readonly version: WorkflowVersion }
  | { readonly type: "client_drawn"; readonly client_id: string }
  /** From now on Sessions of others are watched unseen, or seen. */
  | { readonly type: "hide"; readonly is_hidden: boolean }
  /** The queue outlives the page from now on. */
  | { readonly type: "keeps" }
  /** A page that is gone left this; only while nothing is pending here. */
  | { readonly type: "take_over"; readonly leftover: Leftover };

export type Effect =
  | { readonly type: "open" | "close"; readonly generation: number }
  | { readonly type: "send"; readonly frame: UpFrame }
  | { readonly type: "draw_client" };

export function createState(client_id: string, build: string): State {
  return {
    build,
    connection: {
      phase: "stopped",
      generation: 0,
      failures: 0,
      since_ms: 0,
      heard_ms: 0,
      retry_at_ms: 0,
      closing_retry_ms: null,
      closed_code: null,
      process: null,
      person_id: null,
      server_offset_ms: 0,
      // Until the first welcome says what this server accepts.
      limits: { message_bytes: 65_536, notes_bytes: 524_288, unacknowledged: 16, sessions: 50 },
    },
    client_id,
    renewal: "none",
    csn: 0,
    keeps: false,
    hides: false,
    retry: null,
    sessions: {},
    list: { followers: 0, joined: false, sessions: null, alerts: { alerts: [], snoozes: [] } },
    notices: [],
    versions: {},
  };
}

export function createSession(session_id: string): SessionState {
  return {
    session_id,
    followers: 0,
    leave_at_ms: null,
    phase: "joining",
    joined: "no",
    asked_ms: 0,
    join_at_ms: null,
    join_failures: 0,
    gaps_ms: [],
    position: null,
    audience: null,
    view: null,
    history: 0,
    pending: [],
    acked: [],
    refusals: [],
    lost: null,
    people: [],
    said: {},
    doing_out: null,
    doing_sent_ms: 0,
    is_hidden: false,
    passed: null,
  };
}

/** The state with one Session changed; the same state if the change leaves it as it is. */
export function withSession(state: State, session_id: string, change: (session: SessionState) => SessionState): State {
  const session = state.sessions[session_id];
  if (session === undefined) return state;
  const changed = change(session);
  return changed === session ? state : { ...state, sessions: { ...state.sessions, [session_id]: changed } };
}

export function withEverySession(state: State, change: (session: SessionState) => SessionState): State {
  const ids = Object.keys(state.sessions);
  return ids.reduce((next, session_id) => withSession(next, session_id, change), state);
}
