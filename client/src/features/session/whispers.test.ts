import { describe, expect, it } from "vitest";
import type { WhisperView } from "../../protocol/protocol.gen";
import { view as whole } from "../../sync/testing";
import { latestBy, listenersOf, stateText, unreadBy } from "./whispers";

const ANA = { id: "ana", name: "Ana" };
const CLEO = { id: "cleo", name: "Cleo" };
const SAM = { id: "sam", name: "Sam" };
const HERE = ["ana", "cleo", "sam"];

function whisper(id: string, change: Partial<WhisperView> = {}): WhisperView {
  return { id, by: CLEO, to: [ANA], text: "Slower.", at_ms: 1, read_by: [], replies: [], ...change };
}

function viewOf(...whispers: WhisperView[]) {
  return { ...whole(), whispers: Object.fromEntries(whispers.map((each) => [each.id, each])) };
}

describe("what waits", () => {
  it("is what was said to this person and not read, the oldest first, past ten too [WH9]", () => {
    const view = viewOf(
      whisper("w10"),
      whisper("w9"),
      whisper("w2", { read_by: ["ana"] }),
      whisper("w3", { to: [SAM] }),
      whisper("w1", { by: ANA, to: [CLEO] }),
    );
    expect(unreadBy(view, "ana").map(({ id }) => id)).toEqual(["w9", "w10"]);
    expect(latestBy(view, "cleo")?.id).toBe("w10");
    const answered = whisper("w9", { replies: [{ by: ANA, text: "Yes", at_ms: 3 }] });
    expect(latestBy(viewOf(whisper("w10", { at_ms: 2 }), answered), "cleo")?.id).toBe("w9");
  });
});

describe("what became of it [WH10]", () => {
  it.each([
    [whisper("w1"), HERE, "delivered"],
    [whisper("w1"), ["cleo"], "waits for Ana"],
    [whisper("w1", { read_by: ["ana"] }), HERE, "read"],
    [whisper("w1", { to: [ANA, SAM], read_by: ["sam"] }), HERE, "read by 1 of 2"],
    [whisper("w1", { read_by: ["ana"], replies: [{ by: ANA, text: "Yes", at_ms: 2 }] }), HERE, "Ana: Yes"],
  ])("is told in a word or two", (said, here, expected) => {
    expect(stateText(said, here, false)).toBe(expected);
  });

  it("says no word of it while the screen is shared [WH5]", () => {
    expect(stateText(whisper("w1", { text: null }), HERE, true)).toBe("waits until the screen is not shared");
    const answered = whisper("w1", { text: null, read_by: ["ana"], replies: [{ by: ANA, text: null, at_ms: 2 }] });
    expect(stateText(answered, HERE, true)).toBe("Ana: hidden while the screen is shared");
    expect(stateText(answered, HERE, false)).toBe("Ana: erased");
  });
});

describe("whom it may be for [WH2]", () => {
  const people = [CLEO, SAM, ANA].map(({ id, name }) => ({ person_id: id, name, role: "coach" as const, since_ms: 0 }));
  const live = (me: typeof ANA, driver: typeof ANA) =>
    ({
      head: { driver },
      person: { ...me, roles: [] },
      model: { people },
    }) as unknown as Parameters<typeof listenersOf>[0];

  it("is the driver first, then who else is here", () => {
    expect(listenersOf(live(SAM, ANA)).map(({ id }) => id)).toEqual(["ana", "cleo"]);
    expect(listenersOf(live(ANA, ANA)).map(({ id }) => id)).toEqual(["cleo", "sam"]);
  });
});
