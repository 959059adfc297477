/** A page without a browser, for tests: the machine with a clock that stands still unless moved. */

import type {
  ActionView,
  Delta,
  DownFrame,
  Op,
  Passed,
  Refusal,
  UpFrame,
  View,
  ViewFrame,
  WorkflowVersion,
} from "../protocol/protocol.gen";
import { step, wakeAt } from "./machine";
import type { CommandInput, SessionModel } from "./model";
import { csnFor } from "./queue";
import { selectSession, UNKNOWN_YET } from "./selectors";
import { createState, type Effect, type Input, type State } from "./state";

export const S1 = "1".repeat(32);
export const S2 = "2".repeat(32);
export const ME = "a".repeat(32);
export const ANA = { id: "ana", name: "Ana Agent" };

export class Page {
  state: State;
  now_ms = 1_000_000;
  random = 1;
  effects: Effect[] = [];
  hasDraft = false;
  private drawn = 0;

  constructor(client_id = ME) {
    this.state = createState(client_id, "test");
  }

  input(input: Input): void {
    const [state, effects] = step(this.state, input, { now_ms: this.now_ms, random: this.random });
    this.state = state;
    this.effects.push(...effects);
    if (effects.some((effect) => effect.type === "draw_client")) {
      this.drawn += 1;
      this.input({
        type: "client_drawn",
        client_id: `${this.state.client_id.slice(0, 1)}${this.drawn}`.padEnd(32, "0"),
      });
    }
  }

  hear(...frames: DownFrame[]): void {
    for (const frame of frames) this.input({ type: "frame", generation: this.generation, frame });
  }

  advance(ms: number): void {
    const until_ms = this.now_ms + ms;
    let ticks = 0;
    for (let wake_ms = wakeAt(this.state); wake_ms !== null && wake_ms <= until_ms; wake_ms = wakeAt(this.state)) {
      ticks += 1;
      if (ticks > 1_000) throw new Error(`something stays due at ${wake_ms} and is never done`);
      this.now_ms = Math.max(this.now_ms, wake_ms);
      this.input({ type: "tick" });
    }
    this.now_ms = until_ms;
  }

  /** Connects, up to the welcome. */
  connect(): void {
    if (this.state.connection.phase === "stopped") this.input({ type: "start" });
    if (this.state.connection.phase === "waiting") this.input({ type: "woken" });
    this.input({ type: "opened", generation: this.generation });
    this.hear(welcome(this.now_ms));
  }

  close(code: number): void {
    this.input({ type: "closed", generation: this.generation, code });
  }

  /** Connects, follows `S1` and gets its view at position 1. */
  live(): void {
    this.connect();
    this.input({ type: "follow", session_id: S1 });
    this.hear(viewFrame());
    this.input({ type: "version", version: VERSION });
    this.sent();
  }

  send(command: CommandInput, session_id = S1): number {
    const csn = csnFor(this.state, session_id, command);
    this.input({ type: "send", session_id, command });
    return csn;
  }

  /** Frames that left since the last look. */
  sent(): UpFrame[] {
    const frames = this.effects.filter((effect) => effect.type === "send").map((effect) => effect.frame);
    this.effects = [];
    return frames;
  }

  sentCommands() {
    return this.sent().filter((frame) => frame.type === "command");
  }

  session(session_id = S1): SessionModel {
    const session = this.state.sessions[session_id];
    return session === undefined ? UNKNOWN_YET : selectSession(this.state, session, this.hasDraft, UNKNOWN_YET);
  }

  get generation(): number {
    return this.state.connection.generation;
  }
}

export function setField(field_key: string, content: string): CommandInput {
  return { type: "set_field", field_key, content };
}

export function welcome(server_ms: number, unacknowledged = 16): DownFrame {
  const limits = { message_bytes: 65_536, notes_bytes: 524_288, unacknowledged, sessions: 50 };
  return { type: "welcome", process: "w1", person_id: "ana", server_ms, limits };
}

export function viewFrame(change: Partial<ViewFrame> = {}): ViewFrame {
  const position = { seq: 1, entry_id: "e1" };
  return { type: "view", session_id: S1, position, reason: "joined", audience: "owner", view: view(), ...change };
}

/** The entry `seq`, which follows the entry before it unless told otherwise. */
export function delta(seq: number, change: Partial<Delta> = {}): Delta {
  const chain = { seq, entry_id: `e${seq}`, previous_id: `e${seq - 1}` };
  return { type: "delta", session_id: S1, ...chain, client_id: null, csn: null, at_ms: 0, ops: [], ...change };
}

export function refusal(csn: number | null, code: Refusal["code"], passed: Passed | null = null): DownFrame {
  return { type: "refusal", session_id: S1, csn, code, detail: "", passed };
}

export function putField(key: string, content: string): Op {
  const record = {
    key,
    masked: false,
    content,
    shown: null,
    valid: true,
    problem: null,
    by: ANA,
    at_ms: 0,
    visit_id: "v1",
  };
  return { op: "put", collection: "fields", id: key, record };
}

/** An Action that waits for somebody to send it. */
export function action(change: Partial<ActionView> = {}): ActionView {
  return {
    id: "a1",
    key: "book",
    section_key: "hello",
    visit_id: "v1",
    status: "draft",
    shown: "not_fired",
    leaves: [],
    valid: true,
    locked_by: null,
    locked_until_ms: null,
    edited_by: null,
    removed_by: null,
    fired_by: null,
    fired_ms: null,
    settled_ms: null,
    due_ms: null,
    waits_for: null,
    waits_reason: null,
    approval: null,
    attempts: [],
    failures: 0,
    blocked: false,
    message: "",
    out_of_date: false,
    corrects: null,
    compensates: null,
    dismissed_by: null,
    marked_by: null,
    reason: null,
    ...change,
  };
}

export function view(): View {
  return {
    head: {
      session: {
        session_id: S1,
        version_id: "sales@1",
        title: "",
        status: "active",
        training: false,
        owner: ANA,
        team_ids: ["t"],
        driver: ANA,
        seat: 1,
        seated_ms: 0,
        current_visit_id: "v1",
        path: ["v1"],
        started_ms: 0,
        changed_ms: 0,
        paused_reason: null,
        pause_cause: null,
        call_back_ms: null,
        end_reason: null,
        end_reason_key: null,
        end_cause: null,
        switched_to: null,
        switched_from: null,
        external_id: null,
        missing: [],
        came_from: null,
        undo_until_ms: null,
        won: false,
        hung_up_ms: null,
        suggestions_muted: false,
        screen_shared: false,
      },
    },
    visits: {
      v1: {
        id: "v1",
        section_key: "hello",
        entered: "start",
        entered_ms: 0,
        left_ms: null,
        previous_id: null,
        continues: null,
        selected: null,
        answer_key: null,
        abandoned: false,
      },
    },
    fields: {},
    responses: {},
    actions: {},
    corrections: {},
    suggestions: {},
    reassignments: {},
    moments: {},
    help_requests: {},
    handovers: {},
    seat_changes: {},
    transfers: {},
    whispers: {},
    notes_updates: {},
  };
}

const answer = { label: "Yes", writes: null, visible_when: null };
const section = {
  content: "",
  fields: [],
  actions: [],
  routes: [],
  win: false,
  disclosure: null,
  pause_recording: false,
  open_to_jumps: false,
  expected_s: null,
};

/** Two Sections that lead to each other; one Answer leads nowhere; `secret` and `code` are sensitive. */
export const VERSION = {
  id: "sales@1",
  number: 1,
  published_ms: 0,
  document: {
    format: "sidecoach.workflow/1",
    key: "sales",
    name: "Sales",
    description: "",
    category: "",
    title: "",
    start: "hello",
    sections: [
      {
        ...section,
        key: "hello",
        name: "Hello",
        answers: [
          { ...answer, key: "yes", to: "offer" },
          { ...answer, key: "no", to: null },
        ],
      },
      { ...section, key: "offer", name: "Offer", answers: [{ ...answer, key: "again", to: "hello" }] },
    ],
    fields: [
      { key: "name", type: "text", sensitive: false },
      { key: "secret", type: "text", sensitive: true },
      { key: "code", type: "masked", sensitive: false },
    ],
    responses: [],
  },
} as unknown as WorkflowVersion;
