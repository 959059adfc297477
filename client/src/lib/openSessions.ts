/** This person's own open Sessions, in the order in which they began. */

import type { LiveSession } from "../protocol/protocol.gen";
import { useLiveSessions } from "../sync";

export function useOpenSessions(person_id: string): readonly LiveSession[] {
  return ownOpen(useLiveSessions().sessions, person_id);
}

export function ownOpen(sessions: readonly LiveSession[], person_id: string): readonly LiveSession[] {
  return sessions
    .filter(({ owner, driver }) => owner.id === person_id || driver.id === person_id)
    .toSorted((one, two) => one.started_ms - two.started_ms);
}

/** The one after this one, round and round; the first if this one is none of them. */
export function nextSession(sessions: readonly LiveSession[], here: string | null, step: 1 | -1): LiveSession | null {
  const place = sessions.findIndex(({ session_id }) => session_id === here);
  if (place < 0) return sessions[step === 1 ? 0 : sessions.length - 1] ?? null;
  const next = sessions[(place + step + sessions.length) % sessions.length];
  return next?.session_id === here ? null : (next ?? null);
}

export function titleOf({ title, workflow_name }: LiveSession): string {
  return title === "" ? workflow_name : title;
}
