import { describe, expect, it } from "vitest";
import type { FieldDefinition } from "../../protocol/protocol.gen";
import { contentText, measuredText } from "./words";

function field(over: Partial<FieldDefinition>): FieldDefinition {
  return {
    key: "field",
    type: "text",
    label: "Field",
    help: null,
    required: false,
    default: null,
    rules: {
      min: null,
      max: null,
      min_length: null,
      max_length: null,
      pattern: null,
      pattern_hint: null,
      not_before: null,
      not_after: null,
    },
    options: [],
    unit: null,
    currency: null,
    sensitive: false,
    look_up: false,
    visible_when: null,
    ...over,
  };
}

describe("contentText", () => {
  it("reads nothing as nothing, and yes/no as words", () => {
    expect(contentText(field({}), null)).toBe("");
    expect(contentText(field({ type: "yes_no" }), false)).toBe("No");
  });

  it("shows options by their labels, and a value that is no option as it is", () => {
    const rooms = field({
      type: "multiple_choice",
      options: [
        { value: "kitchen", label: "Kitchen" },
        { value: "hall", label: null },
      ],
    });
    expect(contentText(rooms, ["kitchen", "hall", "attic"])).toBe("Kitchen, hall, attic");
  });

  it("never shows what is masked, not even how long it is", () => {
    expect(contentText(field({ type: "masked" }), "1234")).toBe(contentText(field({ type: "masked" }), "1"));
  });

  it("writes an amount with its currency, and what is no amount as it was typed", () => {
    const credit = field({ type: "money", currency: "GBP" });
    expect(contentText(credit, "7.50 GBP")).toBe("£7.50");
    expect(contentText(credit, "about 7")).toBe("about 7");
  });
});

describe("measuredText", () => {
  it("adds the unit to a value, never to nothing", () => {
    const speed = field({ type: "number", unit: "Mbit/s" });
    expect(measuredText(speed, "30")).toBe("30 Mbit/s");
    expect(measuredText(speed, null)).toBe("");
    expect(contentText(speed, "30")).toBe("30");
  });
});
