/** Live Sessions in order, under what they are grouped by. Rule BP4. Pure. */

import type { LiveSession } from "../../protocol/protocol.gen";
import { STATUS_WORDS } from "../../ui/StatusBadge";
import type { Arrangement, Group, Sort } from "./filters";

/** What stands over the rows of a group. */
export interface GroupRow {
  readonly kind: "group";
  readonly key: string;
  readonly name: string;
  readonly count: number;
}

export type ListRow = GroupRow | { readonly kind: "session"; readonly key: string; readonly session: LiveSession };

const ORDERS: Record<Sort, (one: LiveSession, other: LiveSession) => number> = {
  newest: (one, other) => other.started_ms - one.started_ms,
  section: (one, other) => one.section_ms - other.section_ms,
  call: (one, other) => one.started_ms - other.started_ms,
  owner: (one, other) => compare(one.owner.name, other.owner.name),
};

/** `teams`: names of those that one sees, by id. */
export function arrange(
  sessions: readonly LiveSession[],
  { sort, group }: Pick<Arrangement, "sort" | "group">,
  teams: ReadonlyMap<string, string>,
): readonly ListRow[] {
  const order = ORDERS[sort];
  const sorted = sessions.toSorted((one, other) => order(one, other) || (one.session_id < other.session_id ? -1 : 1));
  const rows = sorted.map(rowOf);
  return group === "" ? rows : grouped(rows, ({ session }) => nameOf(session, group, teams));
}

/** Rows under the names of their groups, in the order of these. */
export function grouped<T>(rows: readonly T[], nameOf: (row: T) => string): readonly (GroupRow | T)[] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const name = nameOf(row);
    const of_group = groups.get(name);
    if (of_group === undefined) groups.set(name, [row]);
    else of_group.push(row);
  }
  return [...groups]
    .toSorted(([one], [other]) => compare(one, other))
    .flatMap(([name, of_group]) => [
      { kind: "group" as const, key: `group ${name}`, name, count: of_group.length },
      ...of_group,
    ]);
}

function rowOf(session: LiveSession) {
  return { kind: "session" as const, key: session.session_id, session };
}

function nameOf(session: LiveSession, group: Exclude<Group, "">, teams: ReadonlyMap<string, string>): string {
  switch (group) {
    case "team":
      return teamsText(session.team_ids, teams);
    case "workflow":
      return session.workflow_name;
    case "section":
      return session.section_name;
    case "status":
      return STATUS_WORDS[session.status];
  }
}

/** Teams that one sees, by name. */
export function teamsText(team_ids: readonly string[], teams: ReadonlyMap<string, string>): string {
  const names = team_ids.flatMap((id) => teams.get(id) ?? []);
  return names.length === 0 ? "Other teams" : names.toSorted(compare).join(" · ");
}

/** Made once: comparing by locale makes one for each pair otherwise, 20 ms for 2,000 names. */
const { compare } = new Intl.Collator();
