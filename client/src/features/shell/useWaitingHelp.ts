import { countWaiting, requestsFor } from "../../lib/help";
import type { PersonId } from "../../protocol/protocol.gen";
import { useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/** How many wait for somebody to come: also in the tab's title. Follows the live list, and so is on the floor. */
export function useWaitingHelp(person_id: PersonId): number {
  const count = countWaiting(requestsFor(person_id, useLiveSessions().sessions));
  useTitleMark(count);
  return count;
}
