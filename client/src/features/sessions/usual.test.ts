import { expect, it } from "vitest";
import { isLong } from "./usual";

it.each([
  [50, 100, false],
  [50, 101, true],
  [5, 60, false],
  [5, 61, true],
])("[AL2] where it usually takes %i s, %i s are long: %s", (median_s, elapsed_s, is_long) => {
  const usual = { median_s, visits: 30 };
  expect(isLong({ section_ms: 1_000, changed_ms: 0 }, usual, 1_000 + elapsed_s * 1_000)).toBe(is_long);
  expect(isLong({ section_ms: 0, changed_ms: 900_000 }, usual, 901_000)).toBe(false);
});
