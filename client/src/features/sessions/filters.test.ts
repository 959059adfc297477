import { describe, expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { countFilters, type Filters, isAskedFor, isByPerson, isFiltered, pageOf, queryOf, readSearch } from "./filters";

const NONE: Filters = { q: "", owner: "", workflow: "", outcome: "", from: "", to: "" };
const ANA = { id: "ana", name: "Ana Agent" };
const CALL: LiveSession = {
  session_id: "a",
  title: "Acme Ltd",
  workflow_name: "Broadband",
  section_name: "Greeting",
  status: "active",
  training: false,
  owner: ANA,
  driver: ANA,
  team_ids: [],
  started_ms: 1,
  section_ms: 1,
  call_back_ms: null,
  help: null,
  transfer: null,
  approval_asked_ms: null,
  changed_ms: 1,
};

describe("the page's address", () => {
  it("gives back what it was made of", () => {
    const filters = { ...NONE, q: "+44 7700 & more", outcome: "won", from: "2026-01-01" };
    const search = pageOf("finished", filters).split("?")[1] ?? "";
    expect(readSearch(search)).toEqual({ list: "finished", filters });
  });

  it("is plain without filters, and forgiving of what it does not know", () => {
    expect(pageOf("live", NONE)).toBe("/sessions");
    expect(isByPerson("")).toBe(false);
    expect(readSearch("?list=all&sort=title")).toEqual({ list: "live", filters: NONE });
  });
});

it("[BP3] keeps the view by person in the address, of the live list only", () => {
  const search = pageOf("live", { ...NONE, q: "ana" }, true).split("?")[1] ?? "";
  expect(isByPerson(search)).toBe(true);
  expect(readSearch(search).filters.q).toBe("ana");
  expect(isByPerson(pageOf("paused", NONE, true).split("?")[1] ?? "")).toBe(false);
});

describe("what the server is asked for", () => {
  it("names the list, and an outcome only where there are outcomes", () => {
    const filters = { ...NONE, q: "  acme ", outcome: "won" };
    expect(queryOf("paused", filters)).toBe("/api/sessions?list=paused&q=acme");
    expect(queryOf("finished", filters)).toBe("/api/sessions?list=finished&q=acme&outcome=won");
  });
});

describe("filters", () => {
  it("are counted without the search", () => {
    const filters = { ...NONE, q: "x", owner: "ana" };
    expect(countFilters(filters)).toBe(1);
    expect([isFiltered(NONE), isFiltered({ ...NONE, q: "x" })]).toEqual([false, true]);
  });

  it.each([
    [{}, true],
    [{ q: "ana ACME" }, true],
    [{ q: "acme bolt" }, false],
    [{ owner: "ana" }, true],
    [{ owner: "ben" }, false],
    [{ workflow: "broadband" }, true],
    [{ workflow: "other" }, false],
    [{ from: "2026-01-01" }, false],
  ])("judge a pushed Session by %o: %s", (change, expected) => {
    const filters = { ...NONE, ...change };
    const names: Record<string, string> = { broadband: "Broadband", other: "Other" };
    expect(isAskedFor(CALL, filters, names[filters.workflow])).toBe(expected);
  });
});
