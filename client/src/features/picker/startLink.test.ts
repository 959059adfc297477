import { describe, expect, test } from "vitest";
import type { FieldDefinition } from "../../protocol/protocol.gen";
import { fieldsOf, readLink } from "./startLink";

const field = (key: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  key,
  type: "text",
  label: key.toUpperCase(),
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
  ...more,
});

const FIELDS = [
  field("name"),
  field("agrees", { type: "yes_no" }),
  field("extras", { type: "multiple_choice", options: [{ value: "case", label: "A case" }] }),
  field("pin", { type: "masked" }),
  field("health", { sensitive: true }),
];

describe("another system's link", () => {
  test("[AP20] fills Fields by their keys, in the shape of their type", () => {
    const link = readLink(
      "?workflow=w&external_id=7&field.name=Ms+Okonkwo&field.agrees=No&field.extras=case&field.extras=x",
    );
    expect([link.workflow, link.external_id]).toEqual(["w", "7"]);
    const fields = fieldsOf(link, FIELDS);
    expect(fields.values).toEqual({ name: "Ms Okonkwo", agrees: false, extras: ["case", "x"] });
    expect(fields.shown.map(({ text }) => text)).toEqual(["Ms Okonkwo", "No", "A case, x"]);
    expect(fields.left_out).toEqual([]);
  });

  test("[AP20] leaves out what is sensitive, unknown or no value of the type, and says so", () => {
    const search = "field.pin=4711&field.health=poor&field.shoe_size=44&field.agrees=perhaps&field.name=a&field.name=b";
    const fields = fieldsOf(readLink(search), FIELDS);
    expect(fields.values).toEqual({});
    expect(fields.left_out).toEqual(["PIN", "HEALTH", "shoe_size", "AGREES", "NAME"]);
  });

  test("[AP20] an empty value is none", () => {
    expect(fieldsOf(readLink("field.name=+"), FIELDS)).toEqual({ values: {}, shown: [], left_out: [] });
  });
});
