/**
 * What a screen sees of the shared Session: the types that `sync` hands out.
 *
 * Nothing is computed here: `selectors.ts` derives these from the machine's
 * state, `store.ts` hands them to React. Words of the wire come from
 * `protocol/protocol.gen.ts` and are not repeated.
 */

import type {
  AlertsFrame,
  Audience,
  Command,
  Doing,
  EphemeralDown,
  FieldContent,
  LiveSession,
  NotesUpdate,
  Notice,
  Passed,
  Present,
  RefuseCode,
  View,
  WorkflowVersion,
} from "../protocol/protocol.gen";

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A command as a screen words it; the machine fills in the visit and the seat that the person sees. */
export type CommandInput = Without<Command, "visit_id" | "seat">;

/** The connection to the server, for banners and clocks. */
export interface Connection {
  /** `offline`: waiting to try again. `closed`: not started, or the server said not to come back (`closed_code`). */
  readonly status: "connecting" | "open" | "offline" | "closed";
  /** When the next try starts, in this computer's milliseconds; null unless `offline`. */
  readonly retry_at_ms: number | null;
  /** Name of the server process that answers; null before the first welcome. */
  readonly process: string | null;
  /** Why the last connection ended: 4501 too old → reload, 4502 not signed in, 4503 forbidden, 4507 gone. */
  readonly closed_code: number | null;
  /** Who is signed in on this connection; null before the first welcome. */
  readonly person_id: string | null;
  /** Server clock minus this computer's clock: `Date.now() + server_offset_ms` is the server's now. */
  readonly server_offset_ms: number;
}

/** What this page gave and the server has not stored yet, over all Sessions. */
export interface Unsaved {
  readonly count: number;
  /** Since when the oldest waits, by the server's clock; null if nothing does. */
  readonly since_ms: number | null;
  /** How many would be gone with this page: sensitive values, or all if this browser keeps nothing. */
  readonly only_here: number;
}

/** A command that was not accepted. It holds the input, so that nothing typed is lost. */
export interface RefusedInput {
  /** The csn that sending it returned; names it for `dismissRefusal`. */
  readonly id: number;
  /** `not_kept`: a sensitive value that was pending when its page was closed. */
  readonly code: RefuseCode | "not_kept";
  /** What happened and what was expected. */
  readonly detail: string;
  readonly command: Command;
  /** When the answer came, in this computer's milliseconds. */
  readonly at_ms: number;
}

/** Acknowledged work that the server no longer has. */
export interface LostWork {
  readonly reason: "ahead" | "fork";
  /** This page's recent commands that are not in the new history, as far as can be known; may be empty. */
  readonly commands: readonly Command[];
}

/** One Session as this person sees it now. The same object until something in it changes. */
export interface SessionModel {
  /** `live` stays while offline: the last known view is shown. */
  readonly phase: "joining" | "live" | "unknown" | "forbidden";
  /** Null until the first view. */
  readonly audience: Audience | null;
  /** Confirmed state with this page's own pending commands predicted on top; null until the first view. */
  readonly view: View | null;
  /** Where the confirmed state stands in the log: what was seen, for commands that name it; null before the first view. */
  readonly seq: number | null;
  /** Commands of this page that are not acknowledged yet. */
  readonly pending_count: number;
  /**
   * `saved`: nothing typed or done here waits to be stored. `saving`: typed a moment ago, or on its way.
   * `not_saved`: cannot be saved at the moment; kept and sent again by itself.
   */
  readonly saved: "saved" | "saving" | "not_saved";
  readonly refusals: readonly RefusedInput[];
  /** Everybody who has the Session open, oneself included. */
  readonly people: readonly Present[];
  /** Nobody is shown this person: only if they watch, and may do so unseen. */
  readonly is_hidden: boolean;
  /** Forbidden, but this person's before: who has it now. */
  readonly passed: Passed | null;
  /** What others do right now; forgotten 5 s after it was last said. */
  readonly doing: readonly EphemeralDown[];
  readonly lost: LostWork | null;
  readonly dismissRefusal: (id: number) => void;
  readonly dismissLost: () => void;
}

/** The live Sessions that this person may see, in no particular order. */
export interface LiveSessions {
  readonly phase: "joining" | "live";
  readonly sessions: readonly LiveSession[];
}

/** Open alerts of the teams that this person leads, and rules that are kept quiet. */
export type Alerts = Pick<AlertsFrame, "alerts" | "snoozes">;

/** The confirmed Notes of a Session, for the document that is bound to them. */
export interface ConfirmedNotes {
  /** Rises when the server turns out to have another history: then these updates replace all earlier ones. */
  readonly history: number;
  readonly updates: Readonly<Record<string, NotesUpdate>>;
  /** An edit of this page is not settled yet. */
  readonly is_pending: boolean;
}

export interface SyncOptions {
  /** Address of the socket; by default `/ws` of the page's own host. */
  readonly url?: string;
  /** Version of this client, at most 64 characters; the server tells one that is too old to reload. */
  readonly build?: string;
  /** Whose queue is kept on this computer; none is if it is not said. */
  readonly person_id?: string;
}

/** The Session that another system's name of the call stands for. */
interface KnownSession {
  readonly session_id: string;
  readonly external_id: string;
  /** What is filled in from the start. */
  readonly values: Record<string, FieldContent>;
}

/** Where a call goes on. */
export interface SwitchTo {
  readonly version_id: string;
  readonly training: boolean;
  /** Section to go on at, if the version has it; only from a version that was recalled. */
  readonly section_key?: string;
}

/**
 * The page's one line to the server. Keep it in `SyncProvider`.
 *
 * Components use the hooks; what they are made of comes last here. The
 * readers return the same object until something in it changes.
 */
export interface Sync {
  /** Connects, and keeps connected until `stop`; after `closed`, tries once more. */
  readonly start: () => void;
  readonly stop: () => void;
  /** Draws an id, starts a Session under it, follows it. Go to its screen at once: the view arrives there. */
  readonly startSession: (version_id: string, training: boolean, known?: KnownSession) => string;
  /**
   * Starts the Session that goes on and, once that is stored, ends this one as switched: whatever happens in between,
   * the call is in one that is open. Resolves with the new one's id; with null if starting it was refused.
   */
  readonly switchWorkflow: (session_id: string, to: SwitchTo) => Promise<string | null>;
  /**
   * Sends a command to a Session that may not be on screen: joins it first. Resolves once it is stored; with false if
   * it was refused, or did not come about within 10 s.
   */
  readonly actOn: (session_id: string, command: CommandInput) => Promise<boolean>;
  /** Tells the others; at most 10 a second leave. Say it again at least every 4 s while it goes on. */
  readonly sendDoing: (session_id: string, doing: Doing, field_key: string | null) => void;
  /** Shows the others what is meant: `v3/answer/yes`. */
  readonly point: (session_id: string, target: string) => void;
  /** Gives the machine a Workflow version that was fetched, so that Continue can be predicted. */
  readonly provideVersion: (version: WorkflowVersion) => void;
  /** Keeps a draft: something typed, which `send` makes a command of. Call what this returns once that is done. */
  readonly keepDraft: (session_id: string, send: () => void) => () => void;
  /** Sends every draft at once: before a command that must come after it. */
  readonly sendDrafts: () => void;
  /** Sends every draft and waits until all of this page is settled, 2 s at most: before the page is left. */
  readonly saveAll: () => Promise<void>;
  /** Removes from this computer what it keeps of this person: on signing out. */
  readonly forget: () => Promise<void>;

  readonly subscribe: (listener: () => void) => () => void;
  readonly connection: () => Connection;
  readonly unsaved: () => Unsaved;
  /** Ids of Sessions that are not on screen and hold inputs that were not accepted. */
  readonly refusedElsewhere: () => readonly string[];
  readonly session: (session_id: string) => SessionModel;
  readonly liveSessions: () => LiveSessions;
  /** Told with the list, to who follows that. */
  readonly alerts: () => Alerts;
  /** Notices that stand and may concern this person; told to who follows the live list. */
  readonly notices: () => readonly Notice[];
  /** Null before the first view. */
  readonly notes: (session_id: string) => ConfirmedNotes | null;
  /** Joins, and leaves 5 s after the last follower called the function that this returns. */
  readonly follow: (session_id: string) => () => void;
  readonly followLiveSessions: () => () => void;
  readonly send: (session_id: string, command: CommandInput) => number;
  /** Sessions of others are watched unseen from now on, or seen; only for who has the permission. */
  readonly hide: (is_hidden: boolean) => void;
}
