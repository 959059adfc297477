import { expect, it } from "vitest";
import { countSigns } from "./attentionCount";

it.each([
  [0, ""],
  [1, "1"],
  [99, "99"],
  [100, "99+"],
  [1_000, "99+"],
])("%i Actions read %j", (count, signs) => {
  expect(countSigns(count)).toBe(signs);
});
