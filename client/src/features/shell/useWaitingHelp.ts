import { countWaiting, requestsFor } from "../../lib/help";
import type { PersonId } from "../../protocol/protocol.gen";
import { useAlerts, useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/** How many wait for somebody to come or look: also in the tab's title. Follows the live list, and so is on the floor. */
export function useWaitingHelp(person_id: PersonId): number {
  const waiting = countWaiting(requestsFor(person_id, useLiveSessions().sessions));
  const count = waiting + useAlerts().alerts.filter(({ held }) => !held).length;
  useTitleMark(count);
  return count;
}
