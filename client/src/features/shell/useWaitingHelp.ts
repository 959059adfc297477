import { requestsFor, ringsFor } from "../../lib/help";
import { askedOf } from "../../lib/openSessions";
import { useNow } from "../../lib/time";
import type { PersonId } from "../../protocol/protocol.gen";
import { useConnection, useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/**
 * Who asks this person to come, by name: how many there are also in the tab's title, with who asks them to take a call
 * over. Follows the live list, and so is on the floor.
 */
export function useWaitingHelp(person_id: PersonId): readonly string[] {
  const { server_offset_ms } = useConnection();
  const { sessions } = useLiveSessions();
  const now_ms = useNow() + server_offset_ms;
  const requests = requestsFor(person_id, sessions);
  const names = requests.flatMap(({ help }) => (ringsFor(person_id, help, now_ms) ? [help.by.name] : []));
  useTitleMark(names.length + askedOf(sessions).length);
  return names;
}
