import { describe, expect, it } from "vitest";
import { pageOf, queryOf, readSearch } from "./filters";

describe("which people are shown", () => {
  it("[PX6] stands in the address, and comes back from it", () => {
    const filters = { q: "ana & co", state: "inactive" } as const;
    expect(readSearch(pageOf(filters).replace("/people", ""))).toEqual(filters);
  });

  it("[PX6] is everybody active, unless the address says otherwise", () => {
    expect(readSearch("?state=asleep")).toEqual({ q: "", state: "active" });
    expect(pageOf({ q: "", state: "active" })).toBe("/people");
  });

  it("[PX6] is asked of the server without the spaces around it", () => {
    expect(queryOf({ q: " ana ", state: "all" })).toBe("/api/people?state=all&q=ana");
    expect(queryOf({ q: "  ", state: "active" })).toBe("/api/people?state=active");
  });
});
