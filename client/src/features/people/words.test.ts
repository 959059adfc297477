import { describe, expect, it } from "vitest";
import type { PersonDeactivated, PersonLine } from "../../protocol/protocol.gen";
import { leftBehindText, openSessionsText, rolesText, type Standing, standingOf, standingText } from "./words";

const NOW_MS = 1_000_000;

describe("how it stands with a person", () => {
  const line = {
    active: true,
    email: "ana@example.org",
    has_password: false,
    has_identity: false,
    link_expires_ms: null,
  };

  it.each<[Partial<PersonLine>, Standing]>([
    [{ has_password: true }, "active"],
    [{ has_password: true, link_expires_ms: NOW_MS + 1 }, "active"],
    [{ has_identity: true }, "active"],
    [{ link_expires_ms: NOW_MS + 1 }, "invited"],
    [{ link_expires_ms: NOW_MS }, "no_way_in"],
    [{}, "no_way_in"],
    // People of a demo need no password.
    [{ email: null }, "active"],
    [{ active: false, has_password: true }, "deactivated"],
  ])("[PX6] %j is %s", (part, standing) => {
    expect(standingOf({ ...line, ...part } as PersonLine, NOW_MS)).toBe(standing);
  });

  it("[PX6] is said in a few words", () => {
    expect(standingText("invited", "5 Dec, 15:00")).toBe("Invited, link until 5 Dec, 15:00");
    expect(standingText("no_way_in", "")).toBe("Link ran out");
  });
});

it("names roles in one order, whatever the server's", () => {
  expect(rolesText(["admin", "agent"])).toBe("Agent, Administrator");
});

const FAILED = { session_id: "1", workflow_name: "Sales call", started_ms: 0, code: "unknown_person" } as const;

it.each([
  [{ open_sessions: 0 }, "No Session of theirs was open."],
  [{ open_sessions: 1 }, "Nothing of theirs was left to free."],
  [{ open_sessions: 1, paused: 1 }, "1 Session waits, paused, for a teammate."],
  [{ open_sessions: 2, reassigned: 2 }, "2 Sessions went to Ben."],
  [
    { open_sessions: 2, reassigned: 1, failed: [FAILED] },
    "1 Session went to Ben. 1 Session could not be given and waits: Sales call.",
  ],
])("[PX8] tells what became of open Sessions: %o", (came, text) => {
  const done = { reassigned: 0, paused: 0, failed: [], ...came } as unknown as PersonDeactivated;
  expect(openSessionsText(done, "Ben")).toBe(text);
});

it("[PX8] tells what would be left behind", () => {
  expect([1, 2].map(leftBehindText)).toEqual(["1 Session is open.", "2 Sessions are open."]);
});
