/**
 * The Actions of a Session as screens sort them: which wait for somebody, what a review looks at first, what stays
 * behind. Pure; what each may do is decided by the engine, whose rules are repeated here only to offer no button in
 * vain (`session_engine/firing.py`, `rights.py`). Rules AX1 to AX9.
 */

import type {
  ActionId,
  ActionStatus,
  ActionTemplate,
  ActionView,
  HeadView,
  Key,
  LeafPath,
  LeafView,
  Party,
  ShownStatus,
  View,
  VisitId,
} from "../../protocol/protocol.gen";
import type { Guide, Person } from "./live";

/** An Action with what its author said about it. */
export interface ShownAction {
  readonly action: ActionView;
  readonly template: ActionTemplate;
  readonly name: string;
  /** To whom, or where; "" if it cannot be said. */
  readonly target: string;
}

const UNTREATED: ReadonlySet<ActionStatus> = new Set(["draft", "awaiting_approval", "declined", "failed"]);
const UNDER_WAY: ReadonlySet<ActionStatus> = new Set([
  "held",
  "waiting_for_result",
  "queued",
  "in_flight",
  "waiting_to_retry",
  "waiting_for_connection",
]);
const UNFIRED: ReadonlySet<ActionStatus> = new Set([...UNTREATED, "not_fired"]);
const ADDRESSES: ReadonlySet<LeafView["type"]> = new Set(["email", "emails", "phone", "url"]);
/** For how long a card says that it was sent. */
export const SENT_MS = 4_000;
/** For how long the Section says that a second person said yes. */
export const APPROVED_MS = 8_000;
/** For how long the owner may still do something to a record. */
const RECORD_MS = 24 * 3_600_000;

/** All of them, in the order in which they were triggered. */
export function shownActions(view: View, guide: Guide): readonly ShownAction[] {
  return Object.values(view.actions)
    .toSorted((one, two) => ordinal(one) - ordinal(two))
    .flatMap((action) => {
      const template = guide.actions.get(action.key);
      return template === undefined
        ? []
        : [{ action, template, name: template.name, target: targetOf(action, template) }];
    });
}

function ordinal({ id }: ActionView): number {
  return Number(id.slice(1));
}

/** The first address in it, else the Connection that it goes over, else its first value. */
function targetOf({ leaves }: ActionView, { connection }: ActionTemplate): string {
  const address = leaves.find(({ type, text }) => ADDRESSES.has(type) && text !== null && text !== "");
  if (address !== undefined) return address.text ?? "";
  if (leaves.some(({ type }) => ADDRESSES.has(type))) return "";
  return connection ?? leaves[0]?.text ?? "";
}

/** Immediate ones that nobody dealt with yet, or that failed; the newest first. */
export function waitingNow(all: readonly ShownAction[]): readonly ShownAction[] {
  return all
    .filter(({ action, template }) => template.timing === "immediate" && UNTREATED.has(action.status))
    .reverse();
}

/** Immediate ones that somebody sent, while that is news or something is to be done about it; the last sent first. */
export function sentNow(all: readonly ShownAction[], now_ms: number): readonly ShownAction[] {
  return all
    .filter(({ action, template }) => template.timing === "immediate" && isNews(action, now_ms))
    .toSorted((one, two) => (two.action.fired_ms ?? 0) - (one.action.fired_ms ?? 0));
}

function isNews({ status, settled_ms, dismissed_by }: ActionView, now_ms: number): boolean {
  if (status === "unknown") return dismissed_by === null;
  if (status === "sent") return (settled_ms ?? 0) + SENT_MS > now_ms;
  return UNDER_WAY.has(status);
}

/** A person is wanted: to send it, to mend it, or to look whether it was sent. */
export function wantsSomebody({ status }: ActionView): boolean {
  return UNTREATED.has(status) || status === "unknown";
}

/** Whether somebody still may send or remove it. */
export function isUntreated({ status }: ActionView): boolean {
  return UNTREATED.has(status);
}

/** Under way: it goes by itself from here. */
export function isUnderWay({ status }: ActionView): boolean {
  return UNDER_WAY.has(status);
}

/** Those that a second person is asked about, said no to, or said yes to a moment ago. */
export function approvalsNow(all: readonly ShownAction[], now_ms: number): readonly ShownAction[] {
  return all.filter(({ action }) => {
    if (action.status === "awaiting_approval" || action.status === "declined") return true;
    return wasApproved(action) && (action.approval?.at_ms ?? 0) + APPROVED_MS > now_ms;
  });
}

/** A second person said yes, and it is not sent yet. */
function wasApproved({ status, approval }: ActionView): boolean {
  return approval?.approved === true && (status === "draft" || status === "failed");
}

/** Whether completing opens the review. */
export function needsReview(all: readonly ShownAction[]): boolean {
  return all.some(({ action: { status }, template }) => {
    if (status === "failed" || status === "unknown") return true;
    return template.timing !== "automatic" && UNTREATED.has(status);
  });
}

/** Those that completing would leave not fired, though nobody decided so. */
export function stayBehind(all: readonly ShownAction[]): readonly ShownAction[] {
  return all.filter(({ action }) => isInvalid(action));
}

/** It would be fired, and cannot be as it is. */
export function isInvalid({ status, valid, blocked }: ActionView): boolean {
  return (status === "draft" || status === "failed") && (!valid || blocked);
}

/** Those that ending leaves not fired. */
export function unfiredByEnding(all: readonly ShownAction[]): readonly ShownAction[] {
  return all.filter(
    ({ action, template }) =>
      UNTREATED.has(action.status) && !(template.fires_on_any_end && action.status === "draft" && action.valid),
  );
}

/** Of a record: nobody sent them, and somebody still may. */
export function isUnfired({ status, dismissed_by }: ActionView): boolean {
  return UNFIRED.has(status) && dismissed_by === null;
}

/** What the review looks at, what waits for this person's word and then what cannot be sent first; and what goes by itself, folded. */
export function reviewOrder(
  all: readonly ShownAction[],
  isAsked: (action: ActionView) => boolean,
): {
  readonly reviewed: readonly ShownAction[];
  readonly automatic: readonly ShownAction[];
} {
  const present = all.filter(({ action }) => action.status !== "withdrawn");
  const isQuiet = ({ action, template }: ShownAction): boolean =>
    template.timing === "automatic" && action.status === "draft" && action.valid;
  return {
    reviewed: present
      .filter((each) => !isQuiet(each))
      .toSorted((one, two) => urgency(one.action, isAsked) - urgency(two.action, isAsked)),
    automatic: present.filter(isQuiet),
  };
}

function urgency(action: ActionView, isAsked: (action: ActionView) => boolean): number {
  if (isAsked(action)) return -1;
  if (isInvalid(action)) return 0;
  switch (action.status) {
    case "failed":
    case "unknown":
    case "declined":
      return 1;
    case "draft":
    case "awaiting_approval":
    case "not_fired":
      return 2;
    case "held":
    case "waiting_for_result":
    case "queued":
    case "in_flight":
    case "waiting_to_retry":
    case "waiting_for_connection":
    case "sent":
      return 3;
    case "removed":
    case "withdrawn":
      return 4;
  }
}

/** Keys of a list that stand while it is on screen: what comes later comes last, so that nothing moves under the hands. */
export function inStandingOrder(standing: readonly ActionId[], all: readonly ShownAction[]): readonly ShownAction[] {
  const place = ({ action }: ShownAction): number => {
    const found = standing.indexOf(action.id);
    return found < 0 ? standing.length : found;
  };
  return all.toSorted((one, two) => place(one) - place(two));
}

const TOTALS: readonly ShownStatus[] = ["sent", "pending", "unknown", "failed", "not_fired"];

/** How many there are of each status that people read; removed and withdrawn ones count apart, or not at all. */
export function totals(all: readonly ShownAction[]): {
  readonly shown: readonly (readonly [ShownStatus, number])[];
  readonly removed: number;
} {
  const counted = all.filter(({ action }) => action.status !== "removed" && action.status !== "withdrawn");
  const count = (status: ShownStatus): number => counted.filter(({ action }) => action.shown === status).length;
  return {
    shown: TOTALS.map((status) => [status, count(status)] as const).filter(([, number]) => number > 0),
    removed: all.filter(({ action }) => action.status === "removed").length,
  };
}

/** It can be sent as it is; one that needs a second person's word, only with it. */
export function isSendable({ status, valid, blocked, approval }: ActionView): boolean {
  if (status !== "draft" && status !== "failed" && status !== "not_fired") return false;
  return valid && !blocked && (approval === null || approval.approved === true);
}

/** Empty Fields that it needs, each once. */
export function missingOf({ leaves }: ActionView): readonly Key[] {
  return [...new Set(leaves.flatMap(({ missing }) => missing))];
}

/** The second send with what the Fields say now, prepared or gone; what it sent that is old again, it says itself. */
export function correctionOf({ id }: ActionView, all: readonly ShownAction[]): ActionView | null {
  const found = all.filter(({ action }) => action.corrects === id && action.status !== "removed");
  return found.at(-1)?.action ?? null;
}

/** What was sent is not what the Fields say, and nothing was sent since that says it. */
export function isOutOfDate(action: ActionView, all: readonly ShownAction[]): boolean {
  return action.out_of_date && correctionOf(action, all)?.status !== "sent";
}

/** Who else edits it now. */
export function lockedByOther(action: ActionView, person_id: string, now_ms: number): Party | null {
  const { locked_by, locked_until_ms } = action;
  if (locked_by === null || locked_by.id === person_id || (locked_until_ms ?? 0) <= now_ms) return null;
  return locked_by;
}

/** What going back does to Actions: which are withdrawn, and which were sent already, with what makes up for each. */
export function whatBackDoes(
  view: View,
  guide: Guide,
  to_visit_id: VisitId,
): {
  readonly withdrawn: readonly ShownAction[];
  readonly sent: readonly { readonly sent: ShownAction; readonly made_up_by: string | null }[];
} {
  const all = shownActions(view, guide);
  const templates = [...guide.actions.values()];
  const path = view.head.session?.path ?? [];
  const place = path.indexOf(to_visit_id);
  const left = new Set(place < 0 ? [] : path.slice(place + 1));
  const kept = path.slice(0, place + 1).map((id) => view.visits[id]?.section_key);
  const of_left = all.filter(({ action }) => left.has(action.visit_id));
  return {
    withdrawn: of_left.filter(
      ({ action: { status, section_key }, template }) =>
        (status === "draft" || status === "awaiting_approval" || status === "declined") &&
        (template.every_visit || !kept.includes(section_key)),
    ),
    sent: of_left
      .filter(({ action: { shown, status } }) => shown !== "not_fired" && shown !== "failed" && !UNFIRED.has(status))
      .map((sent) => ({
        sent,
        made_up_by: templates.find(({ compensates }) => compensates === sent.template.key)?.name ?? null,
      })),
  };
}

type Doer = Pick<Person, "id" | "roles">;

/** Whether this person may edit, remove and send: the driver and the supervisor; of a record the owner for a day. */
export function mayAct(head: HeadView, person: Doer, now_ms: number): boolean {
  if (head.status === "paused") return false;
  if (isSupervisor(person)) return true;
  if (head.status === "active" || head.status === "reviewing") return head.driver.id === person.id;
  return head.owner.id === person.id && now_ms < head.changed_ms + RECORD_MS;
}

/** Whether this person may say yes or no as the second person. */
export function mayApprove({ status, edited_by }: ActionView, head: HeadView, person: Doer): boolean {
  if (status !== "awaiting_approval" || !isSupervisor(person)) return false;
  return ![head.driver.id, head.owner.id, edited_by?.id].includes(person.id);
}

function isSupervisor({ roles }: Doer): boolean {
  return roles.includes("supervisor") || roles.includes("manager");
}

/** Names one value of one Action, as the saver of what is typed needs it. */
export function leafKey(action_id: ActionId, path: LeafPath): string {
  return `${action_id} ${path}`;
}

export function leafOf(key: string): { action_id: ActionId; path: LeafPath } {
  const end = key.indexOf(" ");
  return { action_id: key.slice(0, end), path: key.slice(end + 1) };
}

/** Which Actions are another thing than they were, and who made them so. */
export function changedSince(
  before: View["actions"],
  after: View["actions"],
  person_id: string,
): { readonly ids: ReadonlySet<ActionId>; readonly by: string } {
  const changed = Object.values(after).filter((action) => whatIsSent(before[action.id]) !== whatIsSent(action));
  const people = changed.flatMap(({ edited_by, removed_by, approval }) => [
    removed_by,
    edited_by,
    approval?.by ?? null,
  ]);
  const names = people.flatMap((person) => (person === null || person.id === person_id ? [] : [person.name]));
  return {
    ids: new Set(changed.map(({ id }) => id)),
    by: names.length === 0 ? "Somebody else" : [...new Set(names)].join(" and "),
  };
}

function whatIsSent(action: ActionView | undefined): string {
  if (action === undefined) return "";
  return JSON.stringify([action.status, action.leaves.map(({ path, text, edited }) => [path, text, edited])]);
}
