import { describe, expect, it } from "vitest";
import { countFilters, NO_FILTERS, pageOf, queryOf, readSearch } from "./filters";

describe("which lines of the audit log are shown", () => {
  it("[PX10] stands in the address, and comes back from it", () => {
    const filters = { act: "sign_in", actor: "ana", subject: "", from: "2026-11-01", to: "2026-11-28" };
    expect(readSearch(pageOf(filters).replace("/audit", ""))).toEqual(filters);
    expect(countFilters(filters)).toBe(4);
  });

  it("[PX10] is all of them without filters, on the page and in the file", () => {
    expect(pageOf(NO_FILTERS)).toBe("/audit");
    expect(queryOf("/api/audit", NO_FILTERS)).toBe("/api/audit");
    expect(queryOf("/api/audit.csv", NO_FILTERS)).toBe("/api/audit.csv");
  });

  it("[PX10] has both days in it, by the clock of the page's person, the longest day too", () => {
    // In London the 25th of October 2026 has 25 hours.
    const asked = queryOf("/api/audit.csv", { ...NO_FILTERS, from: "2026-10-25", to: "2026-10-25" });
    const from_ms = Date.parse("2026-10-25T00:00:00+01:00");
    expect(asked).toBe(`/api/audit.csv?from_ms=${from_ms}&to_ms=${from_ms + 25 * 3_600_000}`);
  });

  it("[PX10] takes no notice of what is no day", () => {
    expect(queryOf("/api/audit", { ...NO_FILTERS, from: "soon", to: "2026-02-31x" })).toBe("/api/audit");
  });
});
