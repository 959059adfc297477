import { expect, it } from "vitest";
import { resumeRefusal } from "./resumeRefusal";

it.each([
  ["not_paused", "Somebody else was faster"],
  ["not_allowed", "It is not open to you any more; somebody else may have been faster"],
  ["finished", "It has ended meanwhile"],
  ["not_saved_yet", "It could not be resumed"],
  ["not_kept", "It could not be resumed"],
] as const)("[LC1, RT4] says of %s: %s", (code, text) => {
  expect(resumeRefusal(code)).toBe(text);
});
