/** Which Sessions are asked for: in the page's address, so that it can be kept and sent on. Pure. */

import type { LiveSession, Outcome, SessionList } from "../../protocol/protocol.gen";

export const LISTS: readonly SessionList[] = ["live", "paused", "finished"];

export const OUTCOMES: readonly { readonly value: Outcome; readonly label: string }[] = [
  { value: "won", label: "Won" },
  { value: "not_won", label: "Completed, not won" },
  { value: "ended", label: "Ended early" },
  { value: "switched", label: "Switched" },
  { value: "expired", label: "Expired" },
];

export interface Filters {
  readonly q: string;
  readonly owner: string;
  readonly workflow: string;
  readonly outcome: string;
  readonly from: string;
  readonly to: string;
}

/** How live Sessions are put in order, and under what. */
export interface Arrangement {
  readonly by_person: boolean;
  readonly sort: Sort;
  readonly group: Group;
}

export type Sort = "newest" | "section" | "call" | "owner";
export type Group = "" | "team" | "workflow" | "section" | "status";

export const SORTS: readonly { readonly value: Sort; readonly label: string }[] = [
  { value: "newest", label: "Newest first" },
  { value: "section", label: "Longest in Section" },
  { value: "call", label: "Longest in call" },
  { value: "owner", label: "Owner" },
];

export const GROUPS: readonly { readonly value: Group; readonly label: string }[] = [
  { value: "", label: "No groups" },
  { value: "team", label: "By team" },
  { value: "workflow", label: "By Workflow" },
  { value: "section", label: "By Section" },
  { value: "status", label: "By status" },
];

/** People are not new: who is longest in a Section stands first, unless something else is asked for. */
export const PERSON_SORTS: typeof SORTS = [
  { value: "section", label: "Longest in Section" },
  { value: "call", label: "Longest in call" },
  { value: "owner", label: "Name" },
];

export const AS_EVER: Arrangement = { by_person: false, sort: "newest", group: "" };

const NO_FILTERS: Filters = { q: "", owner: "", workflow: "", outcome: "", from: "", to: "" };
const NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];

/** The list and the filters of an address; what it does not know is left out. */
export function readSearch(search: string): { list: SessionList; filters: Filters } {
  const asked = new URLSearchParams(search);
  const list = LISTS.find((name) => name === asked.get("list")) ?? "live";
  const filters = Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""])) as unknown as Filters;
  return { list, filters };
}

const BY_PERSON = "people";

/** How the live list is asked for; what an address does not know is as ever. */
export function readArrangement(search: string): Arrangement {
  const asked = new URLSearchParams(search);
  if (asked.has("list")) return AS_EVER;
  return {
    by_person: asked.get("view") === BY_PERSON,
    sort: SORTS.find(({ value }) => value === asked.get("sort"))?.value ?? AS_EVER.sort,
    group: GROUPS.find(({ value }) => value === asked.get("group"))?.value ?? AS_EVER.group,
  };
}

/** The address of a list with these filters; the live one arranged like this. */
export function pageOf(list: SessionList, filters: Filters, { by_person, sort, group } = AS_EVER): string {
  const asked = new URLSearchParams(list === "live" ? {} : { list });
  if (list === "live") {
    if (by_person) asked.set("view", BY_PERSON);
    if (sort !== AS_EVER.sort) asked.set("sort", sort);
    if (group !== AS_EVER.group) asked.set("group", group);
  }
  for (const name of NAMES) if (filters[name] !== "") asked.set(name, filters[name]);
  return asked.size === 0 ? "/sessions" : `/sessions?${asked}`;
}

/** What of an address a saved view keeps: all of it but the words searched for. */
export function keptSearch(search: string): string {
  const { list, filters } = readSearch(search);
  return pageOf(list, { ...filters, q: "" }, readArrangement(search)).split("?")[1] ?? "";
}

/** What the server is asked for; outcomes are those of finished Sessions. */
export function queryOf(list: SessionList, filters: Filters): string {
  const asked = new URLSearchParams({ list });
  for (const name of NAMES) {
    const value = filters[name].trim();
    if (value !== "" && (name !== "outcome" || list === "finished")) asked.set(name, value);
  }
  return `/api/sessions?${asked}`;
}

/** How many filters besides the search are set. */
export function countFilters({ q: _, ...others }: Filters): number {
  return Object.values(others).filter((value) => value !== "").length;
}

export function isFiltered(filters: Filters): boolean {
  return NAMES.some((name) => filters[name] !== "");
}

/** Whether a pushed Session is asked for, as far as can be told of it here; the server knows more. */
export function isAskedFor(session: LiveSession, filters: Filters, workflow_name: string | undefined): boolean {
  if (filters.from !== "" || filters.to !== "") return false;
  if (filters.owner !== "" && session.owner.id !== filters.owner) return false;
  if (filters.workflow !== "" && session.workflow_name !== workflow_name) return false;
  if (filters.q.trim() === "") return true;
  const text = [session.title, session.workflow_name, session.section_name, session.owner.name, session.driver.name]
    .join(" ")
    .toLowerCase();
  return filters.q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
