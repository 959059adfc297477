import { useState } from "react";
import type { ActionId } from "../../protocol/protocol.gen";
import { type ShownAction, waitingNow } from "./actions";
import { useLive } from "./live";

/** Says aloud, to those who cannot see it, what others changed: who drives, where a watched Session stands. */
export function Announcer() {
  const { head, person, section, is_driving, actions } = useLive();
  const arrived = useArrived(waitingNow(actions));
  const driver = head.driver.id === person.id ? "You drive" : `${head.driver.name} drives`;
  return (
    <div className="visually-hidden">
      <p aria-live="polite">{driver}</p>
      <p aria-live="polite">{is_driving ? "" : `Section: ${section.name}`}</p>
      <p aria-live="polite">{head.status === "reviewing" && !is_driving ? "Actions are being reviewed" : ""}</p>
      <p aria-live="polite">{head.status === "active" && arrived !== null ? `Action waiting: ${arrived}` : ""}</p>
      <p aria-live="polite">{head.status === "paused" ? "The Session is paused" : ""}</p>
    </div>
  );
}

/** The name of the Action that came last; each is said once, whatever becomes of it. */
function useArrived(waiting: readonly ShownAction[]): string | null {
  const [seen, setSeen] = useState<{ ids: readonly ActionId[]; last: string | null }>({ ids: [], last: null });
  const fresh = waiting.filter(({ action }) => !seen.ids.includes(action.id));
  if (fresh.length > 0) {
    setSeen({ ids: [...seen.ids, ...fresh.map(({ action }) => action.id)], last: fresh[0]?.name ?? null });
  }
  return seen.last;
}
