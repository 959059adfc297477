import { expect, it } from "vitest";
import type { Notice } from "../protocol/protocol.gen";
import { mayWriteNotices, noticesAt, noticeText } from "./notices";

const SAM = { id: "sam", name: "Sam" };
const HERE = { workflow_key: "small", section_key: "offer", team_ids: ["north"] };

function notice(id: string, change: Partial<Notice> = {}): Notice {
  return {
    id,
    workflow_key: "small",
    workflow_name: "Small call",
    section_key: null,
    section_name: null,
    team_ids: [],
    text: "The hotline is busy",
    severity: "info",
    by: SAM,
    made_ms: 1,
    until_ms: null,
    ...change,
  };
}

const idsAt = (place: typeof HERE | object, ...notices: Notice[]) =>
  noticesAt({ ...HERE, ...place }, notices, 100).map(({ id }) => id);

it("[NC2] shows what is for this Workflow, this Section, one of its teams, and has not run out", () => {
  expect(idsAt({}, notice("a"), notice("b", { workflow_key: "other" }))).toEqual(["a"]);
  expect(idsAt({}, notice("a", { section_key: "offer" }), notice("b", { section_key: "won" }))).toEqual(["a"]);
  expect(idsAt({}, notice("a", { team_ids: ["north", "east"] }), notice("b", { team_ids: ["south"] }))).toEqual(["a"]);
  expect(idsAt({}, notice("a", { until_ms: 101 }), notice("b", { until_ms: 100 }))).toEqual(["a"]);
});

it("[NC2] shows before the start what is for all of the Workflow", () => {
  const place = { section_key: null, team_ids: null };
  expect(idsAt(place, notice("a", { team_ids: ["south"] }), notice("b", { section_key: "offer" }))).toEqual(["a"]);
});

it("[NC5] puts warnings first, then the newest", () => {
  const warning = { severity: "warning" } as const;
  expect(
    idsAt({}, notice("a"), notice("b", { made_ms: 2 }), notice("c", warning), notice("d", { ...warning, made_ms: 3 })),
  ).toEqual(["d", "c", "b", "a"]);
});

it("[NC5] is said with how loud it is and by whom", () => {
  expect(noticeText(notice("a", { severity: "warning" }))).toBe("Warning from Sam: The hotline is busy");
  expect(noticeText(notice("a"))).toBe("Notice from Sam: The hotline is busy");
});

it("[NC1] is written by supervisors, managers and authors", () => {
  const roles = ["agent", "coach", "supervisor", "author", "manager", "admin"];
  expect(roles.filter((role) => mayWriteNotices([role]))).toEqual(["supervisor", "author", "manager"]);
});
