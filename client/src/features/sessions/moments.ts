/** When to call back, as people say it. Pure. */

import { formatMoment } from "../../lib/time";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Both by the server's clock. */
export function callBackText(at_ms: number, now_ms: number): { text: string; is_due: boolean } {
  const late_ms = now_ms - at_ms;
  if (late_ms < 0) {
    const minutes = Math.ceil(-late_ms / MINUTE_MS);
    return { text: minutes <= 60 ? `in ${minutes} min` : formatMoment(at_ms, now_ms), is_due: false };
  }
  if (late_ms < MINUTE_MS) return { text: "due now", is_due: true };
  if (late_ms < HOUR_MS) return { text: `due ${Math.floor(late_ms / MINUTE_MS)} min ago`, is_due: true };
  if (late_ms < DAY_MS) return { text: `due ${Math.floor(late_ms / HOUR_MS)} h ago`, is_due: true };
  return { text: `due since ${formatMoment(at_ms, now_ms)}`, is_due: true };
}
