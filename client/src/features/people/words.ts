/** Roles, and how it stands with a person, as administrators read it. Pure. */

import type { PersonLine, PersonRole } from "../../protocol/protocol.gen";

export const ROLES: readonly { readonly value: PersonRole; readonly label: string; readonly help: string }[] = [
  { value: "agent", label: "Agent", help: "Leads calls." },
  { value: "coach", label: "Coach", help: "Watches their teams' calls, and helps." },
  { value: "supervisor", label: "Supervisor", help: "Watches their teams' calls, approves Actions, takes the seat." },
  { value: "author", label: "Author", help: "Writes Workflows." },
  { value: "manager", label: "Manager", help: "Erases and exports what was recorded." },
  { value: "admin", label: "Administrator", help: "Manages people and Integrations, and reads the audit log." },
];

export function rolesText(roles: readonly PersonRole[]): string {
  return ROLES.filter(({ value }) => roles.includes(value))
    .map(({ label }) => label)
    .join(", ");
}

/** How it stands with somebody's way in. */
export type Standing = "active" | "invited" | "no_way_in" | "deactivated";

export function standingOf(
  { active, email, has_password, has_identity, link_expires_ms }: PersonLine,
  now_ms: number,
): Standing {
  if (!active) return "deactivated";
  if (has_password || has_identity || email === null) return "active";
  return link_expires_ms !== null && link_expires_ms > now_ms ? "invited" : "no_way_in";
}

/** In a few words; `until` is when their link ends. */
export function standingText(standing: Standing, until: string): string {
  switch (standing) {
    case "active":
      return "Active";
    case "invited":
      return `Invited, link until ${until}`;
    case "no_way_in":
      return "Link ran out";
    case "deactivated":
      return "Deactivated";
  }
}

/** What becomes of the calls of somebody who was just deactivated. */
export function openSessionsText(count: number): string {
  if (count === 0) return "No Session of theirs is open.";
  return count === 1 ? "1 Session of theirs is still open." : `${count} Sessions of theirs are still open.`;
}
