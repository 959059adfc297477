import { describe, expect, it } from "vitest";
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
  const noon_ms = new Date(2026, 4, 6, 12, 0).getTime();

  it("leaves the day out today", () => {
    expect(formatMoment(noon_ms, noon_ms + 60_000)).not.toMatch(/6/);
  });

  it("names the day of another day", () => {
    expect(formatMoment(noon_ms, noon_ms + 86_400_000)).toMatch(/6/);
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
