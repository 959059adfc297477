/**
 * A server that follows the protocol, in memory, for tests: one log per
 * Session, connections as two queues of messages that arrive in order or not
 * at all. It knows just enough rules to accept and to refuse.
 */

import type { Command, CommandFrame, Delta, DownFrame, Op, Position, UpFrame, View } from "../protocol/protocol.gen";
import { apply } from "./apply";
import { ANA, putField, VERSION, view, welcome } from "./testing";

interface Log {
  entries: Delta[];
  views: View[];
}

export class Connection {
  readonly up: UpFrame[] = [];
  readonly down: DownFrame[] = [];
  readonly joined = new Set<string>();
  client_id = "";
  /** After "not saved yet" nothing of this client is accepted before the same command comes again. */
  awaited_csn: number | null = null;
}

const TOO_FAR = 6;

export class FakeServer {
  readonly logs = new Map<string, Log>();
  readonly connections = new Set<Connection>();
  isStoreAway = false;
  isNextRefused = false;
  /** The next entry is pushed to one member less. */
  isNextPushLost = false;
  private drawn = 0;

  create(session_id: string): void {
    const started = this.entry(null, 1, "", session_id);
    const head = { ...view().head.session, session_id };
    const first = apply(view(), [{ op: "put", collection: "head", id: "session", record: head }]);
    this.logs.set(session_id, { entries: [started], views: [first] });
  }

  view(session_id: string): View | undefined {
    return this.logs.get(session_id)?.views.at(-1);
  }

  /** Takes the next message of a connection. */
  take(connection: Connection): void {
    const frame = connection.up.shift();
    switch (frame?.type) {
      case "hello":
        connection.client_id = frame.client_id;
        connection.down.push(welcome(0, 4));
        break;
      case "join":
        this.join(connection, frame.session_id, frame.position ?? null);
        break;
      case "leave":
        connection.joined.delete(frame.session_id);
        break;
      case "command":
        this.answer(connection, frame);
        break;
      default:
        break;
    }
  }

  /** The store loses the last entries; all connections end. */
  failOver(session_id: string, lost: number): void {
    const log = this.logs.get(session_id);
    const kept = Math.max(1, (log?.entries.length ?? 0) - lost);
    log?.entries.splice(kept);
    log?.views.splice(kept);
    this.connections.clear();
  }

  private join(connection: Connection, session_id: string, position: Position | null): void {
    const log = this.logs.get(session_id);
    const refuse = (code: "not_saved_yet" | "unknown_session") =>
      connection.down.push({ type: "refusal", session_id, csn: null, code, detail: "", passed: null });
    const head = log?.entries.at(-1);
    if (this.isStoreAway || log === undefined || head === undefined) {
      refuse(this.isStoreAway ? "not_saved_yet" : "unknown_session");
      return;
    }
    connection.joined.add(session_id);
    const reason = findReason(log, position);
    if (reason === null) {
      const missing = log.entries.slice(position?.seq);
      connection.down.push({ type: "resumed", session_id, audience: "owner", behind: missing.length }, ...missing);
      return;
    }
    const whole = log.views.at(-1) as View;
    const at = { seq: head.seq, entry_id: head.entry_id };
    connection.down.push({ type: "view", session_id, position: at, reason, audience: "owner", view: whole });
  }

  private answer(connection: Connection, { session_id, csn, body }: CommandFrame): void {
    const refuse = (code: Extract<DownFrame, { type: "refusal" }>["code"]) =>
      connection.down.push({ type: "refusal", session_id, csn, code, detail: "", passed: null });
    // A command that was stored before it was answered "not saved yet" will not come again: its page saw the delta.
    const awaited_csn = this.isStored(connection.client_id, connection.awaited_csn) ? null : connection.awaited_csn;
    if (this.isStoreAway || (awaited_csn !== null && awaited_csn !== csn)) {
      connection.awaited_csn ??= csn;
      refuse("not_saved_yet");
      return;
    }
    connection.awaited_csn = null;
    if (body.type === "start_session" && !this.logs.has(session_id)) {
      this.create(session_id);
      const log = this.logs.get(session_id) as Log;
      log.entries[0] = { ...(log.entries[0] as Delta), client_id: connection.client_id, csn };
      connection.down.push(log.entries[0]);
      return;
    }
    const log = this.logs.get(session_id);
    if (log === undefined) {
      refuse("unknown_session");
      return;
    }
    const own = log.entries.filter((entry) => entry.client_id === connection.client_id);
    const repeated = own.find((entry) => entry.csn === csn);
    if (repeated !== undefined) {
      connection.down.push({ type: "acknowledged", session_id, csn, seq: repeated.seq });
      return;
    }
    if (own.some((entry) => (entry.csn ?? 0) > csn)) {
      refuse("refused_before");
      return;
    }
    const now = log.views.at(-1) as View;
    const ops = this.isNextRefused ? null : decide(now, body);
    this.isNextRefused = false;
    if (ops === null) {
      refuse("stale_visit");
      return;
    }
    this.commit(log, { ...this.entry(log.entries.at(-1) ?? null, csn, connection.client_id, session_id), ops });
  }

  private isStored(client_id: string, csn: number | null): boolean {
    return [...this.logs.values()].some(({ entries }) =>
      entries.some((entry) => entry.client_id === client_id && entry.csn === csn),
    );
  }

  private commit(log: Log, entry: Delta): void {
    log.views.push(apply(log.views.at(-1) as View, entry.ops));
    log.entries.push(entry);
    const members = [...this.connections].filter(({ joined }) => joined.has(entry.session_id));
    const isSender = (member: Connection): boolean => member.client_id === entry.client_id;
    // Whoever sent it and did not join yet is answered all the same.
    for (const sender of this.connections) {
      if (isSender(sender) && !sender.joined.has(entry.session_id)) sender.down.push(entry);
    }
    const missed = this.isNextPushLost ? members.find((member) => !isSender(member)) : undefined;
    this.isNextPushLost = false;
    for (const member of members) if (member !== missed) member.down.push(entry);
  }

  private entry(before: Delta | null, csn: number, client_id: string, session_id: string): Delta {
    this.drawn += 1;
    const chain = { seq: (before?.seq ?? 0) + 1, entry_id: `d${this.drawn}`, previous_id: before?.entry_id ?? "" };
    return { type: "delta", session_id, ...chain, client_id, csn, at_ms: this.drawn, ops: [] };
  }
}

function findReason({ entries }: Log, position: Position | null) {
  if (position === null) return "joined";
  if (position.seq > entries.length) return "ahead";
  if (entries[position.seq - 1]?.entry_id !== position.entry_id) return "fork";
  return entries.length - position.seq > TOO_FAR ? "too_far" : null;
}

/** The ops of an accepted command; null if it is refused. */
function decide(before: View, command: Command): Op[] | null {
  const head = before.head.session;
  if (head === undefined || ("visit_id" in command && command.visit_id !== head.current_visit_id)) return null;
  const visit = before.visits[head.current_visit_id];
  if (visit === undefined) return null;
  switch (command.type) {
    case "set_field":
      return [putField(command.field_key, String(command.content))];
    case "select_answer":
      return [{ op: "put", collection: "visits", id: visit.id, record: { ...visit, selected: command.answer_key } }];
    case "continue": {
      const section = VERSION.document.sections.find(({ key }) => key === visit.section_key);
      const to = section?.answers.find(({ key }) => key === visit.selected)?.to;
      if (to == null) return null;
      const id = `v${Object.keys(before.visits).length + 1}`;
      const started = { ...visit, id, section_key: to, previous_id: visit.id, selected: null, answer_key: null };
      const path = [...head.path, id];
      return [
        { op: "put", collection: "visits", id: visit.id, record: { ...visit, answer_key: visit.selected } },
        { op: "put", collection: "visits", id, record: started },
        { op: "put", collection: "head", id: "session", record: { ...head, current_visit_id: id, path } },
      ];
    }
    case "take_seat":
      return [{ op: "put", collection: "head", id: "session", record: { ...head, driver: ANA } }];
    default:
      return null;
  }
}
