import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Condition, FieldContent, FieldType, FieldView } from "../protocol/protocol.gen";
import { judgeOf } from "./conditions";

interface Case {
  condition: Condition;
  fields: Record<string, { type: FieldType; content: FieldContent }>;
  holds: boolean;
}

const CASES: Case[] = JSON.parse(readFileSync(resolve("../protocol/vectors/conditions.json"), "utf8"));
const BY = { id: "ana", name: "Ana" };

function held(key: string, content: FieldContent, masked = false): FieldView {
  return {
    key,
    masked,
    content,
    shown: null,
    valid: true,
    problem: null,
    by: BY,
    at_ms: 0,
    visit_id: "v1",
    suggested_by: null,
  };
}

describe("conditions", () => {
  it("[CD3] are judged as the engine judges them", () => {
    const wrong = CASES.filter(({ condition, fields, holds }) => {
      const filled = Object.entries(fields).filter(([, { content }]) => content !== null);
      const views = Object.fromEntries(filled.map(([key, { content }]) => [key, held(key, content)]));
      return judgeOf(views, new Map(Object.entries(fields)))(condition) !== holds;
    });
    expect(CASES.length).toBeGreaterThan(1_000);
    expect(wrong).toEqual([]);
  });

  it("[CD3] are unknown over a withheld value, except whether there is one", () => {
    const definitions = new Map([["pin", { type: "masked" as const }]]);
    const judge = judgeOf({ pin: held("pin", null, true) }, definitions);
    const says = (op: "eq" | "filled" | "empty"): Condition => ({ type: "field", field: "pin", op, value: "1" });
    expect(judge(says("eq"))).toBeNull();
    expect(judge(says("filled"))).toBe(true);
    expect(judge(says("empty"))).toBe(false);
    expect(judge({ type: "not", of: says("eq") })).toBeNull();
    expect(judge({ type: "all", of: [says("eq"), says("empty")] })).toBe(false);
    expect(judge({ type: "all", of: [says("eq"), says("filled")] })).toBeNull();
    expect(judge({ type: "any", of: [says("eq"), says("filled")] })).toBe(true);
    expect(judge({ type: "any", of: [says("eq"), says("empty")] })).toBeNull();
  });
});
