/** What is in the audit log, as people read it. What this page does not know yet is shown as it is. Pure. */

import type { AuditLine } from "../../protocol/protocol.gen";

type SubjectKind =
  | "setting"
  | "person"
  | "session"
  | "connection"
  | "integration"
  | "team"
  | "token"
  | "field"
  | "none";

/** In the order in which the filter offers them. */
const ACTS: Record<string, readonly [words: string, subject: SubjectKind]> = {
  sign_in: ["signed in", "person"],
  sign_in_failed: ["could not sign in", "person"],
  sign_in_refused: ["was not let in by the identity provider", "person"],
  identity_linked: ["signed in with the identity provider for the first time", "person"],
  sign_out: ["signed out", "person"],
  sign_ins_ended: ["ended sign-ins", "person"],
  link_made: ["made a link", "person"],
  identity_forgotten: ["had a company account forgotten", "person"],
  frame_code_made: ["made a code for a frame", "person"],
  link_used: ["used a link", "person"],
  second_factor_on: ["switched on the second step", "person"],
  second_factor_off: ["switched off the second step", "person"],
  recovery_code_used: ["used a recovery code", "person"],
  password_changed: ["changed the password", "person"],
  person_added: ["added a person", "person"],
  person_changed: ["changed a person", "person"],
  roles_changed: ["changed roles", "person"],
  permissions_changed: ["changed permissions", "person"],
  deactivated: ["deactivated", "person"],
  activated: ["activated", "person"],
  team_added: ["added a team", "team"],
  team_renamed: ["renamed a team", "team"],
  watch: ["watched", "session"],
  watch_hidden: ["watched unseen", "session"],
  replay: ["replayed", "session"],
  take: ["took the seat", "session"],
  grant: ["granted the seat", "session"],
  accept_seat: ["accepted the seat", "session"],
  reassign: ["reassigned a Session", "session"],
  transfer: ["asked somebody to take over a Session", "session"],
  accept_transfer: ["accepted a transfer of", "session"],
  complete_transfer: ["handed a Session over", "session"],
  sessions_reassigned: ["reassigned the Sessions of", "person"],
  notice_written: ["wrote a notice", "none"],
  notice_taken_back: ["took back a notice", "none"],
  export: ["exported a Session", "session"],
  delete_session: ["deleted a record", "session"],
  erase_value: ["erased a value", "session"],
  find_person: ["looked for a person's Sessions", "field"],
  create_connection: ["added a Connection", "connection"],
  change_connection: ["changed a Connection", "connection"],
  mark_connection: ["marked a Connection", "connection"],
  rotate_secret: ["rotated a secret", "connection"],
  delete_connection: ["deleted a Connection", "connection"],
  test_fire: ["sent a test", "connection"],
  choose_events: ["chose events", "connection"],
  send_events_again: ["sent events again", "connection"],
  enable_integration: ["switched on an Integration", "integration"],
  disable_integration: ["switched off an Integration", "integration"],
  set_egress_rules: ["set receivers on our own network", "none"],
  token_made: ["made an API token", "token"],
  token_revoked: ["revoked an API token", "token"],
  workflow_published: ["published a Workflow", "none"],
  examples_imported: ["imported the examples", "none"],
  examples_removed: ["removed the examples", "none"],
  alerts_snoozed: ["kept alerts quiet", "team"],
  alert_settings_changed: ["changed a team's alerts", "team"],
  setting_changed: ["changed a setting", "setting"],
  audit_exported: ["exported the audit log", "none"],
  audit_read: ["read the audit log", "none"],
  restored: ["restored a backup", "none"],
};

const DETAILS: Record<string, string> = {
  act: "act",
  action: "Action",
  actor: "person",
  address: "from",
  allowed: "allowed",
  as: "as",
  browser: "browser",
  by: "by",
  changed: "changed",
  email: "e-mail",
  ended: "how many",
  ends: "ends",
  from: "from",
  from_ms: "from",
  given: "given",
  issuer: "issuer",
  integration: "Integration",
  kind: "kind",
  left: "left",
  kinds: "kinds",
  count: "how many",
  name: "name",
  number: "version",
  reason: "reason",
  roles: "roles",
  scopes: "may",
  sessions: "how many",
  setting: "setting",
  slot: "of",
  status: "status",
  subject: "subject",
  teams: "teams",
  to: "to",
  to_ms: "to",
  workflows: "Workflows",
  withdrawn: "withdrawn",
};
/** What helps nobody who reads. */
const LEFT_OUT = new Set(["seq", "key"]);

export const ACT_CHOICES = Object.entries(ACTS).map(([value, [words]]) => ({ value, label: capital(words) }));

export function actText(act: string): string {
  return ACTS[act]?.[0] ?? act;
}

export interface Subject {
  readonly text: string;
  /** Where it can be looked at. */
  readonly href: string | null;
}

/** On what it was done; null if that is nothing apart, or the very person who did it. */
export function subjectOf(
  { act, actor, subject, detail }: AuditLine,
  names: ReadonlyMap<string, string>,
): Subject | null {
  const kind = ACTS[act]?.[1] ?? "field";
  const short = subject.length > 12 ? `${subject.slice(0, 8)}…` : subject;
  switch (kind) {
    case "none":
      return null;
    case "setting":
      return { text: capital(subject.replaceAll("_", " ")), href: "/settings" };
    case "person":
      return subject === actor.id ? null : { text: detail.name ?? names.get(subject) ?? `Person ${short}`, href: null };
    case "session":
      return { text: `Session ${short}`, href: `/sessions/${subject}` };
    case "connection":
      return { text: detail.name ?? `Connection ${short}`, href: `/integrations/${subject}` };
    case "token":
      return { text: detail.name ?? `Token ${short}`, href: "/tokens" };
    case "team":
      return { text: detail.name ?? names.get(subject) ?? `Team ${short}`, href: null };
    default:
      return subject === "" ? null : { text: subject, href: null };
  }
}

/** `from: agent · to: admin`; teams by their names. */
export function detailText({ detail }: Pick<AuditLine, "detail">, names: ReadonlyMap<string, string>): string {
  return Object.entries(detail)
    .filter(([key, value]) => !LEFT_OUT.has(key) && value !== "")
    .map(([key, value]) => `${DETAILS[key] ?? key}: ${worded(key, value, names)}`)
    .join(" · ");
}

function worded(key: string, value: string, names: ReadonlyMap<string, string>): string {
  if (key === "teams") return named(value, names);
  // A role, or the person whom something was given to.
  return key === "to" ? (names.get(value) ?? value) : value;
}

/** Who act and are no people, as the filter offers them. */
export const OTHER_ACTORS = [
  { value: "command_line", label: "Command line" },
  { value: "identity_provider", label: "Identity provider" },
  { value: "system", label: "System" },
  { value: "nobody", label: "Nobody we know" },
];

function named(ids: string, names: ReadonlyMap<string, string>): string {
  return ids
    .split(", ")
    .map((id) => names.get(id) ?? (id === "all" ? "all teams" : "another team"))
    .join(", ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
