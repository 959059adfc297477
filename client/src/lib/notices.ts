/** Which notices stand in a Session, and who writes them. Rules NC1, NC2 and NC5. Pure. */

import type { Key, Notice } from "../protocol/protocol.gen";

const WRITERS = ["supervisor", "manager", "author"];
const ALL_TEAMS = ["manager", "author"];

export function mayWriteNotices(roles: readonly string[]): boolean {
  return WRITERS.some((role) => roles.includes(role));
}

/** Whether what this person writes is told in Sessions of every team. */
export function writesForAll(roles: readonly string[]): boolean {
  return ALL_TEAMS.some((role) => roles.includes(role));
}

interface Place {
  readonly workflow_key: Key;
  /** Null: before it began, when it is on none yet. */
  readonly section_key: Key | null;
  /** Null: of whatever team it will be. */
  readonly team_ids: readonly string[] | null;
}

/** Those that are shown there now: warnings first, then the newest. */
export function noticesAt(place: Place, notices: readonly Notice[], now_ms: number): readonly Notice[] {
  return notices
    .filter(
      ({ workflow_key, section_key, team_ids, until_ms }) =>
        workflow_key === place.workflow_key &&
        (section_key === null || section_key === place.section_key) &&
        (team_ids.length === 0 || (place.team_ids?.some((id) => team_ids.includes(id)) ?? true)) &&
        (until_ms === null || until_ms > now_ms),
    )
    .toSorted(
      (one, other) =>
        Number(other.severity === "warning") - Number(one.severity === "warning") || other.made_ms - one.made_ms,
    );
}

/** As it is said aloud: `Warning from Sam Supervisor: …`. */
export function noticeText({ severity, by, text }: Notice): string {
  return `${severity === "warning" ? "Warning" : "Notice"} from ${by.name}: ${text}`;
}
