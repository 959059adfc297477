import { expect, test } from "vitest";
import type { HouseSettings } from "../../protocol/protocol.gen";
import { changedNames, changesOf, durationText, moved, offered } from "./settings";

const NOW: HouseSettings = {
  name: "Sidecoach",
  language: "en-GB",
  currency: "GBP",
  time_zone: "Europe/London",
  end_reasons: [
    { key: "hung_up", label: "Hung up", hidden: false },
    { key: "old", label: "Old", hidden: true },
  ],
  undo_s: 10,
  driver_left_s: 900,
  expires_days: 14,
  archive_after_s: 600,
  teammates_resume: true,
  retention_days: 0,
  workflow_retention_days: { one: 1, two: 2 },
};

test("[SG8] what was typed back to what holds is no change", () => {
  const typed = { undo_s: 10, name: "North", end_reasons: offered(NOW), workflow_retention_days: { two: 2, one: 1 } };
  expect(changesOf(NOW, typed)).toEqual({ name: "North" });
});

test("[SG6] what a colleague changed is named", () => {
  expect(changedNames(NOW, { ...NOW, undo_s: 5, teammates_resume: false })).toEqual([
    "Undo after completing",
    "Teammates resume",
  ]);
  expect(changedNames(NOW, NOW)).toEqual([]);
});

test("a duration is told in its longest exact unit", () => {
  expect([90, 900, 7_200, 86_400, 172_800, 0].map(durationText)).toEqual([
    "90 s",
    "15 min",
    "2 h",
    "1 day",
    "2 days",
    "0 s",
  ]);
});

test("one of a list moves one place", () => {
  expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
});
