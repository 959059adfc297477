import { expect, it } from "vitest";
import { callBackText } from "./moments";

const NOW_MS = Date.UTC(2026, 5, 15, 12, 0);
const MINUTE_MS = 60_000;

it.each([
  [30 * MINUTE_MS, "in 30 min", false],
  [1, "in 1 min", false],
  [150 * MINUTE_MS, "15:30", false],
  [0, "due now", true],
  [-5 * MINUTE_MS, "due 5 min ago", true],
  [-150 * MINUTE_MS, "due 2 h ago", true],
  [-3 * 24 * 60 * MINUTE_MS, "due since 12 Jun, 13:00", true],
])("a call back in %i ms reads %s", (distance_ms, text, is_due) => {
  expect(callBackText(NOW_MS + distance_ms, NOW_MS)).toEqual({ text, is_due });
});
