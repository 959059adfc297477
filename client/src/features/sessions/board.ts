/** The live list by person: every agent, with the live Sessions that are theirs or without one. Rules BP1, BP3 and BP4. Pure. */

import type { BoardPerson, LiveSession, PersonId } from "../../protocol/protocol.gen";
import { STATUS_WORDS } from "../../ui/StatusBadge";
import { type GroupRow, grouped, teamsText } from "./arrange";
import type { Arrangement, Group } from "./filters";

/** Made once: `localeCompare` makes one for each pair. */
const { compare } = new Intl.Collator();

export interface BoardRow {
  readonly person: BoardPerson;
  /** In the order asked for. */
  readonly sessions: readonly LiveSession[];
}

/**
 * Those in a Session first, longest in their Section or call first; then those who are here; by name among equals,
 * or at all.
 */
export function boardOf(
  agents: readonly BoardPerson[],
  sessions: readonly LiveSession[],
  sort: Arrangement["sort"],
): readonly BoardRow[] {
  const since = (session: LiveSession): number => (sort === "call" ? session.started_ms : session.section_ms);
  const owned = new Map<PersonId, LiveSession[]>();
  for (const session of sessions) {
    const theirs = owned.get(session.owner.id);
    if (theirs === undefined) owned.set(session.owner.id, [session]);
    else theirs.push(session);
  }
  const known = new Set(agents.map(({ id }) => id));
  const others = [...owned].filter(([id]) => !known.has(id)).map(([id, theirs]) => strangerOf(id, theirs));
  const rows = [...agents, ...others].map((person) => ({
    person,
    sessions: (owned.get(person.id) ?? []).toSorted((one, other) => since(one) - since(other)),
  }));
  const longest = ({ sessions: [first] }: BoardRow): number =>
    first === undefined ? Number.POSITIVE_INFINITY : since(first);
  return rows.toSorted((one, other) => {
    const by_name = compare(one.person.name, other.person.name);
    if (sort === "owner") return by_name;
    const by_here = Number(other.person.here) - Number(one.person.here);
    return compareNumbers(longest(one), longest(other)) || by_here || by_name;
  });
}

/** Who owns a Session and is no agent of the team any more. */
function strangerOf(id: PersonId, theirs: readonly LiveSession[]): BoardPerson {
  const [first] = theirs;
  return { id, name: first?.owner.name ?? id, team_ids: first?.team_ids ?? [], here: true };
}

/** Also of what has no end. */
function compareNumbers(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

/** Whose name or Session is searched for; an agent without a Session only by name. */
export function isOnBoard({ person, sessions }: BoardRow, q: string): boolean {
  if (sessions.length > 0 || q.trim() === "") return true;
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => person.name.toLowerCase().includes(word));
}

/** A row as it is drawn: a person, and one of their Sessions. */
export interface PersonLine {
  readonly kind: "person";
  /** By person and place, not by Session: whoever begins or ends one keeps the row. */
  readonly key: string;
  readonly person: BoardPerson;
  readonly session: LiveSession | null;
}

export function linesOf(
  rows: readonly BoardRow[],
  group: Group,
  teams: ReadonlyMap<string, string>,
): readonly (GroupRow | PersonLine)[] {
  const lines = rows.flatMap(({ person, sessions }) =>
    (sessions.length === 0 ? [null] : sessions).map((session, place): PersonLine => {
      return { kind: "person", key: `${person.id} ${place}`, person, session };
    }),
  );
  return group === "" ? lines : grouped(lines, (line) => headOf(line, group, teams));
}

const NO_SESSION = "No Session";

export function hereText({ here }: BoardPerson): string {
  return here ? "Signed in" : "Offline";
}

function headOf(
  { person, session }: PersonLine,
  group: Exclude<Group, "">,
  teams: ReadonlyMap<string, string>,
): string {
  switch (group) {
    case "team":
      return teamsText(person.team_ids, teams);
    case "workflow":
      return session?.workflow_name ?? NO_SESSION;
    case "section":
      return session?.section_name ?? NO_SESSION;
    case "status":
      return session === null ? hereText(person) : STATUS_WORDS[session.status];
  }
}
