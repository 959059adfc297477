import { expect, it } from "vitest";
import { waitText } from "./words";

it.each([
  [1, "1 s"],
  [59, "59 s"],
  [60, "1 min"],
  [125, "2 min 5 s"],
])("[PX1] %i seconds are told as %s", (seconds, text) => {
  expect(waitText(seconds)).toBe(text);
});
