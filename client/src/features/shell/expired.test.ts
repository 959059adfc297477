import { describe, expect, it } from "vitest";
import type { SessionLine } from "../../protocol/protocol.gen";
import { daysText, expiredSearch, toldMoment, untold } from "./expired";

const DAY_MS = 86_400_000;
const NOON_MS = Date.parse("2026-11-24T12:00:00Z");

describe("Sessions that expired", () => {
  it("[LC9, SX8] are asked for from the day on which their owner was told last", () => {
    expect(expiredSearch("ana", NOON_MS)).toBe("list=finished&owner=ana&outcome=expired&from=2026-11-24");
  });

  it("[LC9] are told once: of that day only those that ended after it", () => {
    const lines = [NOON_MS + 1, NOON_MS, NOON_MS - 1].map((changed_ms) => ({ changed_ms }) as SessionLine);
    expect(untold(lines, NOON_MS)).toEqual([lines[0]]);
  });

  it("are looked for two weeks back on a computer that told nothing yet", () => {
    expect(toldMoment("", NOON_MS)).toBe(NOON_MS - 14 * DAY_MS);
    expect(toldMoment(String(NOON_MS), NOON_MS + 1)).toBe(NOON_MS);
  });

  it.each([
    [14 * DAY_MS, "14 days"],
    [DAY_MS, "1 day"],
  ])("waited for %d ms: %s", (ms, text) => {
    expect(daysText(ms)).toBe(text);
  });
});
