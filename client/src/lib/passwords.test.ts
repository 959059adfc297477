import { expect, it } from "vitest";
import { isLongEnough, passwordHint } from "./passwords";

it.each([
  ["", "At least 12 characters; several words are good."],
  ["a", "11 more characters."],
  ["elevensigns", "1 more character."],
  ["twelve signs", "Long enough."],
  // One character each, of several code units or composed of two code points.
  ["😀".repeat(11), "1 more character."],
  ["u\u0308".repeat(11), "1 more character."],
])("[PX3] %j wants: %s", (password, hint) => {
  expect(passwordHint(password)).toBe(hint);
  expect(isLongEnough(password)).toBe(hint === "Long enough.");
});
