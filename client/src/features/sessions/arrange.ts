/** Live Sessions in order, under what they are grouped by. Rule BP4. Pure. */

import type { LiveSession } from "../../protocol/protocol.gen";
import type { Arrangement, Group, Sort } from "./filters";

export type ListRow =
  | { readonly kind: "group"; readonly key: string; readonly name: string; readonly count: number }
  | { readonly kind: "session"; readonly key: string; readonly session: LiveSession };

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
  if (group === "") return sorted.map(rowOf);
  const groups = new Map<string, LiveSession[]>();
  for (const session of sorted) {
    const name = nameOf(session, group, teams);
    const of_group = groups.get(name);
    if (of_group === undefined) groups.set(name, [session]);
    else of_group.push(session);
  }
  return [...groups]
    .toSorted(([one], [other]) => compare(one, other))
    .flatMap(([name, of_group]) => [
      { kind: "group" as const, key: `group ${name}`, name, count: of_group.length },
      ...of_group.map(rowOf),
    ]);
}

function rowOf(session: LiveSession): ListRow {
  return { kind: "session", key: session.session_id, session };
}

function nameOf(session: LiveSession, group: Exclude<Group, "">, teams: ReadonlyMap<string, string>): string {
  switch (group) {
    case "team": {
      const names = session.team_ids.flatMap((id) => teams.get(id) ?? []);
      return names.length === 0 ? "Other teams" : names.toSorted(compare).join(" · ");
    }
    case "workflow":
      return session.workflow_name;
    case "section":
      return session.section_name;
  }
}

/** Made once: comparing by locale makes one for each pair otherwise, 20 ms for 2,000 names. */
const { compare } = new Intl.Collator();
