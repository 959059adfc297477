import { expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { arrange, type ListRow } from "./arrange";

function live(session_id: string, changes: Partial<LiveSession>): LiveSession {
  const owner = { id: session_id, name: session_id };
  return { session_id, owner, team_ids: [], started_ms: 0, section_ms: 0, ...changes } as unknown as LiveSession;
}

const NO_NAMES = new Map<string, string>();
const keys = (rows: readonly ListRow[]): string[] =>
  rows.map((row) => (row.kind === "group" ? `${row.name} (${row.count})` : row.key));

const SESSIONS = [
  live("a", {
    started_ms: 1,
    section_ms: 30,
    owner: { id: "1", name: "Zoe" },
    team_ids: ["t1"],
    section_name: "Greeting",
  }),
  live("b", {
    started_ms: 2,
    section_ms: 20,
    owner: { id: "2", name: "ann" },
    team_ids: ["t2"],
    section_name: "Offer",
  }),
  live("c", {
    started_ms: 3,
    section_ms: 10,
    owner: { id: "3", name: "Ben" },
    team_ids: ["t1"],
    section_name: "Greeting",
  }),
];

it("[BP4] puts the newest on top, or what is asked for", () => {
  const by = (sort: Parameters<typeof arrange>[1]["sort"]) => keys(arrange(SESSIONS, { sort, group: "" }, NO_NAMES));
  expect(by("newest")).toEqual(["c", "b", "a"]);
  expect(by("call")).toEqual(["a", "b", "c"]);
  expect(by("section")).toEqual(["c", "b", "a"]);
  expect(by("owner")).toEqual(["b", "c", "a"]);
});

it("[BP4] groups by Section, by team under its name, and keeps the order in each", () => {
  expect(keys(arrange(SESSIONS, { sort: "call", group: "section" }, NO_NAMES))).toEqual([
    "Greeting (2)",
    "a",
    "c",
    "Offer (1)",
    "b",
  ]);
  const names = new Map([["t1", "Retention"]]);
  expect(keys(arrange(SESSIONS, { sort: "newest", group: "team" }, names))).toEqual([
    "Other teams (1)",
    "b",
    "Retention (2)",
    "c",
    "a",
  ]);
});

it("[BP4] arranges 2,000 Sessions in a moment", () => {
  const many = Array.from({ length: 2_000 }, (_, at) =>
    live(`s${at}`, { owner: { id: `${at}`, name: `Agent ${at}` }, section_name: `Section ${at % 7}` }),
  );
  const began_ms = performance.now();
  expect(arrange(many, { sort: "owner", group: "section" }, NO_NAMES)).toHaveLength(2_007);
  expect(performance.now() - began_ms).toBeLessThan(200);
});
