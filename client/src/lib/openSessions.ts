/** Sessions of the live list that concern this person: their own open ones, and those that they are asked to take. */

import { useCallback, useState, useSyncExternalStore } from "react";
import type { LiveSession } from "../protocol/protocol.gen";
import { useSync } from "../sync";

type Sessions = readonly LiveSession[];
type Choose = (sessions: Sessions, person_id: string) => Sessions;

/** In the order in which they began. Follows the live list; rendered anew only when one of these changes. */
export function useOpenSessions(person_id: string): Sessions {
  return usePicked(ownOpen, person_id);
}

/** Those that somebody asks this person to take over, the first asked first. Rule TR7. */
export function useAskedSessions(person_id: string): Sessions {
  return usePicked(askedOf, person_id);
}

function usePicked(pick: Choose, person_id: string): Sessions {
  const sync = useSync();
  const [select] = useState(() => createSelector(pick));
  const subscribe = useCallback(
    (listener: () => void) => {
      const undo = [sync.subscribe(listener), sync.followLiveSessions()];
      return () => {
        for (const each of undo) each();
      };
    },
    [sync],
  );
  return useSyncExternalStore(subscribe, () => select(sync.liveSessions().sessions, person_id));
}

/** Whether the list has come; before that nobody can say what runs. Only beside `useOpenSessions`, which asks for it. */
export function useAreOpenSessionsKnown(): boolean {
  const sync = useSync();
  return useSyncExternalStore(sync.subscribe, () => sync.liveSessions().phase === "live");
}

/** On a supervisor's page the list holds the whole floor and changes all the time; one's own calls seldom do. */
export function createSelector(pick: Choose): Choose {
  let cause: Sessions | null = null;
  let own: Sessions = [];
  return (sessions, person_id) => {
    if (sessions === cause) return own;
    cause = sessions;
    const next = pick(sessions, person_id);
    const is_same = next.length === own.length && next.every((session, place) => session === own[place]);
    if (!is_same) own = next;
    return own;
  };
}

export function askedOf(sessions: Sessions): Sessions {
  return sessions
    .filter(({ transfer }) => transfer?.asks_you)
    .toSorted((one, two) => (one.transfer?.asked_ms ?? 0) - (two.transfer?.asked_ms ?? 0));
}

export function ownOpen(sessions: Sessions, person_id: string): Sessions {
  return sessions
    .filter(({ owner, driver }) => owner.id === person_id || driver.id === person_id)
    .toSorted((one, two) => one.started_ms - two.started_ms);
}

/** Those that this person is in the middle of: what somebody else drives goes on without them. */
export function runningOf(sessions: Sessions, person_id: string): Sessions {
  return sessions.filter(
    ({ status, driver }) => (status === "active" || status === "reviewing") && driver.id === person_id,
  );
}

/** The one after this one, round and round; the first if this one is none of them. */
export function nextSession(sessions: Sessions, here: string | null, step: 1 | -1): LiveSession | null {
  const place = sessions.findIndex(({ session_id }) => session_id === here);
  if (place < 0) return sessions[step === 1 ? 0 : sessions.length - 1] ?? null;
  const next = sessions[(place + step + sessions.length) % sessions.length];
  return next?.session_id === here ? null : (next ?? null);
}

export function titleOf({ title, workflow_name }: Pick<LiveSession, "title" | "workflow_name">): string {
  return title === "" ? workflow_name : title;
}
