/** Roles, and how it stands with a person, as administrators read it. Pure. */

import type { Permission, PersonDeactivated, PersonLine, PersonRole } from "../../protocol/protocol.gen";

export const ROLES: readonly { readonly value: PersonRole; readonly label: string; readonly help: string }[] = [
  { value: "agent", label: "Agent", help: "Leads calls." },
  { value: "coach", label: "Coach", help: "Watches their teams' calls, and helps." },
  { value: "supervisor", label: "Supervisor", help: "Watches their teams' calls, approves Actions, takes the seat." },
  { value: "author", label: "Author", help: "Writes Workflows." },
  { value: "manager", label: "Manager", help: "Erases and exports what was recorded." },
  { value: "admin", label: "Administrator", help: "Manages people and Integrations, and reads the audit log." },
];

/** What comes with no role. */
export const PERMISSIONS: readonly { readonly value: Permission; readonly label: string; readonly help: string }[] = [
  {
    value: "hidden_watching",
    label: "Watch unseen",
    help: "Opens calls without being shown to those in them, until they do something. On record in the audit log.",
  },
];

export function rolesText(roles: readonly PersonRole[]): string {
  return ROLES.filter(({ value }) => roles.includes(value))
    .map(({ label }) => label)
    .join(", ");
}

export function permissionText(permission: Permission): string {
  return PERMISSIONS.find(({ value }) => value === permission)?.label ?? permission;
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

/** What would be left behind. */
export function leftBehindText(count: number): string {
  return count === 1 ? "1 Session is open." : `${count} Sessions are open.`;
}

/** What became of the calls of somebody who was just deactivated; `to` is the colleague's name. */
export function openSessionsText(
  { open_sessions, reassigned, paused, failed }: PersonDeactivated,
  to: string | null,
): string {
  const sessions = (count: number): string => (count === 1 ? "1 Session" : `${count} Sessions`);
  const told = [
    reassigned > 0 ? `${sessions(reassigned)} went to ${to ?? "a colleague"}.` : "",
    paused > 0 ? `${sessions(paused)} ${paused === 1 ? "waits" : "wait"}, paused, for a teammate.` : "",
    failed.length > 0
      ? `${sessions(failed.length)} could not be given and ${failed.length === 1 ? "waits" : "wait"}: ${failed
          .map(({ workflow_name }) => workflow_name)
          .join(", ")}.`
      : "",
  ].filter((text) => text !== "");
  if (told.length > 0) return told.join(" ");
  return open_sessions === 0 ? "No Session of theirs was open." : "Nothing of theirs was left to free.";
}

export function tokensText(count: number): string {
  return count === 1
    ? "An API token that they made goes on working: if they know it, revoke it on the page API."
    : `${count} API tokens that they made go on working: if they know them, revoke them on the page API.`;
}
