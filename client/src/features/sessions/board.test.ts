import { expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { boardOf, isOnBoard } from "./board";

function live(session_id: string, owner: string, section_ms: number): LiveSession {
  return { session_id, owner: { id: owner, name: owner }, section_ms } as unknown as LiveSession;
}

const AGENTS = [
  { id: "ana", name: "Ana", here: false },
  { id: "ben", name: "Ben", here: true },
  { id: "cem", name: "Cem", here: true },
  { id: "dee", name: "Dee", here: false },
];

it("[BP3] puts the longest in a Section first, then who is signed in, then the others by name", () => {
  const rows = boardOf(AGENTS, [live("s1", "dee", 200), live("s2", "cem", 300), live("s3", "dee", 100)]);
  expect(rows.map(({ id }) => id)).toEqual(["dee", "cem", "ben", "ana"]);
  expect(rows[0]?.sessions.map(({ session_id }) => session_id)).toEqual(["s3", "s1"]);
});

it("[BP1] shows whoever else owns one, too", () => {
  expect(boardOf([], [live("s1", "sam", 1)]).map(({ name, here }) => [name, here])).toEqual([["sam", true]]);
});

it("[BP3] finds agents without a Session by name", () => {
  const [ana] = boardOf(AGENTS.slice(0, 1), []);
  if (ana === undefined) throw new Error("expected a row");
  expect(["", "an", "xy"].map((q) => isOnBoard(ana, q))).toEqual([true, true, false]);
});

it("[BP1] sorts 2,000 Sessions of as many agents in a moment", () => {
  const agents = Array.from({ length: 2_000 }, (_, at) => ({ id: `a${at}`, name: `Agent ${at}`, here: true }));
  expect(
    boardOf(
      agents,
      agents.map(({ id }, at) => live(id, id, 2_000 - at)),
    )[0]?.id,
  ).toBe("a1999");
});
