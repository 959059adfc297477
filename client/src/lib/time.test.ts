import { describe, expect, it } from "vitest";
import type { Locale } from "../protocol/protocol.gen";
import { setLocale } from "./locale";
import { formatElapsed, formatMoment, inputTime, momentOf } from "./time";

describe("formatElapsed", () => {
  it.each([
    [0, "0:00"],
    [7_999, "0:07"],
    [760_000, "12:40"],
    [3_725_000, "1:02:05"],
    [-4_000, "0:00"],
  ])("reads %i ms as %s", (elapsed_ms, text) => {
    expect(formatElapsed(elapsed_ms)).toBe(text);
  });
});

describe("formatMoment", () => {
  const HOUR_MS = 3_600_000;
  const LONDON: Locale = { language: "en-GB", country: "GB", currency: "GBP", time_zone: "Europe/London" };
  const NEW_YORK: Locale = { language: "en-US", country: "US", currency: "USD", time_zone: "America/New_York" };
  const noon_ms = Date.parse("2026-05-06T12:00+01:00");

  it.each([
    ["today", LONDON, HOUR_MS, "12:00"],
    ["on another day", LONDON, 13 * HOUR_MS, "6 May, 12:00"],
    ["in another year", LONDON, 365 * 24 * HOUR_MS, "6 May 2026, 12:00"],
    ["where the day is another one", NEW_YORK, -8 * HOUR_MS, "May 6, 7:00 AM"],
  ])("says no more than is needed %s", (_when, locale, later_ms, text) => {
    setLocale(locale);
    expect(formatMoment(noon_ms, noon_ms + later_ms).replace("\u202f", " ")).toBe(text);
  });
});

describe("momentOf", () => {
  it.each(["Europe/London", "Pacific/Auckland", "America/St_Johns", "UTC"])(
    "reads what inputTime writes in %s",
    (zone) => {
      setLocale({ language: "en-GB", country: "GB", currency: "GBP", time_zone: zone });
      for (let day = 0; day < 366; day += 7) {
        const at_ms = Date.UTC(2026, 0, 1 + day, 12, 30);
        expect(momentOf(inputTime(at_ms))).toBe(at_ms);
      }
    },
  );

  it("knows nothing else", () => {
    expect(momentOf("soon")).toBeNaN();
  });
});
