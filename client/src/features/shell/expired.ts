/** Sessions that time ended while their owner was away, and of which they were not told yet on this computer. Pure. */

import { inputTime } from "../../lib/time";
import type { SessionLine } from "../../protocol/protocol.gen";

const DAY_MS = 24 * 3_600_000;
/** How far a computer looks back on which this person was never told anything. */
const LOOK_BACK_MS = 14 * DAY_MS;

/** Name of the preference up to when this person was told, in milliseconds of the server's clock. */
export function toldPreference(person_id: string): string {
  return `expired_told.${person_id}`;
}

/** The moment of such a preference. */
export function toldMoment(preference: string, now_ms: number): number {
  return /^\d+$/.test(preference) ? Number(preference) : now_ms - LOOK_BACK_MS;
}

/** The finished Sessions to ask for: from the day on which this person was told last. */
export function expiredSearch(person_id: string, told_ms: number): string {
  const from = inputTime(told_ms).slice(0, 10);
  return new URLSearchParams({ list: "finished", owner: person_id, outcome: "expired", from }).toString();
}

/** Those that ended after that. */
export function untold(lines: readonly SessionLine[], told_ms: number): readonly SessionLine[] {
  return lines.filter(({ changed_ms }) => changed_ms > told_ms);
}

/** `14 days`: a stretch of time as people say it. */
export function daysText(ms: number): string {
  const days = Math.max(1, Math.round(ms / DAY_MS));
  return days === 1 ? "1 day" : `${days} days`;
}
