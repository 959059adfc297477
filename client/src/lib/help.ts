/** Requests for help in the live list: which stand on top, and how many wait. Rules HP4 and HP5. Pure. */

import type { LiveHelp, LiveSession, Party, PersonId } from "../protocol/protocol.gen";

export interface HelpRequest {
  readonly session: LiveSession;
  readonly help: LiveHelp;
}

const LEADS = ["coach", "supervisor", "manager"];

/** Whether somebody in these roles is shown requests, and may come. */
export function mayHelp(roles: readonly string[]): boolean {
  return LEADS.some((role) => roles.includes(role));
}

/** Open ones of other people: those that nobody comes to first, longest waiting first. */
export function requestsFor(person_id: PersonId, sessions: readonly LiveSession[]): readonly HelpRequest[] {
  return sessions
    .flatMap((session) => (session.help === null ? [] : [{ session, help: session.help }]))
    .filter(({ session, help }) => help.by.id !== person_id && session.driver.id !== person_id)
    .toSorted(
      (one, other) =>
        Number(one.help.claimed_by !== null) - Number(other.help.claimed_by !== null) ||
        one.help.asked_ms - other.help.asked_ms,
    );
}

/** Sessions with an Action that waits for a second person who could be this one, longest waiting first. Rule HP8. */
export function approvalsFor(
  { id, roles }: { readonly id: PersonId; readonly roles: readonly string[] },
  sessions: readonly LiveSession[],
): readonly LiveSession[] {
  if (!roles.includes("supervisor") && !roles.includes("manager")) return [];
  return sessions
    .filter((each) => each.approval_asked_ms !== null && each.driver.id !== id && each.owner.id !== id)
    .toSorted((one, other) => (one.approval_asked_ms ?? 0) - (other.approval_asked_ms ?? 0));
}

/** How many of these nobody comes to yet. */
export function countWaiting(requests: readonly HelpRequest[]): number {
  return requests.filter(({ help }) => help.claimed_by === null).length;
}

/** Who would see a request now, in words: `Cleo Coach is told`. */
export function floorText(people: readonly Party[]): string {
  const [first, second] = people;
  if (first === undefined) return "Nobody is on the floor now";
  if (second === undefined) return `${first.name} is told`;
  if (people.length === 2) return `${first.name} and ${second.name} are told`;
  return `${first.name} and ${people.length - 1} others are told`;
}
