/** The visits of a Session as its path shows them. Pure. */

import type { View, VisitView } from "../../protocol/protocol.gen";

export interface Path {
  /** In the order in which they began. */
  readonly visits: readonly VisitView[];
  readonly abandoned_count: number;
}

/** Visits on the path and, on request, abandoned ones; one that Back continued lives on in its successor. */
export function readPath(view: View, with_abandoned: boolean): Path {
  const on_path = new Set(view.head.session?.path);
  const visits = allVisits(view);
  return {
    visits: visits.filter((visit) => on_path.has(visit.id) || (with_abandoned && visit.abandoned)),
    abandoned_count: visits.filter((visit) => visit.abandoned).length,
  };
}

/** Every stay of the Session, in the order in which they began. */
export function allVisits(view: View): readonly VisitView[] {
  return Object.values(view.visits).toSorted((a, b) => ordinal(a) - ordinal(b));
}

function ordinal(visit: VisitView): number {
  return Number(visit.id.slice(1));
}
