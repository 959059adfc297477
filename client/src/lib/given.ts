/** Sessions that somebody gave this person, unasked, until they opened them or put that away. Rule RA7. */

import { useEffect, useSyncExternalStore } from "react";
import { useRoute } from "wouter";
import type { LiveSession } from "../protocol/protocol.gen";
import { useOpenSessions } from "./openSessions";
import { followPreferences, readPreference, writePreference } from "./preferences";

/** What was opened or put away on this computer: the server says so of what was opened only, and a moment later. */
const SEEN = "given_seen";
const REMEMBERED = 50;

/** The one that was given last comes last. */
export function useGivenSessions(person_id: string): readonly LiveSession[] {
  const sessions = useOpenSessions(person_id);
  const seen = useSyncExternalStore(followTabs, readSeen);
  const [, route] = useRoute("/sessions/:session_id");
  const given = givenOf(sessions, person_id, seen);
  const opened = given.find(({ session_id }) => session_id === route?.session_id);
  useEffect(() => {
    if (opened !== undefined) putAway(opened);
  }, [opened]);
  return given.filter((each) => each !== opened);
}

/** Opened, or not to be told of any more. */
export function putAway(session: LiveSession): void {
  writePreference(SEEN, withSeen(readSeen(), session));
}

export function givenOf(sessions: readonly LiveSession[], person_id: string, seen: string): LiveSession[] {
  return sessions
    .filter((each) => each.given && each.owner.id === person_id && !seen.split(" ").includes(keyOf(each)))
    .toSorted((one, two) => givenMs(one) - givenMs(two));
}

/** The newest first, and not more than anybody is given in a day or two. */
export function withSeen(seen: string, session: LiveSession): string {
  const key = keyOf(session);
  const others = seen.split(" ").filter((each) => each !== key && each !== "");
  return [key, ...others].slice(0, REMEMBERED).join(" ");
}

/** Given again it is news again. */
function keyOf(session: LiveSession): string {
  return `${session.session_id}/${givenMs(session)}`;
}

function givenMs({ given }: LiveSession): number {
  return given?.at_ms ?? 0;
}

function readSeen(): string {
  return readPreference(SEEN, "");
}

function followTabs(listener: () => void): () => void {
  const unfollow = followPreferences(listener);
  addEventListener("storage", listener);
  return () => {
    unfollow();
    removeEventListener("storage", listener);
  };
}
