import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { createDrafts } from "./drafts";
import type { Sync } from "./model";
import { BATCH_MS, bindNotes } from "./notes";
import { selectNotes } from "./selectors";
import { delta, ME, Page, refusal, S1, view, viewFrame } from "./testing";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A page with the Notes of `S1`, and the document that a server would hold. */
class Desk {
  readonly page = new Page();
  readonly stored = new Y.Doc();
  readonly drafts = createDrafts(() => this.tell());
  private readonly listeners = new Set<() => void>();
  private seq = 1;

  constructor() {
    this.page.live();
  }

  bind() {
    const sync = {
      session: () => this.page.session(),
      notes: () => selectNotes(this.page.state.sessions[S1] as never),
      send: (_: string, command: never) => {
        const csn = this.page.send(command);
        this.tell();
        return csn;
      },
      keepDraft: this.drafts.keep,
      subscribe: (listener: () => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    } as unknown as Sync;
    return bindNotes(Y, sync, S1);
  }

  hear(...frames: Parameters<Page["hear"]>): void {
    this.page.hear(...frames);
    this.tell();
  }

  /** Edits that left since the last look. */
  sent(): { csn: number; update: string }[] {
    return this.page
      .sentCommands()
      .flatMap(({ csn, body }) => (body.type === "edit_notes" ? [{ csn, update: body.update }] : []));
  }

  /** Stores edits and acknowledges them. */
  store(edits: readonly { csn: number | null; update: string }[]): void {
    for (const { csn, update } of edits) {
      this.seq += 1;
      Y.applyUpdate(this.stored, Buffer.from(update, "base64"));
      const ops = [{ op: "put", collection: "notes_updates", id: `${this.seq}`, record: { update } }] as const;
      this.hear(delta(this.seq, { client_id: csn === null ? null : ME, csn, ops }));
    }
  }

  get text(): string {
    return this.stored.getText("notes").toString();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function typedElsewhere(text: string): string {
  const doc = new Y.Doc();
  doc.getText("notes").insert(0, text);
  return Buffer.from(Y.encodeStateAsUpdate(doc)).toString("base64");
}

describe("notes", () => {
  it("[CM32] sends what was typed within 300 ms as one edit", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    for (const letter of ["o", "l", "l", "e", "H"]) text.insert(0, letter);
    vi.advanceTimersByTime(BATCH_MS - 1);
    expect(desk.sent()).toEqual([]);
    vi.advanceTimersByTime(1);
    const edits = desk.sent();
    expect(edits).toHaveLength(1);
    desk.store(edits);
    expect(desk.text).toBe("Hello");
  });

  it("[CM33] has one edit under way at a time", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    text.insert(0, "a");
    vi.advanceTimersByTime(BATCH_MS);
    text.insert(1, "b");
    vi.advanceTimersByTime(10 * BATCH_MS);
    const first = desk.sent();
    expect(first).toHaveLength(1);
    desk.store(first);
    vi.advanceTimersByTime(BATCH_MS);
    desk.store(desk.sent());
    expect(desk.text).toBe("ab");
  });

  it("[DL27] keeps a draft from the first letter until it is a command", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    expect(desk.drafts.has(S1)).toBe(false);
    text.insert(0, "a");
    expect(desk.drafts.has(S1)).toBe(true);
    vi.advanceTimersByTime(BATCH_MS);
    expect(desk.drafts.has(S1)).toBe(false);
    expect(desk.page.session().saved).toBe("saving");
    text.insert(1, "b");
    const [first] = desk.sent();
    desk.store(first ? [first] : []);
    expect(desk.page.session().saved).toBe("saved");
    expect(desk.drafts.has(S1)).toBe(true);
  });

  it("[CM33] [CM36] sends what has to leave at once whole, so that it does not build on what is under way", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    text.insert(0, "a");
    vi.advanceTimersByTime(BATCH_MS);
    text.insert(1, "b");
    desk.drafts.sendAll();
    desk.drafts.sendAll();
    const [first, second, ...others] = desk.sent();
    expect(others).toEqual([]);
    desk.hear(refusal(first?.csn ?? 0, "bad_notes"));
    desk.store(second ? [second] : []);
    expect(desk.text).toBe("ab");

    text.insert(2, "c");
    vi.advanceTimersByTime(BATCH_MS);
    desk.store(desk.sent());
    expect(desk.text).toBe("abc");
    expect(text.toString()).toBe("abc");
  });

  it("[CM35] merges what others type, and sends nothing back", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    desk.store([{ csn: null, update: typedElsewhere("theirs ") }]);
    expect(text.toString()).toBe("theirs ");
    vi.advanceTimersByTime(10 * BATCH_MS);
    expect(desk.sent()).toEqual([]);
    text.insert(7, "mine");
    vi.advanceTimersByTime(BATCH_MS);
    desk.store(desk.sent());
    expect(desk.text).toBe("theirs mine");
  });

  it("[CM34] sends the whole difference with the next edit after a refusal, not by itself", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    text.insert(0, "a");
    vi.advanceTimersByTime(BATCH_MS);
    const [refused] = desk.sent();
    text.insert(1, "b");
    desk.hear(refusal(refused?.csn ?? 0, "bad_notes"));
    vi.advanceTimersByTime(BATCH_MS);
    const second = desk.sent();
    desk.store(second);
    expect(desk.text).toBe("ab");

    text.insert(2, "c");
    vi.advanceTimersByTime(BATCH_MS);
    desk.hear(refusal(desk.sent()[0]?.csn ?? 0, "bad_notes"));
    vi.advanceTimersByTime(100 * BATCH_MS);
    expect(desk.sent()).toEqual([]);
    expect(text.toString()).toBe("abc");
  });

  it("[CM34] sends by itself what another history lacks, and doubles nothing", () => {
    const desk = new Desk();
    const { text } = desk.bind();
    text.insert(0, "kept ");
    vi.advanceTimersByTime(BATCH_MS);
    const [kept] = desk.sent();
    desk.store(kept ? [kept] : []);
    text.insert(5, "lost");
    vi.advanceTimersByTime(BATCH_MS);
    const [lost] = desk.sent();
    desk.hear(delta(3, { client_id: ME, csn: lost?.csn ?? 0, ops: [] }));

    const notes_updates = { "2": { update: kept?.update ?? "" } };
    const position = { seq: 2, entry_id: "e2" };
    desk.hear(viewFrame({ reason: "ahead", position, view: { ...view(), notes_updates } }));
    vi.advanceTimersByTime(BATCH_MS);
    desk.page.connect();
    desk.hear({ type: "resumed", session_id: S1, audience: "owner", behind: 0 });

    const [again] = desk.sent();
    Y.applyUpdate(desk.stored, Buffer.from(again?.update ?? "", "base64"));
    expect(desk.text).toBe("kept lost");
    expect(text.toString()).toBe("kept lost");
  });

  it("[CM35] neither doubles nor loses when the document is left and opened again with an edit under way", () => {
    const desk = new Desk();
    const first = desk.bind();
    first.text.insert(0, "typed");
    first.release();
    const again = desk.bind();
    expect(again.text.toString()).toBe("typed");
    desk.store(desk.sent());
    expect(again.text.toString()).toBe("typed");
    vi.advanceTimersByTime(10 * BATCH_MS);
    expect(desk.sent()).toEqual([]);
    expect(desk.text).toBe("typed");
  });
});
