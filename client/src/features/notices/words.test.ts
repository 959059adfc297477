import { expect, it } from "vitest";
import { openText, placeText, reachedText, stateText } from "./words";

const momentOf = (ms: number): string => `at ${ms}`;

it("[NC3] tells whether it stands, ran out, or who took it back", () => {
  const stands = { until_ms: null, ended_ms: null, taken_back_by: null };
  expect(stateText(stands, momentOf)).toBe("Stands");
  expect(stateText({ ...stands, until_ms: 5 }, momentOf)).toBe("Stands until at 5");
  expect(stateText({ ...stands, until_ms: 5, ended_ms: 5 }, momentOf)).toBe("Ran out at 5");
  const sam = { id: "sam", name: "Sam" };
  expect(stateText({ ...stands, ended_ms: 7, taken_back_by: sam }, momentOf)).toBe("Taken back by Sam, at 7");
});

it("[NC6] counts Sessions", () => {
  expect([0, 1, 2].map(reachedText)).toEqual(["0 Sessions", "1 Session", "2 Sessions"]);
  expect(openText(0)).toMatch(/^No Session/);
  expect([1, 3].map(openText)).toEqual(["1 open Session shows it at once.", "3 open Sessions show it at once."]);
});

it("[NC1] names the Workflow, and the Section if it is for one", () => {
  expect(placeText({ workflow_name: "Small call", section_name: null })).toBe("Small call");
  expect(placeText({ workflow_name: "Small call", section_name: "Offer" })).toBe("Small call · Offer");
});
