import { expect, it } from "vitest";
import { hasCardNumber } from "./cards";

it.each([
  ["4111 1111 1111 1111", true],
  ["card 5555-5555-5555-4444, thanks", true],
  ["378282246310005", true],
  ["4111 1111 1111 1111 123", true],
  ["12 4111 1111 1111 1111", true],
  ["4111.1111.1111.1111", true],
  ["4111111111111111 12/27", true],
  ["3056 930902 5904", true],
  ["2223 0031 2200 3222", true],
  ["6759 6498 2643 8453", true],
  ["6205 5000 0000 0000 004", true],
  ["4111 1111 1111 1112", false],
  ["4111  1111  1111  1111", false],
  ["account 10000000000000000009", false],
  ["1234567890123456", false],
  ["0000 0000 0000 0000", false],
  ["+44 20 7183 8750", false],
  ["order 12345678", false],
])("tells whether %s holds a card's number", (text, expected) => {
  expect(hasCardNumber(text)).toBe(expected);
});
