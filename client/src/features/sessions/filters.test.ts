import { describe, expect, it } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import {
  AS_EVER,
  countFilters,
  type Filters,
  isAskedFor,
  isFiltered,
  pageOf,
  queryOf,
  readArrangement,
  readSearch,
} from "./filters";

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
  given: null,
  approval_asked_ms: null,
  workflow_key: "broadband",
  section_key: "greeting",
  watchers: [],
  driver_away_ms: null,
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
    expect(readArrangement("?sort=title&group=moon")).toEqual(AS_EVER);
    expect(readSearch("?list=all&sort=title")).toEqual({ list: "live", filters: NONE });
  });
});

it("[BP3] keeps the view by person in the address, of the live list only", () => {
  const by_person = { ...AS_EVER, by_person: true };
  const search = pageOf("live", { ...NONE, q: "ana" }, by_person).split("?")[1] ?? "";
  expect(readArrangement(search)).toEqual(by_person);
  expect(readSearch(search).filters.q).toBe("ana");
  expect(readArrangement(pageOf("paused", NONE, by_person).split("?")[1] ?? "").by_person).toBe(false);
});

it("[BP4] keeps order and groups in the address, of the live list only", () => {
  const arranged = { by_person: false, sort: "section", group: "team" } as const;
  const page = pageOf("live", { ...NONE, owner: "ana" }, arranged);
  expect(page).toBe("/sessions?sort=section&group=team&owner=ana");
  expect(readArrangement(page.split("?")[1] ?? "")).toEqual(arranged);
  expect(pageOf("finished", NONE, arranged)).toBe("/sessions?list=finished");
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
