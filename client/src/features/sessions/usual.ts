/** Whether somebody is long on a Section, by what is usual there. Rule AL2. Pure. */

import type { LiveSession, Usual } from "../../protocol/protocol.gen";

const TIMES = 2;
const LEAST_MS = 60_000;

/** A pause is no time on it. */
export function isLong(
  { section_ms, changed_ms }: Pick<LiveSession, "section_ms" | "changed_ms">,
  { median_s }: Usual,
  now_ms: number,
): boolean {
  return now_ms - Math.max(section_ms, changed_ms) > Math.max(LEAST_MS, TIMES * median_s * 1_000);
}
