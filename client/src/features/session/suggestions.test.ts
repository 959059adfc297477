import { describe, expect, it } from "vitest";
import type { SuggestionView, View } from "../../protocol/protocol.gen";
import type { Live } from "./live";
import { latestOf, maySuggest, openAside, openOf, watchesToSuggest } from "./suggestions";

const CLEO = { id: "cleo", name: "Cleo" };
const ANA = { id: "ana", name: "Ana" };

function made(id: string, at_ms: number, part: Partial<SuggestionView> = {}): SuggestionView {
  return {
    id,
    kind: "line",
    key: null,
    masked: false,
    content: "Ask.",
    shown: null,
    visit_id: "v1",
    by: CLEO,
    at_ms,
    outcome: null,
    settled_by: null,
    settled_ms: null,
    ...part,
  };
}

function viewOf(...suggestions: SuggestionView[]): View {
  return { suggestions: Object.fromEntries(suggestions.map((each) => [each.id, each])) } as unknown as View;
}

function live(person_id: string, roles: string[], head: Partial<Live["head"]> = {}): Live {
  const whole = { driver: ANA, owner: ANA, status: "active", suggestions_muted: false, ...head };
  return { head: whole, person: { id: person_id, name: "", roles } } as unknown as Live;
}

describe("who suggests", () => {
  it("[SU11] is whoever watches as coach or supervisor, or owns it off the seat, while it runs", () => {
    expect(["coach", "supervisor", "manager", "agent"].map((role) => watchesToSuggest(live("zoe", [role])))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(watchesToSuggest(live("ana", ["coach"]))).toBe(false);
    expect(watchesToSuggest(live("ben", ["agent"], { owner: { id: "ben", name: "Ben" } }))).toBe(true);
    expect(watchesToSuggest(live("zoe", ["coach"], { status: "paused" }))).toBe(false);
  });

  it("[SU11] is heard unless the driver mutes it", () => {
    expect(maySuggest(live("zoe", ["coach"]))).toBe(true);
    expect(maySuggest(live("zoe", ["coach"], { suggestions_muted: true }))).toBe(false);
  });
});

describe("what waits", () => {
  it("[SU12] beside who drives is what is no Field's, the oldest first", () => {
    const view = viewOf(
      made("s3", 30),
      made("s1", 10, { kind: "answer", key: "yes" }),
      made("s2", 20, { kind: "field", key: "name" }),
      made("s4", 5, { outcome: "dismissed", settled_ms: 6, settled_by: ANA }),
    );
    expect(openAside(view).map(({ id }) => id)).toEqual(["s1", "s3"]);
    expect(openOf(view, "answer")?.id).toBe("s1");
    expect(openOf(view, "response")).toBeUndefined();
  });
});

describe("what became of it", () => {
  const latest = (now_ms: number, ...all: SuggestionView[]): string | undefined => latestOf(viewOf(...all), now_ms)?.id;

  it("[SU11] is told for 8 s, then the newest that waits", () => {
    const accepted = made("s1", 10, { outcome: "accepted", settled_by: ANA, settled_ms: 1_000 });
    expect(latest(8_999, accepted, made("s2", 20), made("s3", 30))).toBe("s1");
    expect(latest(9_000, accepted, made("s2", 20), made("s3", 30))).toBe("s3");
    expect(latest(9_000, accepted)).toBeUndefined();
  });

  it("[SU11] is no news to whoever did it", () => {
    const taken_back = made("s1", 10, { outcome: "withdrawn", settled_by: CLEO, settled_ms: 1_000 });
    const own = made("s2", 20, { outcome: "replaced", settled_by: CLEO, settled_ms: 1_000 });
    const others = made("s3", 30, { outcome: "replaced", settled_by: ANA, settled_ms: 1_000 });
    expect(latest(1_001, taken_back, own)).toBeUndefined();
    expect(latest(1_001, taken_back, own, others)).toBe("s3");
  });
});
