import { describe, expect, it } from "vitest";
import { countFilters, isFiltered, NO_FILTERS, pageOf, queryOf, readSearch } from "./filters";

describe("filters", () => {
  it("are kept in the address, and read from it again", () => {
    const filters = { ...NO_FILTERS, q: "Ms Okonkwo & son", kind: "failed", connection: "Call reporting" };
    const page = pageOf(filters);
    expect(page).toMatch(/^\/attention\?/);
    expect(readSearch(page.slice(page.indexOf("?")))).toEqual(filters);
    expect(queryOf(filters)).toBe(page.replace("/attention", "/api/attention"));
  });

  it("leave the address alone if there are none", () => {
    expect(pageOf(NO_FILTERS)).toBe("/attention");
    expect(queryOf({ ...NO_FILTERS, q: "  " })).toBe("/api/attention");
    expect(isFiltered({ ...NO_FILTERS, q: "  " })).toBe(false);
  });

  it("are counted without the search", () => {
    expect(countFilters({ ...NO_FILTERS, q: "x", kind: "failed", to: "2026-01-01" })).toBe(2);
  });
});
