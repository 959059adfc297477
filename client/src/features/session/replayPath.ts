/** The address of a replay. Rule RP9. */

import type { SessionId } from "../../protocol/protocol.gen";

/** `at`: an entry's seq, or a record of the view as `moments/m2`: the entry that brought it. */
export function replayPath(session_id: SessionId, at?: number | string): string {
  return `/sessions/${session_id}/replay${at === undefined ? "" : `#at=${at}`}`;
}
