import { describe, expect, it } from "vitest";
import type { View, VisitView } from "../../protocol/protocol.gen";
import { allVisits, readPath } from "./path";

function visit(id: string, abandoned = false): VisitView {
  return {
    id,
    section_key: "greeting",
    entered: "answer",
    entered_ms: 0,
    left_ms: null,
    previous_id: null,
    continues: null,
    selected: null,
    answer_key: null,
    abandoned,
  };
}

/** v1, v2, v3; back to v2 as v10: v3 is abandoned, v2 lives on in v10. */
const VIEW = {
  head: { session: { path: ["v1", "v10"] } },
  visits: { v10: visit("v10"), v3: visit("v3", true), v1: visit("v1"), v2: visit("v2") },
  fields: {},
  notes_updates: {},
} as unknown as View;

const ids = (visits: readonly VisitView[]): string[] => visits.map(({ id }) => id);

describe("the path", () => {
  it("leaves out what was abandoned and what Back continued, and counts the abandoned", () => {
    const path = readPath(VIEW, false);
    expect(ids(path.visits)).toEqual(["v1", "v10"]);
    expect(path.abandoned_count).toBe(1);
  });

  it("shows abandoned visits in their place on request", () => {
    expect(ids(readPath(VIEW, true).visits)).toEqual(["v1", "v3", "v10"]);
  });

  it("keeps every stay for the record, in the order of time", () => {
    expect(ids(allVisits(VIEW))).toEqual(["v1", "v2", "v3", "v10"]);
  });
});
