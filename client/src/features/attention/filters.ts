/** Which Actions are asked for: in the page's address, so that it can be kept and sent on. Pure. */

import type { AttentionKind } from "../../protocol/protocol.gen";

export const KINDS: readonly { readonly value: AttentionKind; readonly label: string }[] = [
  { value: "failed", label: "Failed" },
  { value: "unknown", label: "May have been sent" },
  { value: "not_fired", label: "Not fired" },
  { value: "awaiting", label: "Waiting for a second person" },
  { value: "waiting_for_connection", label: "Waiting for a Connection" },
];

export interface Filters {
  readonly q: string;
  readonly kind: string;
  readonly connection: string;
  readonly integration: string;
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: Filters = { q: "", kind: "", connection: "", integration: "", from: "", to: "" };
const NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];

/** The filters of an address; what it does not know is left out. */
export function readSearch(search: string): Filters {
  const asked = new URLSearchParams(search);
  return Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""])) as unknown as Filters;
}

/** The address of the page with these filters. */
export function pageOf(filters: Filters): string {
  return addressOf("/attention", filters);
}

/** What the server is asked for. */
export function queryOf(filters: Filters): string {
  return addressOf("/api/attention", filters);
}

/** How many filters besides the search are set. */
export function countFilters({ q: _, ...others }: Filters): number {
  return Object.values(others).filter((value) => value !== "").length;
}

export function isFiltered(filters: Filters): boolean {
  return NAMES.some((name) => filters[name].trim() !== "");
}

function addressOf(path: string, filters: Filters): string {
  const asked = new URLSearchParams();
  for (const name of NAMES) if (filters[name].trim() !== "") asked.set(name, filters[name]);
  return asked.size === 0 ? path : `${path}?${asked}`;
}
