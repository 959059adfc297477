import { countWaiting, requestsFor } from "../../lib/help";
import { askedOf } from "../../lib/openSessions";
import type { PersonId } from "../../protocol/protocol.gen";
import { useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/** How many wait for somebody to come: also in the tab's title. Follows the live list, and so is on the floor. */
export function useWaitingHelp(person_id: PersonId): number {
  const { sessions } = useLiveSessions();
  const count = countWaiting(requestsFor(person_id, sessions));
  useTitleMark(count + askedOf(sessions).length);
  return count;
}
