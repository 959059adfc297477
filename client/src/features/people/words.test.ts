import { describe, expect, it } from "vitest";
import type { PersonLine } from "../../protocol/protocol.gen";
import { openSessionsText, rolesText, type Standing, standingOf, standingText } from "./words";

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

it.each([
  [0, "No Session of theirs is open."],
  [1, "1 Session of theirs is still open."],
  [2, "2 Sessions of theirs are still open."],
])("[PX8] tells of %i open Sessions", (count, text) => {
  expect(openSessionsText(count)).toBe(text);
});
