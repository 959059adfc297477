/** Which people are asked for: in the page's address, so that it can be kept and sent on. Pure. */

export type PeopleState = "active" | "inactive" | "all";

export const STATES: readonly { readonly value: PeopleState; readonly label: string }[] = [
  { value: "active", label: "Active" },
  { value: "inactive", label: "Deactivated" },
  { value: "all", label: "Everybody" },
];

export interface Filters {
  readonly q: string;
  readonly state: PeopleState;
}

/** The filters of an address; what it does not know is left out. */
export function readSearch(search: string): Filters {
  const asked = new URLSearchParams(search);
  const state = STATES.find(({ value }) => value === asked.get("state"))?.value ?? "active";
  return { q: asked.get("q") ?? "", state };
}

/** The address of the page with these filters. */
export function pageOf({ q, state }: Filters): string {
  const asked = new URLSearchParams(state === "active" ? {} : { state });
  if (q !== "") asked.set("q", q);
  return asked.size === 0 ? "/people" : `/people?${asked}`;
}

/** What the server is asked for. */
export function queryOf({ q, state }: Filters): string {
  const asked = new URLSearchParams({ state });
  if (q.trim() !== "") asked.set("q", q.trim());
  return `/api/people?${asked}`;
}
