import { describe, expect, it } from "vitest";
import type { Parameter, ParameterType } from "../../protocol/protocol.gen";
import { missingText, notLetInText, readParameter, recentText, sampleOf, secretText } from "./words";

const parameter = (type: ParameterType): Parameter => ({
  key: "a",
  type,
  label: "A",
  required: false,
  templatable: true,
  help: "",
  options: [{ value: "x", label: "X" }],
  max_length: null,
});

describe("what is typed for a parameter", () => {
  it("[CO8] becomes the value that its type sends", () => {
    const value = (type: ParameterType, text: string) => {
      const read = readParameter(parameter(type), text);
      return read.is_good ? read.value : read.expected;
    };
    expect(value("text", " a b ")).toBe(" a b ");
    expect(value("integer", " 3 ")).toBe(3);
    expect(value("number", "x")).toBe("Expected a number");
    expect(value("boolean", "yes")).toBe(true);
    expect(value("emails", "a@b.example, c@d.example;")).toEqual(["a@b.example", "c@d.example"]);
    expect(value("map", '{"a": "b"}')).toEqual({ a: "b" });
    expect(value("json", "{")).toBe('Expected JSON such as {"a": "b"}');
    expect(value("long_text", "  ")).toBeUndefined();
  });

  it("[CO8] begins with a sample, but for whom it goes to", () => {
    expect(sampleOf(parameter("text"), false)).toBe("Test from Sidecoach");
    expect(sampleOf(parameter("text"), true)).toBe("");
    expect(sampleOf(parameter("choice"), false)).toBe("x");
    expect(sampleOf(parameter("email"), false)).toBe("");
  });
});

describe("what is known of a secret", () => {
  it("[CO2] is whether it is set, and its end if that tells little", () => {
    expect(secretText(undefined)).toBe("Not set");
    expect(secretText({ set: true, last4: "", updated_ms: 1 })).toBe("Set");
    expect(secretText({ set: true, last4: "aa2f", updated_ms: 1 })).toBe("Set, ends in …aa2f");
  });
});

it("[CO7] tells of deliveries that failed, and says nothing of those that arrived", () => {
  expect([null, { failed: 0, of: 10 }].map(recentText)).toEqual(["", ""]);
  expect(recentText({ failed: 1, of: 1 })).toBe("The last delivery failed");
  expect(recentText({ failed: 3, of: 3 })).toBe("The last 3 deliveries failed");
  expect(recentText({ failed: 3, of: 10 })).toBe("3 of the last 10 deliveries failed");
});

it("[CO12] says what is to be done about Connections that were not let in", () => {
  expect(notLetInText([])).toBe("");
  expect(notLetInText(["Mail"])).toContain("Mail was not let in. Actions that go through it wait, and nothing is lost");
  expect(notLetInText(["Mail", "CRM"])).toContain("Mail and CRM were not let in. Actions that go through them wait");
});

it("names the Connections that Workflows wait for", () => {
  const webhook = { integration: { key: "webhook", name: "Webhook" } } as never;
  const missing = [
    { integration: "webhook", name: "CRM" },
    { integration: "webhook", name: "Billing" },
    { integration: "fax", name: null },
  ];

  expect(missingText({ integrations: [webhook], missing })).toContain("not there yet: CRM and Billing (Webhook).");
  expect(missingText({ integrations: [webhook], missing: [] })).toBe("");
});
