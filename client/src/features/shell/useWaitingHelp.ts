import { countWaiting, requestsFor } from "../../lib/help";
import { askedOf } from "../../lib/openSessions";
import type { PersonId } from "../../protocol/protocol.gen";
import { useAlerts, useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/** How many wait for somebody to come or look: also in the tab's title. Follows the live list, and so is on the floor. */
export function useWaitingHelp(person_id: PersonId): number {
  const { sessions } = useLiveSessions();
  const told = useAlerts().alerts.filter(({ held }) => !held);
  const count = countWaiting(requestsFor(person_id, sessions)) + told.length;
  useTitleMark(count + askedOf(sessions).length);
  return count;
}
