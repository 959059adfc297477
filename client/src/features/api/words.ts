/** API tokens as people read them. Pure. */

import type { ApiTokenLine, Scope } from "../../protocol/protocol.gen";

interface ScopeWords {
  readonly value: Scope;
  readonly label: string;
  readonly help: string;
}

/** In the order in which they are offered: what only reads before what changes something. */
export const SCOPES: readonly ScopeWords[] = [
  { value: "workflows:read", label: "Read Workflows", help: "Which there are, and what their Sections ask." },
  {
    value: "sessions:read",
    label: "Read Sessions",
    help: "Lists and records of its teams. Sensitive values are never in them.",
  },
  { value: "people:read", label: "Read people", help: "Names, e-mail addresses, roles and teams." },
  { value: "connections:read", label: "Read Connections", help: "Whether they work. No settings, no secrets." },
  { value: "audit:read", label: "Read the audit log", help: "Who did what, of everybody." },
  {
    value: "sessions:start",
    label: "Start Sessions",
    help: "For agents of its teams, with Fields filled in: a telephone system that opens the call.",
  },
  {
    value: "sessions:control",
    label: "Act in Sessions",
    help: "Pause, resume and end them, report a hang-up, suggest what to say or enter. Never drive them.",
  },
  {
    value: "people:write",
    label: "Change people",
    help: "Add agents, coaches and authors with a link, change and deactivate them. Whoever has this can make an agent and come in as one.",
  },
];

export function scopesText(scopes: readonly Scope[]): string {
  const names = SCOPES.filter(({ value }) => scopes.includes(value)).map(({ label }) => label);
  return names.map((name, place) => (place === 0 ? name : name.charAt(0).toLowerCase() + name.slice(1))).join(", ");
}

export type Standing = "works" | "expired" | "revoked";

export function standingOf(line: Pick<ApiTokenLine, "revoked_ms" | "expires_ms">, now_ms: number): Standing {
  if (line.revoked_ms !== null) return "revoked";
  return line.expires_ms !== null && line.expires_ms <= now_ms ? "expired" : "works";
}

export const STANDINGS: Record<Standing, string> = { works: "Works", expired: "Expired", revoked: "Revoked" };

/** When a token made now ends, by the choice of days; null: never. */
export function endOf(days: string, now_ms: number): number | null {
  return days === "" ? null : now_ms + Number(days) * 86_400_000;
}

export const ENDS = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "", label: "Never" },
];
