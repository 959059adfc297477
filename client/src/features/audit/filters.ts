/** Which lines of the audit log are asked for: in the page's address, so that it can be kept and sent on. Pure. */

import { momentOf } from "../../lib/time";

export interface Filters {
  readonly act: string;
  readonly actor: string;
  readonly subject: string;
  /** Days by the clock of this page's person, both included. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: Filters = { act: "", actor: "", subject: "", from: "", to: "" };
const NAMES = Object.keys(NO_FILTERS) as (keyof Filters)[];

/** The filters of an address; what it does not know is left out. */
export function readSearch(search: string): Filters {
  const asked = new URLSearchParams(search);
  return Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""])) as unknown as Filters;
}

/** The address of the page with these filters. */
export function pageOf(filters: Filters): string {
  const asked = new URLSearchParams(NAMES.flatMap((name) => (filters[name] === "" ? [] : [[name, filters[name]]])));
  return asked.size === 0 ? "/audit" : `/audit?${asked}`;
}

/** What the server is asked for, as lines or as a file. */
export function queryOf(path: "/api/audit" | "/api/audit.csv", filters: Filters): string {
  const asked = new URLSearchParams();
  for (const name of ["act", "actor", "subject"] as const) {
    const value = filters[name].trim();
    if (value !== "") asked.set(name, value);
  }
  const from_ms = momentOf(`${filters.from}T00:00`);
  const to_ms = momentOf(`${dayAfter(filters.to)}T00:00`);
  if (!Number.isNaN(from_ms)) asked.set("from_ms", String(from_ms));
  if (!Number.isNaN(to_ms)) asked.set("to_ms", String(to_ms));
  return asked.size === 0 ? path : `${path}?${asked}`;
}

export function countFilters(filters: Filters): number {
  return NAMES.filter((name) => filters[name].trim() !== "").length;
}

function dayAfter(day: string): string {
  const at = new Date(`${day}T00:00Z`);
  if (Number.isNaN(at.getTime())) return "";
  at.setUTCDate(at.getUTCDate() + 1);
  return at.toISOString().slice(0, 10);
}
