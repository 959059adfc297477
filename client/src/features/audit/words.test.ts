import { describe, expect, it } from "vitest";
import type { AuditLine } from "../../protocol/protocol.gen";
import { ACT_CHOICES, actText, detailText, subjectOf } from "./words";

const ADA = { id: "ada", name: "Ada Admin" };
const NAMES = new Map([["ben", "Ben Agent"]]);

function line(act: string, subject: string, detail: Record<string, string> = {}): AuditLine {
  return { id: 1, at_ms: 0, actor: ADA, act, subject, detail };
}

describe("acts", () => {
  it("[PX10] are told in words, and unknown ones as they are", () => {
    expect(actText("take")).toBe("took the seat");
    expect(actText("moonwalk")).toBe("moonwalk");
    expect(ACT_CHOICES).toContainEqual({ value: "watch", label: "Watched" });
  });
});

describe("on what it was done", () => {
  it.each([
    [line("sign_in", "ada"), null],
    [line("deactivated", "ben"), { text: "Ben Agent", href: null }],
    [line("person_added", "9f", { name: "Cleo" }), { text: "Cleo", href: null }],
    [line("link_made", "0123456789abcdef"), { text: "Person 01234567…", href: null }],
    [line("watch", "0123456789abcdef"), { text: "Session 01234567…", href: "/sessions/0123456789abcdef" }],
    [line("test_fire", "c1"), { text: "Connection c1", href: "/integrations/c1" }],
    [line("audit_exported", "audit"), null],
    [line("moonwalk", "moon"), { text: "moon", href: null }],
  ])("[PX10] %j", (line, subject) => {
    expect(subjectOf(line, NAMES)).toEqual(subject);
  });
});

it("[PX10] details are named, but for those that help nobody", () => {
  const detail = { from: "agent", to: "admin", seq: "7", name: "", teams: "t1, t2", moon: "full" };
  expect(detailText({ detail }, new Map([["t1", "Retention"]]))).toBe(
    "from: agent · to: admin · teams: Retention, another team · moon: full",
  );
  expect(detailText({ detail: { to: "ben", seq: "7" } }, NAMES)).toBe("to: Ben Agent");
});
