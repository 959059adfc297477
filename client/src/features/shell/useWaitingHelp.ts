import { requestsFor, ringsFor } from "../../lib/help";
import { useNow } from "../../lib/time";
import type { PersonId } from "../../protocol/protocol.gen";
import { useConnection, useLiveSessions } from "../../sync";
import { useTitleMark } from "./useTitleMark";

/**
 * Who asks this person to come, by name: how many there are also in the tab's title. Follows the live list, and so is
 * on the floor.
 */
export function useWaitingHelp(person_id: PersonId): readonly string[] {
  const { server_offset_ms } = useConnection();
  const now_ms = useNow() + server_offset_ms;
  const requests = requestsFor(person_id, useLiveSessions().sessions);
  const names = requests.flatMap(({ help }) => (ringsFor(person_id, help, now_ms) ? [help.by.name] : []));
  useTitleMark(names.length);
  return names;
}
