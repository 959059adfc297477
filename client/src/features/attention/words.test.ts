import { describe, expect, it } from "vitest";
import type { AttentionAct, AttentionKind, RefuseCode } from "../../protocol/protocol.gen";
import { doneText, fits, happenedText, refusedText, titleOf, waitingText } from "./words";

describe("what happened", () => {
  it("is said with the number of the answer", () => {
    expect(happenedText({ cause: "refused", code: 422, blocked: false })).toBe("The other side refused it (422)");
    expect(happenedText({ cause: "no_answer", code: null, blocked: false })).toBe("No answer came");
  });

  it("names who can help where nobody else can", () => {
    expect(happenedText({ cause: "gave_up", code: 503, blocked: true })).toContain("an administrator may unlock it");
  });

  it("is said for a word that this page does not know yet", () => {
    expect(happenedText({ cause: "moonlight" as "refused", code: null, blocked: false })).toMatch(/^Open its Session/);
  });
});

it("calls a Session without a title by its Workflow", () => {
  expect(titleOf({ title: "", workflow_name: "Broadband" })).toBe("Broadband");
});

it.each<[AttentionAct, AttentionKind[]]>([
  ["send", ["failed", "unknown", "not_fired"]],
  ["look_up", ["unknown"]],
  ["mark_sent", ["failed", "unknown", "not_fired", "awaiting"]],
  ["dismiss", ["failed", "unknown", "not_fired", "awaiting"]],
])("%s is offered for %j", (act, expected) => {
  const kinds: AttentionKind[] = ["failed", "unknown", "not_fired", "awaiting", "waiting_for_connection"];
  expect(kinds.filter((kind) => fits(act, { kind }))).toEqual(expected);
});

it("says what was done, of one and of many", () => {
  expect(doneText("send", 1)).toBe("1 Action on the way.");
  expect(doneText("dismiss", 3)).toBe("3 Actions dismissed.");
});

it("says why not, whatever the code", () => {
  expect(refusedText("action_settled")).toBe("It was dealt with meanwhile");
  expect(refusedText("brand_new" as RefuseCode)).toBe("It was not accepted");
});

it("[DI3] says which Connections are waited for, each once", () => {
  const waits = (connection: string | null) => ({ kind: "waiting_for_connection", connection }) as const;
  expect(waitingText([{ kind: "failed", connection: "Mail" }, waits(null)])).toBe("");
  expect(waitingText([waits("Mail"), waits("CRM"), waits("Mail")])).toContain("Actions wait for Mail and CRM.");
});
