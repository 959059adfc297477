import { describe, expect, test } from "vitest";
import { endOf, SCOPES, scopesText, standingOf } from "./words";

describe("words of API tokens", () => {
  test("[AT7] scopes are told in plain words, in one order", () => {
    expect(scopesText(["people:write", "sessions:read"])).toBe("Read Sessions, change people");
    expect(new Set(SCOPES.map(({ value }) => value)).size).toBe(SCOPES.length);
  });

  test("[AT7] a token works until it is revoked or its time is over", () => {
    expect(standingOf({ revoked_ms: null, expires_ms: null }, 5)).toBe("works");
    expect(standingOf({ revoked_ms: null, expires_ms: 6 }, 5)).toBe("works");
    expect(standingOf({ revoked_ms: null, expires_ms: 5 }, 5)).toBe("expired");
    expect(standingOf({ revoked_ms: 1, expires_ms: 5 }, 9)).toBe("revoked");
  });

  test("[AT7] an end is some days from now, or never", () => {
    expect(endOf("30", 1_000)).toBe(1_000 + 30 * 86_400_000);
    expect(endOf("", 1_000)).toBeNull();
  });
});
