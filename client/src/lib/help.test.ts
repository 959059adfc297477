import { expect, it } from "vitest";
import type { LiveSession } from "../protocol/protocol.gen";
import { approvalsFor, comingText, floorText, hasLeft, mayHelp, requestsFor, ringsFor, rungBy } from "./help";

const ANA = { id: "ana", name: "Ana" };
const CLEO = { id: "cleo", name: "Cleo" };
const SAM = { id: "sam", name: "Sam" };

function asked(session_id: string, asked_ms: number, change: object = {}): LiveSession {
  const help = { id: "h1", by: ANA, asked_ms, ring: [], claimed_by: null, ...change };
  return { session_id, driver: ANA, owner: ANA, help } as unknown as LiveSession;
}

it("[HP5] puts the longest waiting first, and those that somebody comes to last", () => {
  const sessions = [asked("a", 3), asked("b", 1, { claimed_by: CLEO }), asked("c", 2)];
  const requests = requestsFor("sam", [...sessions, { ...asked("d", 0), help: null }]);
  expect(requests.map(({ session }) => session.session_id)).toEqual(["c", "a", "b"]);
});

it("[HP5] shows nobody their own", () => {
  expect(requestsFor("ana", [asked("a", 1)])).toEqual([]);
});

it("[HP8] shows supervisors what waits for a second person, but not their own", () => {
  const waits = (session_id: string, approval_asked_ms: number | null) => ({
    ...asked(session_id, 1),
    approval_asked_ms,
  });
  const sessions = [waits("a", 5), waits("b", null), waits("c", 3)];
  const seen = (id: string, role: string) =>
    approvalsFor({ id, roles: [role] }, sessions).map(({ session_id }) => session_id);
  expect(seen("sam", "supervisor")).toEqual(["c", "a"]);
  expect(seen("ana", "supervisor")).toEqual([]);
  expect(seen("cleo", "coach")).toEqual([]);
});

it("[HP4] counts coaches, supervisors and managers to the floor", () => {
  expect(["agent", "coach", "supervisor", "manager", "admin"].filter((role) => mayHelp([role]))).toEqual([
    "coach",
    "supervisor",
    "manager",
  ]);
});

it.each([
  [0, "Nobody is on the floor now"],
  [1, "Cleo is told"],
  [2, "Cleo and Ana are told"],
  [4, "Cleo and 3 others are told"],
])("[HP4] says who of %i is told", (count, text) => {
  expect(floorText([CLEO, ANA, ANA, ANA].slice(0, count), null)).toBe(text);
});

it("[HP9] rings one after the other, every 30 s one more, and then everybody", () => {
  const help = { ring: [CLEO, SAM], asked_ms: 1_000 };
  const names = (after_ms: number) => rungBy(help, 1_000 + after_ms)?.map(({ name }) => name) ?? "everybody";
  expect([-50, 0, 29_999, 30_000, 59_999].map(names)).toEqual([
    ["Cleo"],
    ["Cleo"],
    ["Cleo"],
    ["Cleo", "Sam"],
    ["Cleo", "Sam"],
  ]);
  expect(names(60_000)).toBe("everybody");
  expect(rungBy({ ring: [], asked_ms: 1_000 }, 1_000)).toBeNull();
});

it("[HP10] counts for those who are asked only, and for nobody once somebody comes", () => {
  const rings = (person_id: string, change: object, after_ms: number) => {
    const { help } = asked("a", 1_000, { ring: [CLEO, SAM], ...change });
    return help !== null && ringsFor(person_id, help, 1_000 + after_ms);
  };
  expect(["cleo", "sam", "mia"].map((id) => rings(id, {}, 0))).toEqual([true, false, false]);
  expect(["cleo", "sam", "mia"].map((id) => rings(id, {}, 30_000))).toEqual([true, true, false]);
  expect(["cleo", "sam", "mia"].map((id) => rings(id, {}, 60_000))).toEqual([true, true, true]);
  expect(rings("cleo", { claimed_by: SAM }, 0)).toBe(false);
});

it("[HP11] tells who asked whom", () => {
  expect(floorText([CLEO, SAM], [CLEO])).toBe("Cleo is asked");
  expect(floorText([CLEO, SAM], [CLEO, SAM])).toBe("Cleo and Sam are asked");
  expect(floorText([], [CLEO])).toBe("Nobody is on the floor now");
});

it("[HP12] knows who came and left from who is on their way", () => {
  expect(hasLeft(1_000, false, 16_000)).toBe(false);
  expect(hasLeft(1_000, false, 16_001)).toBe(true);
  expect(hasLeft(1_000, true, 60_000)).toBe(false);
  expect(hasLeft(1_000, null, 60_000)).toBe(false);
});

it("[HP12] tells the others who comes, who is there, and who left", () => {
  const said = (reader_id: string, claimer_here: boolean | null, now_ms: number): string => {
    const { help } = asked("a", 0, { claimed_by: SAM, claimed_ms: 1_000, claimer_here });
    return help === null ? "" : comingText(SAM, help, reader_id, now_ms);
  };
  expect(said("cleo", false, 2_000)).toBe("Sam is coming");
  expect(said("cleo", true, 2_000)).toBe("Sam is there");
  expect(said("cleo", null, 60_000)).toBe("Sam is coming");
  expect(said("cleo", false, 60_000)).toBe("Sam is not there any more");
  expect(said("sam", true, 2_000)).toBe("You are coming");
  expect(said("sam", false, 60_000)).toBe("You are not there any more");
});
