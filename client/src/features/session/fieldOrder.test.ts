import { expect, it } from "vitest";
import type { FieldDefinition } from "../../protocol/protocol.gen";
import { filledFirst, inOrder } from "./fieldOrder";

const [a, b, c, d] = ["a", "b", "c", "d"].map((key) => ({ key }) as FieldDefinition) as [
  FieldDefinition,
  FieldDefinition,
  FieldDefinition,
  FieldDefinition,
];

it("puts filled Fields first, both parts as in the document", () => {
  expect(filledFirst([a, b, c, d], (field) => field === b || field === d)).toEqual(["b", "d", "a", "c"]);
});

it("keeps the order that was, whatever came or went", () => {
  expect(inOrder([a, c, d], ["d", "b", "a"])).toEqual([d, a, c]);
});
