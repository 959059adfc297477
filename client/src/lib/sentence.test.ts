import { expect, it } from "vitest";
import { sentence } from "./sentence";

it.each([
  ["email: expected an address such as ana@example.org", "Expected an address such as ana@example.org."],
  ["too many failed sign-ins: try again in 3 s", "Too many failed sign-ins: try again in 3 s."],
  ["The server cannot be reached.", "The server cannot be reached."],
])("makes %j a sentence", (text, expected) => {
  expect(sentence(text)).toBe(expected);
});
