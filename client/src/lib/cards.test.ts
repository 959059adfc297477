import { expect, it } from "vitest";
import { hasCardNumber } from "./cards";

it.each([
  ["4111 1111 1111 1111", true],
  ["card 5555-5555-5555-4444, thanks", true],
  ["378282246310005", true],
  ["4111 1111 1111 1112", false],
  ["0000 0000 0000 0000", false],
  ["+44 20 7183 8750", false],
  ["order 12345678", false],
])("tells whether %s holds a card's number", (text, expected) => {
  expect(hasCardNumber(text)).toBe(expected);
});
