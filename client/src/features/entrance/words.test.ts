// @vitest-environment happy-dom
import { expect, it } from "vitest";
import { ownPath, problemText, waitText } from "./words";

it.each([
  [1, "1 s"],
  [59, "59 s"],
  [60, "1 min"],
  [125, "2 min 5 s"],
])("[PX1] %i seconds are told as %s", (seconds, text) => {
  expect(waitText(seconds)).toBe(text);
});

it("[OI8] says what came to nothing, and what it does not know as an answer of the provider", () => {
  expect(problemText("deactivated").title).toBe("Your account is deactivated");
  expect(problemText("made up").title).toBe("Signing in did not work");
  expect(problemText(null)).toEqual(problemText("provider"));
  expect(problemText("toString").title).toBe("Signing in did not work");
});

it.each([
  ["/new?workflow=x", "/new?workflow=x"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["https://evil.example/", "/"],
  [null, "/"],
])("[OI4] leads back from %s to %s", (asked, path) => {
  expect(ownPath(asked)).toBe(path);
});
