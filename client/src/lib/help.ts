/** Requests for help in the live list: which stand on top, and whom they ring. Rules HP4, HP5, HP9, HP10 and HP12. Pure. */

import type { LiveHelp, LiveSession, Party, PersonId } from "../protocol/protocol.gen";

/** Those who are asked before all others; null: everybody is. */
export type Asked = readonly Party[] | null;

export interface HelpRequest {
  readonly session: LiveSession;
  readonly help: LiveHelp;
}

/** As the engine has it (`session_engine/helping.py`). */
const RING_MS = 30_000;
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

/** How long who said that they come takes to open the call, at most: as `server/rooms/ringing.py` has it. */
const COMES_WITHIN_MS = 15_000;

/** Whether who said that they come is not here, nor on their way any more; `is_here` is null while it is not known. */
export function hasLeft(claimed_ms: number | null, is_here: boolean | null, now_ms: number): boolean {
  return is_here === false && now_ms > (claimed_ms ?? 0) + COMES_WITHIN_MS;
}

/** Who is asked by now; null: everybody. */
export function rungBy({ ring, asked_ms }: Pick<LiveHelp, "ring" | "asked_ms">, now_ms: number): Asked {
  const count = 1 + Math.floor(Math.max(0, now_ms - asked_ms) / RING_MS);
  return count > ring.length ? null : ring.slice(0, count);
}

/** Whether this person is asked to come, now. */
export function ringsFor(person_id: PersonId, help: LiveHelp, now_ms: number): boolean {
  return help.claimed_by === null && (rungBy(help, now_ms)?.some(({ id }) => id === person_id) ?? true);
}

/** Who is asked, in words: `Cleo Coach is asked`; once that is everybody, who of them is on the floor. */
export function floorText(people: readonly Party[], asked: Asked): string {
  const [first, second] = people;
  if (first === undefined) return "Nobody is on the floor now";
  if (asked !== null) return askedText(asked);
  if (second === undefined) return `${first.name} is told`;
  if (people.length === 2) return `${first.name} and ${second.name} are told`;
  return `${first.name} and ${people.length - 1} others are told`;
}

export function askedText(asked: readonly Party[]): string {
  return `${asked.map(({ name }) => name).join(" and ")} ${asked.length === 1 ? "is" : "are"} asked`;
}

/** Who comes, or came and left, as somebody else reads it. */
export function comingText(
  { id, name }: Party,
  { claimed_ms = null, claimer_here = null }: LiveHelp,
  reader_id: PersonId,
  now_ms: number,
): string {
  if (hasLeft(claimed_ms, claimer_here, now_ms))
    return `${id === reader_id ? "You are" : `${name} is`} not there any more`;
  return id === reader_id ? "You are coming" : `${name} is ${claimer_here ? "there" : "coming"}`;
}
