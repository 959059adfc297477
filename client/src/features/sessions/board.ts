/** The live list by person: every agent, with the live Sessions that are theirs or without one. Rules BP1 and BP3. Pure. */

import type { BoardPerson, LiveSession, PersonId } from "../../protocol/protocol.gen";

/** Made once: `localeCompare` makes one for each pair. */
const { compare } = new Intl.Collator();

export interface BoardRow {
  readonly id: PersonId;
  readonly name: string;
  readonly here: boolean;
  /** Longest in their Section first. */
  readonly sessions: readonly LiveSession[];
}

/** Those in a Session first, longest in their Section first; then those who are here; by name among equals. */
export function boardOf(agents: readonly BoardPerson[], sessions: readonly LiveSession[]): readonly BoardRow[] {
  const owned = new Map<PersonId, LiveSession[]>();
  for (const session of sessions) {
    const theirs = owned.get(session.owner.id);
    if (theirs === undefined) owned.set(session.owner.id, [session]);
    else theirs.push(session);
  }
  const known = new Set(agents.map(({ id }) => id));
  // Who is no agent of the team any more.
  const others = [...owned.keys()].filter((id) => !known.has(id));
  const rows = [...agents, ...others.map((id) => ({ id, name: owned.get(id)?.[0]?.owner.name ?? id, here: true }))].map(
    (person) => ({
      ...person,
      sessions: (owned.get(person.id) ?? []).toSorted((one, other) => one.section_ms - other.section_ms),
    }),
  );
  return rows.toSorted(
    (one, other) =>
      (one.sessions[0]?.section_ms ?? Number.POSITIVE_INFINITY) -
        (other.sessions[0]?.section_ms ?? Number.POSITIVE_INFINITY) ||
      Number(other.here) - Number(one.here) ||
      compare(one.name, other.name),
  );
}

/** Whose name or Session is searched for; an agent without a Session only by name. */
export function isOnBoard({ name, sessions }: BoardRow, q: string): boolean {
  if (sessions.length > 0 || q.trim() === "") return true;
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.toLowerCase().includes(word));
}

/** A row as it is drawn: a person, and one of their Sessions. */
export interface PersonLine {
  /** By person and place, not by Session: whoever begins or ends one keeps the row. */
  readonly key: string;
  readonly id: PersonId;
  readonly name: string;
  readonly here: boolean;
  readonly session: LiveSession | null;
}

export function linesOf(rows: readonly BoardRow[]): readonly PersonLine[] {
  return rows.flatMap(({ id, name, here, sessions }) =>
    (sessions.length === 0 ? [null] : sessions).map((session, place) => ({
      key: `${id} ${place}`,
      id,
      name,
      here,
      session,
    })),
  );
}
