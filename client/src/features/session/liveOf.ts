/** Puts together what a Session's screen needs of one view, now or in the past. Pure. */

import { judgeOf } from "../../lib/conditions";
import type { Condition, FieldDefinition, View } from "../../protocol/protocol.gen";
import { mayAct, shownActions } from "./actions";
import type { Guide, Live } from "./live";

/** What does not follow from the view. */
export type Around = Pick<
  Live,
  "session_id" | "person" | "model" | "guide" | "policy" | "offset_ms" | "saver" | "leaf_saver" | "act"
>;

/** Null if the view is of a Section that the version has not. */
export function liveOf(view: View, around: Around): Live | null {
  const { guide, person, offset_ms } = around;
  const head = view.head.session;
  const visit = head === undefined ? undefined : view.visits[head.current_visit_id];
  const section = visit === undefined ? undefined : guide.sections.get(visit.section_key);
  if (head === undefined || visit === undefined || section === undefined) return null;
  const judge = judgeOf(view.fields, guide.fields);
  const may_hold = (condition: Condition | null): boolean => condition === null || judge(condition) !== false;
  const answers = section.answers.filter((answer) => may_hold(answer.visible_when));
  return {
    ...around,
    view,
    head,
    visit,
    section,
    actions: shownActions(view, guide),
    answers,
    selected: answers.find((answer) => answer.key === visit.selected),
    may_hold,
    missing: missingFields(view, guide, may_hold),
    is_driving: head.driver.id === person.id && (head.status === "active" || head.status === "reviewing"),
    may_move: head.driver.id === person.id && head.status === "active",
    may_act: mayAct(head, person, Date.now() + offset_ms),
  };
}

/** As the engine counts them (`session_engine/lifecycle.py`). */
function missingFields(view: View, guide: Guide, may_hold: Live["may_hold"]): readonly FieldDefinition[] {
  const visited = Object.values(view.visits).filter((visit) => !visit.abandoned);
  const attached = new Set(visited.flatMap((visit) => guide.sections.get(visit.section_key)?.fields ?? []));
  return [...attached]
    .flatMap((key) => guide.fields.get(key) ?? [])
    .filter((field) => field.required && view.fields[field.key] === undefined && may_hold(field.visible_when));
}
