import { describe, expect, it } from "vitest";
import type { HandoverView, SeatChangeView, View } from "../../protocol/protocol.gen";
import type { Live } from "./live";
import {
  askingText,
  asSuggestion,
  failedHandover,
  failedText,
  isConcerned,
  isDriverGone,
  mayRetake,
  openHandover,
  seatLines,
} from "./seat";

const ANA = { id: "ana", name: "Ana" };
const CLEO = { id: "cleo", name: "Cleo" };
const SAM = { id: "sam", name: "Sam" };

function asked(part: Partial<HandoverView> = {}): HandoverView {
  return {
    id: "p1",
    kind: "request",
    by: CLEO,
    to: CLEO,
    asked_ms: 1_000,
    until_ms: 31_000,
    outcome: null,
    settled_by: null,
    settled_ms: null,
    ...part,
  };
}

function changed(part: Partial<SeatChangeView> = {}): SeatChangeView {
  return { generation: 2, was: ANA, to: SAM, by: SAM, cause: "taken", at_ms: 5_000, reason: null, ...part };
}

function viewOf(handovers: HandoverView[], changes: SeatChangeView[] = []): View {
  return {
    handovers: Object.fromEntries(handovers.map((each) => [each.id, each])),
    seat_changes: Object.fromEntries(changes.map((each) => [each.generation, each])),
  } as unknown as View;
}

function seen(person_id: string, here: string[] = [], head: Partial<Live["head"]> = {}): Live {
  return {
    head: { driver: ANA, owner: ANA, status: "active", suggestions_muted: false, seat: 1, ...head },
    person: { id: person_id, name: "", roles: [] },
    model: { people: here.map((id) => ({ person_id: id })) },
    answers: [{ key: "yes" }],
  } as unknown as Live;
}

describe("a request or an offer", () => {
  it("[SE11] is over by the clock, and not answered is what it came to", () => {
    const view = viewOf([asked()]);
    expect([openHandover(view, 30_999)?.id, openHandover(view, 31_000)]).toEqual(["p1", undefined]);
    expect([failedHandover(view, 30_999), failedHandover(view, 39_000)]).toEqual([undefined, undefined]);
    expect(failedHandover(view, 31_000)?.id).toBe("p1");
    expect(failedText(asked(), "ana")).toBe("The request was not answered");
  });

  it("[SE21] is told to each in their own words", () => {
    const offer = asked({ kind: "offer", by: ANA });
    expect(["ana", "cleo", "sam"].map((id) => askingText(seen(id), asked()))).toEqual([
      "Cleo asks you for the seat",
      "You asked Ana for the seat",
      "Cleo asks Ana for the seat",
    ]);
    expect(["ana", "cleo", "sam"].map((id) => askingText(seen(id), offer))).toEqual([
      "You offered Cleo the seat",
      "Ana offers you the seat",
      "Ana offers Cleo the seat",
    ]);
    const declined = asked({ outcome: "declined", settled_by: ANA, settled_ms: 2_000 });
    expect(["ana", "cleo"].map((id) => failedText(declined, id))).toEqual(["You declined", "Ana declined"]);
  });

  it("[SE21] concerns who is asked and who asked; everybody else only reads it", () => {
    const offer = asked({ kind: "offer", by: ANA });
    const concerned = (handover: HandoverView) =>
      ["ana", "cleo", "sam"].filter((id) => isConcerned(seen(id, [], { owner: SAM }), handover));
    expect(concerned(asked())).toEqual(["ana", "cleo"]);
    expect(concerned(offer)).toEqual(["ana", "cleo"]);
  });

  it("[SE26] stands on the record if it came to nothing, between the changes", () => {
    const lines = seatLines(
      viewOf([asked(), asked({ id: "p2", asked_ms: 9_000, outcome: "agreed" })], [changed({ reason: "A complaint." })]),
    );
    expect(lines.map(({ text }) => text)).toEqual([
      "Cleo asked for the seat (not answered)",
      "Sam took the seat: A complaint.",
    ]);
  });
});

describe("the owner drives again", () => {
  it("[SE23] once the driver is known to be gone, and nobody else", () => {
    const sam_drives = { driver: SAM };
    expect(mayRetake(seen("ana", ["ana", "cleo"], sam_drives))).toBe(true);
    expect(mayRetake(seen("ana", ["ana", "sam"], sam_drives))).toBe(false);
    expect(mayRetake(seen("ana", [], sam_drives))).toBe(false);
    expect(mayRetake(seen("cleo", ["cleo"], sam_drives))).toBe(false);
    expect(mayRetake(seen("ana", ["ana"], { ...sam_drives, status: "paused" }))).toBe(false);
  });
});

describe("the driver", () => {
  it("[TR10] is gone once it is known who is here, to whoever came to take it over, too", () => {
    expect(isDriverGone(seen("cleo", []))).toBe(false);
    expect(isDriverGone(seen("cleo", ["cleo", "ana"]))).toBe(false);
    expect(isDriverGone(seen("cleo", ["cleo"]))).toBe(true);
  });
});

describe("what was refused", () => {
  const watching = seen("ana", [], { driver: SAM });

  it("[SE25] is suggested to the new driver: a value, an Answer of this Section, a Response", () => {
    const at = { visit_id: "v1", seat: 1 };
    expect(asSuggestion({ type: "set_field", ...at, field_key: "name", content: "Lind" }, watching)).toEqual({
      type: "suggest",
      kind: "field",
      key: "name",
      content: "Lind",
    });
    expect(asSuggestion({ type: "select_answer", ...at, answer_key: "yes" }, watching)?.type).toBe("suggest");
    expect(asSuggestion({ type: "use_response", ...at, response_key: "dear" }, watching)?.type).toBe("suggest");
    expect(asSuggestion({ type: "select_answer", ...at, answer_key: "gone" }, watching)).toBeNull();
    expect(asSuggestion({ type: "set_field", ...at, field_key: "name", content: null }, watching)).toBeNull();
    expect(asSuggestion({ type: "continue", ...at }, watching)).toBeNull();
    expect(asSuggestion({ type: "set_field", ...at, field_key: "name", content: "x" }, seen("ana"))).toBeNull();
  });
});
