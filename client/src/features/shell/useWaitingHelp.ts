import { useGivenSessions } from "../../lib/given";
import { requestsFor, ringsFor } from "../../lib/help";
import { askedOf } from "../../lib/openSessions";
import { useNow } from "../../lib/time";
import type { PersonId } from "../../protocol/protocol.gen";
import { useAlerts, useConnection, useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

interface Waiting {
  /** Who asks this person to come, by name. */
  readonly asking: readonly string[];
  /** How many ask or alert. */
  readonly count: number;
}

/** Counted in the tab's title, with who asks them to take a call over or gave them one. Follows the live list, and so is on the floor. */
export function useWaitingHelp(person_id: PersonId): Waiting {
  const { server_offset_ms } = useConnection();
  const { sessions } = useLiveSessions();
  const told = useAlerts().alerts.filter(({ held }) => !held);
  const now_ms = useNow() + server_offset_ms;
  const requests = requestsFor(person_id, sessions);
  const asking = requests.flatMap(({ help }) => (ringsFor(person_id, help, now_ms) ? [help.by.name] : []));
  const count = asking.length + told.length;
  useTitleMark(count + askedOf(sessions).length + useGivenSessions(person_id).length);
  return { asking, count };
}
