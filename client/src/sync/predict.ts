/**
 * Pending commands on top of the confirmed view.
 *
 * Only what the person must see at once: select, Continue with what it writes
 * and where routes lead, set Field, Responses, Notes.
 * A prediction over a view that already contains its effect, or that the
 * server would refuse, changes nothing; so the screen heals by itself.
 * Rules CM30 and CM31.
 */

import { judgeOf } from "../lib/conditions";
import type {
  Command,
  Condition,
  FieldContent,
  FieldDefinition,
  Section,
  View,
  VisitView,
  WorkflowVersion,
} from "../protocol/protocol.gen";
import { apply } from "./apply";
import type { Pending, SessionState, State } from "./state";

/** The view that the person sees: confirmed and predicted. */
export function seenView(state: State, session: SessionState): View | null {
  if (session.view === null) return null;
  const version = session.view.head.session && state.versions[session.view.head.session.version_id];
  return session.pending.reduce<View>(
    (view, pending) => predict(view, pending, version, session.audience === "owner"),
    session.view,
  );
}

function predict(
  view: View,
  { command, csn, at_ms }: Pick<Pending, "command" | "csn" | "at_ms">,
  version: WorkflowVersion | undefined,
  isOwner: boolean,
): View {
  switch (command.type) {
    case "select_answer": {
      const visit = currentVisit(view, command);
      if (visit === null || visit.selected === command.answer_key) return view;
      return put(view, "visits", visit.id, { ...visit, selected: command.answer_key });
    }
    case "continue":
      return predictContinue(view, command, at_ms, version, isOwner);
    case "set_field":
      return predictField(view, command, at_ms, version, isOwner);
    case "use_response":
      return predictResponse(view, command, at_ms);
    case "edit_notes":
      return put(view, "notes_updates", `pending-${csn}`, { update: command.update });
    default:
      return view;
  }
}

function predictContinue(
  view: View,
  command: Extract<Command, { type: "continue" }>,
  at_ms: number,
  version: WorkflowVersion | undefined,
  isOwner: boolean,
): View {
  const visit = currentVisit(view, command);
  if (visit === null || visit.selected === null || version === undefined) return view;
  const answer = version.document.sections
    .find((section) => section.key === visit.section_key)
    ?.answers.find((each) => each.key === visit.selected);
  if (answer?.to == null) return view;
  const definitions = new Map(version.document.fields.map((field) => [field.key, field]));
  const is_hidden = answer.visible_when !== null && judgeOf(view.fields, definitions)(answer.visible_when) === false;
  if (is_hidden) return view;

  const { writes } = answer;
  const written =
    writes === null
      ? view
      : predictField(view, { ...command, field_key: writes.field, content: writes.value }, at_ms, version, isOwner);
  const way = wayInto(answer.to, version.document.sections, judgeOf(written.fields, definitions));
  if (way === null) return view;
  const left = put(written, "visits", visit.id, { ...visit, answer_key: answer.key, left_ms: at_ms });
  return way.reduce((at, section_key, place) => enter(at, section_key, place === 0 ? "answer" : "route", at_ms), left);
}

/** The Section, and those that its routes lead on to; null if that cannot be known here. */
function wayInto(
  to: string,
  sections: readonly Section[],
  judge: (condition: Condition) => boolean | null,
): readonly string[] | null {
  const way = [to];
  for (;;) {
    const routes = sections.find((section) => section.key === way.at(-1))?.routes;
    if (routes === undefined) return null;
    const held = routes
      .map((route) => ({ to: route.to, holds: judge(route.when) }))
      .find(({ holds }) => holds !== false);
    if (held === undefined || (held.holds === true && way.includes(held.to))) return way;
    if (held.holds === null) return null;
    way.push(held.to);
  }
}

function enter(view: View, section_key: string, entered: VisitView["entered"], at_ms: number): View {
  const head = view.head.session;
  const before = head && view.visits[head.current_visit_id];
  if (head === undefined || before === undefined) return view;
  const id = `v${Object.keys(view.visits).length + 1}`;
  const started: VisitView = {
    id,
    section_key,
    entered,
    entered_ms: at_ms,
    left_ms: null,
    previous_id: before.id,
    continues: null,
    selected: null,
    answer_key: null,
    abandoned: false,
  };
  const left = put(view, "visits", before.id, { ...before, left_ms: at_ms });
  const moved = put(left, "visits", id, started);
  return put(moved, "head", "session", { ...head, current_visit_id: id, path: [...head.path, id] });
}

function predictResponse(view: View, command: Extract<Command, { type: "use_response" }>, at_ms: number): View {
  const visit = openVisit(view, command);
  const head = view.head.session;
  if (visit === null || head === undefined) return view;
  const id = `r${Object.keys(view.responses).length + 1}`;
  const { response_key } = command;
  return put(view, "responses", id, { id, response_key, visit_id: visit.id, by: head.driver, at_ms });
}

/** The value as it was entered; the server brings it into canonical form and judges it. */
function predictField(
  view: View,
  { field_key, content, ...place }: Omit<Extract<Command, { type: "set_field" }>, "type">,
  at_ms: number,
  version: WorkflowVersion | undefined,
  isOwner: boolean,
): View {
  const visit = openVisit(view, place);
  const head = view.head.session;
  if (visit === null || head === undefined) return view;
  const held = view.fields[field_key];
  if (isEmpty(content)) {
    return held === undefined ? view : apply(view, [{ op: "remove", collection: "fields", id: field_key }]);
  }
  if (held !== undefined && !held.masked && isEqual(held.content, content)) return view;
  const definition = version?.document.fields.find((field) => field.key === field_key);
  const masked = held?.masked ?? (definition !== undefined && isSensitive(definition) && !isOwner);
  return put(view, "fields", field_key, {
    key: field_key,
    masked,
    content: masked ? null : content,
    shown: null,
    valid: true,
    problem: null,
    by: head.driver,
    at_ms,
    visit_id: visit.id,
    suggested_by: null,
  });
}

/** Whether everyone but the owner sees validity only: the server's rule. */
function isSensitive({ sensitive, type }: FieldDefinition): boolean {
  return sensitive || type === "masked";
}

/** The visit that the command names, if the command is still in place: active, same seat, same visit. */
function currentVisit(view: View, command: { visit_id: string; seat: number }): VisitView | null {
  return view.head.session?.status === "active" ? openVisit(view, command) : null;
}

/** The same, in the review as well: Fields are filled there, too. */
function openVisit(view: View, command: { visit_id: string; seat: number }): VisitView | null {
  const head = view.head.session;
  if (head?.status !== "active" && head?.status !== "reviewing") return null;
  if (head.seat !== command.seat || head.current_visit_id !== command.visit_id) return null;
  return view.visits[command.visit_id] ?? null;
}

function put<C extends keyof View>(view: View, collection: C, id: string, record: View[C][string]): View {
  return apply(view, [{ op: "put", collection, id, record }]);
}

export function isEmpty(content: FieldContent): boolean {
  return content === null || content === "" || (typeof content === "object" && content.length === 0);
}

export function isEqual(one: FieldContent, other: FieldContent): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  return one.length === other.length && one.every((option, index) => option === other[index]);
}
