import { describe, expect, it } from "vitest";
import type { ActionView } from "../../protocol/protocol.gen";
import { action } from "../../sync/testing";
import type { ShownAction } from "./actions";
import {
  actionCommandText,
  attemptText,
  counted,
  hintOf,
  leadText,
  outcomeText,
  sentText,
  statusText,
} from "./actionWords";

const SAM = { id: "sam", name: "Sam Supervisor" };

function named(change: Partial<ActionView>): ShownAction {
  return { action: action(change), template: {}, name: "Grant", target: "" } as ShownAction;
}

function text(change: Partial<ActionView>, now_ms = 0): string {
  const template = { connection: "Billing" } as ShownAction["template"];
  return statusText({ action: action(change), template, name: "Grant", target: "" }, () => "Ship", now_ms);
}

describe("statusText", () => {
  it("[AX8] counts down to the next try", () => {
    expect(text({ status: "waiting_to_retry", due_ms: 8_000, message: "The other side is busy" })).toMatch(
      /^The other side is busy\. Next try \S+.*, in 8 s$/,
    );
    expect(text({ status: "waiting_to_retry", due_ms: 300_000 })).toMatch(/in 5 min$/);
    expect(text({ status: "held", due_ms: 8_000 }, 9_000)).not.toContain(" in ");
    expect(text({ status: "held", due_ms: 90_000_000 })).toMatch(/^Goes out at .*,/);
    expect(text({ status: "held" })).toBe("Goes out soon");
  });

  it("[AX8] warns where nobody knows, and says who may help", () => {
    expect(text({ status: "unknown", message: "No answer." })).toBe("No answer. Check before sending again");
    expect(text({ status: "failed", blocked: true, failures: 4, message: "Refused" })).toBe(
      "Refused. It failed 4 times: an administrator may unlock it",
    );
    expect(text({ status: "failed", message: "the receiver answered 422" })).toBe("The receiver answered 422");
  });

  it("[AX7] says where the second person's word stands", () => {
    const asked = { asked_ms: 0, by: null, at_ms: null, approved: null, reason: null };
    expect(text({ approval: asked })).toBe("Needs a second person, once it is complete");
    expect(text({ approval: { ...asked, by: SAM, approved: true } })).toBe("Approved by Sam Supervisor");
    expect(text({ status: "awaiting_approval", approval: asked })).toBe("Waits for a second person");
    const declined = { ...asked, by: SAM, approved: false };
    expect(text({ status: "declined", approval: declined })).toBe("Declined by Sam Supervisor");
    expect(text({ status: "declined", approval: { ...declined, reason: "Too much" } })).toBe(
      "Declined by Sam Supervisor: Too much",
    );
  });

  it("names what it waits for, and who removed or marked it", () => {
    expect(text({})).toBe("");
    expect(text({ status: "waiting_for_result", waits_for: "a2" })).toBe("Waits for “Ship”");
    expect(text({ status: "waiting_for_connection", waits_reason: "signed out" })).toBe(
      "Waits for Billing: signed out",
    );
    expect(text({ status: "removed", removed_by: SAM })).toBe("Removed by Sam Supervisor");
    expect(text({ status: "sent", settled_ms: 0, marked_by: SAM })).toMatch(/^Marked by Sam Supervisor at /);
    expect(text({ status: "sent", settled_ms: 0, marked_by: SAM, reason: "They have it" })).toMatch(/: They have it$/);
    expect(text({ status: "sent", settled_ms: 0, message: "Practice: nothing was sent." })).toMatch(
      /^At .+\. Practice: nothing was sent\.$/,
    );
    expect(text({ status: "withdrawn" })).toBe("Withdrawn: the call went another way");
    expect(text({ status: "queued" })).toBe("Goes out now");
    expect(text({ status: "in_flight" })).toBe("On its way");
  });
});

describe("sentText", () => {
  function became(change: Partial<ActionView>, is_practice = false): string {
    return sentText(named(change), () => "Ship", 0, is_practice);
  }

  it("[AX1] says what becomes of one that was sent", () => {
    expect([became({ status: "queued" }), became({ status: "in_flight" })]).toEqual(["Sending…", "Sending…"]);
    const retry = { status: "waiting_to_retry", message: "the receiver answered 503" } as const;
    expect(became({ ...retry, due_ms: 300_000 })).toBe("The receiver answered 503. Next try in 5 min");
    expect(became({ ...retry, due_ms: 0 })).toBe("The receiver answered 503. Trying again…");
    expect(became({ status: "unknown" })).toBe("May have been sent: check");
    expect(became({ status: "failed", message: "the receiver answered 422" })).toBe(
      "Failed: The receiver answered 422",
    );
    expect(became({ status: "waiting_for_result", waits_for: "a2" })).toBe("Waits for “Ship”");
  });

  it("[AX1, DI4] says that practice was practice", () => {
    const sent = { status: "sent", message: "practice: nothing was sent" } as const;
    expect([became(sent), became(sent, true)]).toEqual(["Sent", "Sent. Practice: nothing was sent"]);
  });

  it("[AX1] is announced as an outcome, and not while there is none", () => {
    const said = (["queued", "sent", "unknown", "failed", "waiting_to_retry"] as const).map((status) =>
      outcomeText(named({ status })),
    );
    expect(said).toEqual([
      "",
      "Grant: sent",
      "Grant: may have been sent, check",
      "Grant: failed",
      "Grant: not sent yet, it is tried again",
    ]);
  });
});

describe("leadText", () => {
  const lead = (...changes: Partial<ActionView>[]): string => leadText(changes.map(named));

  it("[AX4] says what completing sends", () => {
    expect(lead({})).toBe("It goes out when you complete. What you see is what is sent.");
    expect(lead({}, {}, { status: "removed" })).toBe("They go out when you complete. What you see is what is sent.");
    expect(lead({ status: "removed" })).toBe("Nothing goes out when you complete.");
  });

  it("[AX4] says what went before, and what does not go", () => {
    const asked = { status: "awaiting_approval" } as const;
    expect(lead({ status: "sent" }, { status: "sent" }, { status: "waiting_to_retry" }, {})).toBe(
      "2 are sent already, 1 is on its way; the rest goes out when you complete.",
    );
    expect(lead({ status: "unknown" })).toBe("1 may have been sent. Nothing else goes out.");
    expect(lead(asked, asked, { status: "declined" }, {})).toBe(
      "2 wait for a second person, 1 was declined; the rest goes out when you complete.",
    );
  });

  it("[AX4] says first what is to be mended", () => {
    expect(lead({ valid: false }, {})).toBe("1 Action cannot be sent yet. Mend or remove what is marked red.");
    expect(lead({ valid: false }, { valid: false }, { status: "sent" })).toBe(
      "2 Actions cannot be sent yet. Mend or remove what is marked red. 1 is sent already.",
    );
  });
});

it("an attempt without an outcome is under way, or never came back", () => {
  expect([attemptText(null, false), attemptText(null, true)]).toEqual(["Under way", "Never came back"]);
});

it("counts in words, and hints where a control does not show the form", () => {
  expect([counted(1, "Action"), counted(2, "Action")]).toEqual(["1 Action", "2 Actions"]);
  expect([hintOf("date"), hintOf("text")]).toEqual(["As in 2026-03-31", ""]);
});

it("tells what was asked for", () => {
  const remove = { type: "remove_action", action_id: "a1" } as const;
  expect(actionCommandText({ ...remove, removed: true }, () => "Ship")).toBe("Remove “Ship”");
  expect(actionCommandText({ ...remove, removed: false }, () => "Ship")).toBe("Put “Ship” back");
});
