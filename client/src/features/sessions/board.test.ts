import { expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { boardOf, isOnBoard, linesOf } from "./board";

function live(session_id: string, owner: string, section_ms: number, more: object = {}): LiveSession {
  return { session_id, owner: { id: owner, name: owner }, section_ms, ...more } as unknown as LiveSession;
}

const AGENTS = [
  { id: "ana", name: "Ana", here: false, team_ids: ["north"] },
  { id: "ben", name: "Ben", here: true, team_ids: ["south"] },
  { id: "cem", name: "Cem", here: true, team_ids: ["south"] },
  { id: "dee", name: "Dee", here: false, team_ids: ["north"] },
];

it("[BP3] puts the longest in a Section first, then who is signed in, then the others by name", () => {
  const rows = boardOf(AGENTS, [live("s1", "dee", 200), live("s2", "cem", 300), live("s3", "dee", 100)], "newest");
  expect(rows.map(({ person }) => person.id)).toEqual(["dee", "cem", "ben", "ana"]);
  expect(rows[0]?.sessions.map(({ session_id }) => session_id)).toEqual(["s3", "s1"]);
});

it("[BP1] shows whoever else owns one, too", () => {
  expect(boardOf([], [live("s1", "sam", 1)], "section").map(({ person }) => [person.name, person.here])).toEqual([
    ["sam", true],
  ]);
});

it("[BP3] finds agents without a Session by name", () => {
  const [ana] = boardOf(AGENTS.slice(0, 1), [], "section");
  if (ana === undefined) throw new Error("expected a row");
  expect(["", "an", "xy"].map((q) => isOnBoard(ana, q))).toEqual([true, true, false]);
});

it("[BP1] sorts 2,000 Sessions of as many agents in a moment", () => {
  const agents = Array.from({ length: 2_000 }, (_, at) => ({
    id: `a${at}`,
    name: `Agent ${at}`,
    here: true,
    team_ids: [],
  }));
  expect(
    boardOf(
      agents,
      agents.map(({ id }, at) => live(id, id, 2_000 - at)),
      "section",
    )[0]?.person.id,
  ).toBe("a1999");
});

it("[BP4] puts people in the order of their calls or names, too", () => {
  const calls = [live("s1", "dee", 200, { started_ms: 2 }), live("s2", "cem", 300, { started_ms: 1 })];
  const inOrder = (sort: "call" | "owner"): string[] => boardOf(AGENTS, calls, sort).map(({ person }) => person.id);
  expect(inOrder("call")).toEqual(["cem", "dee", "ben", "ana"]);
  expect(inOrder("owner")).toEqual(["ana", "ben", "cem", "dee"]);
});

it("[BP4] groups people by team, Workflow, Section and status, those without a Session too", () => {
  const call = { started_ms: 1, workflow_name: "Broadband", section_name: "Greeting", status: "active" };
  const rows = boardOf(AGENTS, [live("s1", "dee", 200, call)], "section");
  const teams = new Map([["north", "North"]]);
  const groups = (group: "team" | "workflow" | "section" | "status"): unknown[] =>
    linesOf(rows, group, teams).flatMap((row) => (row.kind === "group" ? [[row.name, row.count]] : []));
  expect(groups("team")).toEqual([
    ["North", 2],
    ["Other teams", 2],
  ]);
  expect(groups("workflow")).toEqual([
    ["Broadband", 1],
    ["No Session", 3],
  ]);
  expect(groups("section")).toEqual([
    ["Greeting", 1],
    ["No Session", 3],
  ]);
  expect(groups("status")).toEqual([
    ["Active", 1],
    ["Offline", 1],
    ["Signed in", 2],
  ]);
  expect(linesOf(rows, "", teams).map(({ key }) => key)).toEqual(["dee 0", "ben 0", "cem 0", "ana 0"]);
});
