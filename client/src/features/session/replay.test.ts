import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { Op, ReplayPage, View, WorkflowDocument } from "../../protocol/protocol.gen";
import { apply, createNotesReader } from "../../sync";
import { ANA, VERSION, view } from "../../sync/testing";
import { indexDocument } from "./live";
import { AT_END, type Player, play, seek, shownIndex, togglePlay } from "./player";
import {
  BREAK_MS,
  grow,
  indexAt,
  indexOf,
  KEYFRAME_EVERY,
  lengthOf,
  otherStay,
  type Replay,
  stayAt,
  viewAt,
} from "./replay";
import { linesOf, marksOf, placesOf } from "./replayMarks";

const bare = VERSION.document as unknown as WorkflowDocument;
const fields = bare.fields.map((field) => ({
  ...field,
  type: "text" as const,
  options: [],
  unit: null,
  label: "Name",
}));
const guide = indexDocument({ ...bare, fields });
const FIELD = guide.document.fields[0]?.key ?? "";
const LABEL = guide.document.fields[0]?.label ?? "";

type Told = ReplayPage["steps"][number];

function told(seq: number, at_ms: number, event: string, ...ops: Op[]): Told {
  return { seq, at_ms, by: ANA, events: [event], ops };
}

function put(collection: Op["collection"], id: string, record: unknown): Op {
  return { op: "put", collection, id, record } as Op;
}

function typed(seq: number, at_ms: number, content: string): Told {
  const held = { key: FIELD, masked: false, content, shown: null, valid: true, problem: null };
  return told(
    seq,
    at_ms,
    "field_set",
    put("fields", FIELD, { ...held, by: ANA, at_ms, visit_id: "v1", suggested_by: null }),
  );
}

function headed(
  seq: number,
  at_ms: number,
  event: string,
  change: Partial<NonNullable<View["head"]["session"]>>,
): Told {
  return told(seq, at_ms, event, put("head", "session", { ...view().head.session, ...change }));
}

function pageOf(steps: readonly Told[], around: Partial<ReplayPage> = {}): ReplayPage {
  return {
    session_id: "1".repeat(32),
    audience: "staff",
    erased: 0,
    follows: steps[0]?.seq === 1 ? "" : `e${(steps[0]?.seq ?? 1) - 1}`,
    view: steps[0]?.seq === 1 ? view() : null,
    steps,
    seq: steps.at(-1)?.seq ?? 0,
    entry_id: `e${steps.at(-1)?.seq}`,
    last_seq: steps.at(-1)?.seq ?? 0,
    ...around,
  };
}

const START = told(1, 1_000, "session_started");

function replayOf(...steps: Told[]): Replay {
  const replay = grow(null, pageOf([START, ...steps]), guide);
  if (replay === null) throw new Error("expected a replay");
  return replay;
}

describe("seeking", () => {
  it("[RP2] shows at any step what applying all ops before it shows, however the pages were cut", () => {
    const steps = [
      START,
      ...Array.from({ length: 200 }, (_, index) => typed(index + 2, 1_000 + index, `Name ${index}`)),
    ];
    const views: View[] = [view()];
    for (const step of steps.slice(1)) views.push(apply(views.at(-1) as View, step.ops));
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 4 }), fc.nat(200), (cuts, index) => {
        let replay: Replay | null = null;
        const ends = [...cuts.toSorted((one, other) => one - other), steps.length];
        ends.forEach((end, place) => {
          replay = grow(replay, pageOf(steps.slice(ends[place - 1] ?? 0, end)), guide);
        });
        expect(viewAt(replay as unknown as Replay, index)).toEqual(views[index]);
      }),
    );
  });

  it("[RP10] is a few ops away from a whole view, of 5,000 entries too", () => {
    const steps = Array.from({ length: 5_000 }, (_, index) => typed(index + 2, 1_000 * index, `Name ${index}`));
    const replay = replayOf(...steps);
    expect(replay.keyframes.length).toBe(Math.ceil(5_001 / KEYFRAME_EVERY));
    const began_ms = performance.now();
    for (let index = 0; index < 5_000; index += 50) viewAt(replay, index);
    expect((performance.now() - began_ms) / 100).toBeLessThan(20);
    expect(viewAt(replay, 2_500).fields[FIELD]?.content).toBe("Name 2499");
  });

  it("[RP3] does not go on from a page that does not fit", () => {
    const replay = replayOf(typed(2, 2_000, "Lovelace"));
    const next = pageOf([typed(3, 3_000, "Ada")]);
    expect(grow(replay, next, guide)?.steps.length).toBe(3);
    for (const other of [{ follows: "other" }, { erased: 1 }, { audience: "owner" as const }]) {
      expect(grow(replay, { ...next, ...other }, guide)).toBeNull();
    }
  });
});

describe("the scrubber", () => {
  const paused = replayOf(
    typed(2, 4_000, "Lovelace"),
    headed(3, 5_000, "session_paused", { status: "paused" }),
    headed(4, 3_605_000, "session_resumed", { status: "active" }),
    headed(5, 3_607_000, "session_ended", { status: "ended" }),
    typed(6, 90_000_000, "Ada"),
  );

  it("[RP7] gives a pause and what comes after the end a fixed width, and tells how long they were", () => {
    expect(paused.steps.map(({ place_ms }) => place_ms)).toEqual([0, 3_000, 4_000, 7_000, 9_000, 12_000]);
    expect(paused.breaks).toEqual([
      { from_ms: 4_000, to_ms: 4_000 + BREAK_MS, lasted_ms: 3_600_000, is_pause: true },
      { from_ms: 9_000, to_ms: 9_000 + BREAK_MS, lasted_ms: 86_393_000, is_pause: false },
    ]);
    expect(lengthOf(paused)).toBe(12_000);
    expect([0, 2_999, 3_000, 6_999, 99_999].map((ms) => indexAt(paused, ms))).toEqual([0, 0, 1, 2, 5]);
  });

  it("[RP9] finds the entry that an address names", () => {
    expect(indexOf(paused, "#at=3")).toBe(2);
    expect(indexOf(paused, "#at=visits/v1")).toBe(0);
    expect(["", "#at=", "#at=0", "#at=7", "#at=moments/m1", "#content"].map((hash) => indexOf(paused, hash))).toEqual(
      Array(6).fill(null),
    );
  });

  it("[WH4, RP9] finds the entry before one that is not told", () => {
    const gapped = replayOf(typed(2, 2_000, "a"), typed(5, 5_000, "b"));
    expect(["#at=1", "#at=3", "#at=5", "#at=6"].map((hash) => indexOf(gapped, hash))).toEqual([0, 1, 2, null]);
  });

  it("[RP7] marks what is most worth a look in each place, and lists all of it", () => {
    expect(paused.steps.map(({ kind, text }) => [kind, text])).toEqual([
      ["life", "Started"],
      ["field", `${LABEL}: Lovelace`],
      ["pause", "Paused"],
      ["pause", "Resumed"],
      ["life", "Ended"],
      ["field", `${LABEL}: Ada`],
    ]);
    expect(marksOf(paused, 12_000, 2).map(({ index, kind }) => [index, kind])).toEqual([
      [2, "pause"],
      [3, "pause"],
    ]);
    const typing = replayOf(typed(2, 2_000, "L"), typed(3, 2_300, "Lo"), typed(4, 2_600, "Lov"));
    expect(linesOf(typing).map(({ index, text }) => [index, text])).toEqual([
      [0, "Started"],
      [3, `${LABEL}: Lov`],
    ]);
  });

  it("[RP7] keeps marks of one moment apart, in their order and on the scrubber", () => {
    const at = (place_ms: number) => ({ index: place_ms, place_ms, kind: "field", text: "" }) as const;
    expect(placesOf([at(0), at(5_900), at(6_100), at(6_200), at(12_000)], 12_000, 240, 24)).toEqual([
      0, 118, 142, 166, 240,
    ]);
    const many = Array.from({ length: 40 }, (_, nth) => typed(nth + 2, 1_000 + 20 * nth, "a"));
    const crowd = replayOf(...many);
    const places = placesOf(marksOf(crowd, 2_000, 10), 2_000, 240, 24);
    expect(places.length).toBeGreaterThan(3);
    expect(places.every((place, nth) => place <= 240 && place - (places[nth - 1] ?? -24) >= 24)).toBe(true);
  });

  it("[TR10] tells who comes for a Session from who has it at once", () => {
    const accepted = (seq: number, warm: boolean): Told =>
      told(
        seq,
        seq * 1_000,
        "transfer_accepted",
        put("transfers", `t${seq}`, { id: `t${seq}`, accepted_by: { id: "ben", name: "Ben" }, warm }),
      );
    const texts = replayOf(accepted(2, true), accepted(3, false)).steps.map(({ text }) => text);
    expect(texts).toEqual(["Started", "Ben comes for it", "Ben takes it over"]);
  });

  it("[RP8] goes Section by Section", () => {
    const second = { ...view().visits.v1, id: "v2", section_key: "hello", entered: "answer" };
    const moved = (seq: number, id: string): Told =>
      told(
        seq,
        seq * 1_000,
        "visit_started",
        put("visits", id, { ...second, id }),
        put("head", "session", { ...view().head.session, current_visit_id: id }),
      );
    const replay = replayOf(typed(2, 2_000, "L"), moved(3, "v2"), typed(4, 4_000, "Lo"), moved(5, "v3"));
    expect(stayAt(replay, 3)?.visit_id).toBe("v2");
    expect([0, 2, 3, 4].map((index) => otherStay(replay, index, 1))).toEqual([2, 4, 4, 4]);
    expect([4, 3, 2, 0].map((index) => otherStay(replay, index, -1))).toEqual([2, 2, 0, 0]);
  });
});

describe("playing", () => {
  const replay = replayOf(typed(2, 2_000, "a"), typed(3, 2_000, "b"), typed(4, 22_000, "c"), typed(5, 23_000, "d"));
  const from = (change: Partial<Player>): Player => ({ ...AT_END, at: 0, is_playing: true, ...change });

  it("[RP7] goes as fast as it is told, and stops at the end", () => {
    expect(play(from({}), replay, 500)).toMatchObject({ at: 0, place_ms: 500 });
    expect(play(from({}), replay, 1_000).at).toBe(2);
    expect(play(from({ speed: 5 }), replay, 4_300)).toMatchObject({ at: 3, is_playing: true });
    expect(play(from({ speed: 10 }), replay, 9_000)).toMatchObject({ at: null, is_playing: false });
    expect(play(from({ is_playing: false }), replay, 9_000).at).toBe(0);
  });

  it("[RP7] skips silences on request", () => {
    const quiet = from({ at: 2, place_ms: 1_000, skips_silence: true });
    expect(play(quiet, replay, 100).place_ms).toBe(20_500);
    expect(play({ ...quiet, skips_silence: false }, replay, 100).place_ms).toBe(1_100);
  });

  it("[RP6] goes along with new entries at the end only", () => {
    const grown = grow(replay, pageOf([typed(6, 24_000, "e")]), guide) as Replay;
    expect(shownIndex(seek(AT_END, replay, 4), grown)).toBe(5);
    expect(shownIndex(seek(AT_END, replay, 3), grown)).toBe(3);
  });

  it("[RP8] plays from the start again once it is at the end", () => {
    expect(togglePlay(AT_END, replay)).toMatchObject({ at: 0, is_playing: true });
    expect(togglePlay(from({ at: 2 }), replay)).toMatchObject({ at: 2, is_playing: false });
  });
});

describe("Notes", () => {
  it("[RP2] read as they did then, forwards and backwards", () => {
    const written = new Y.Doc();
    const updates: Record<string, { update: string }> = {};
    const views = [{ ...updates }];
    written.on("update", (update: Uint8Array) => {
      updates[String(views.length)] = { update: btoa(String.fromCharCode(...update)) };
      views.push({ ...updates });
    });
    const text = written.getText("notes");
    text.insert(0, "Call");
    text.insert(4, " back");
    text.delete(0, 4);
    const { read } = createNotesReader(Y);
    expect([3, 1, 2, 0, 3].map((index) => read(views[index] ?? {}))).toEqual([
      " back",
      "Call",
      "Call back",
      "",
      " back",
    ]);
  });
});
