/** What an entry changed, in words, and where that is on screen. Drawn from the view, so masked as that is. Pure. */

import type { ReplayPage, TransferOutcome, View } from "../../protocol/protocol.gen";
import { STATUS_WORDS } from "../../ui/ActionBadge";
import type { Guide } from "./live";
import { momentWord } from "./moments";
import { changeText, handoverText, seatOutcome } from "./seat";
import { outcomeWord, suggestedText } from "./suggestions";
import { heldText } from "./words";

export type Kind =
  | "section"
  | "answer"
  | "field"
  | "response"
  | "suggestion"
  | "moment"
  | "help"
  | "seat"
  | "pause"
  | "action"
  | "correction"
  | "notes"
  | "life"
  | "erased";

export interface Change {
  readonly kind: Kind;
  /** All that it was: `Account number: 4711`. */
  readonly text: string;
  /** What of the screen it is, as `field/customer`, `answer/yes`, `section`, `notes`. */
  readonly where: readonly string[];
}

type Told = ReplayPage["steps"][number];

export function changeOf(step: Told, before: View | null, after: View, guide: Guide): Change {
  const all = step.events.flatMap((event) => partOf(event, { step, before, after, guide }) ?? []);
  // What was accepted says what it brought.
  const is_suggested = all.some(({ kind }) => kind === "suggestion");
  const parts = all
    .filter(({ kind }) => !is_suggested || !BROUGHT.has(kind))
    .toSorted((one, other) => RANKS.indexOf(one.kind) - RANKS.indexOf(other.kind));
  const first = parts[0];
  if (first === undefined) return { kind: "life", text: "Something changed that is not shown", where: [] };
  return {
    kind: first.kind,
    text: [...new Set(parts.map(({ text }) => text))].join(" · "),
    where: parts.flatMap(({ where }) => where),
  };
}

const BROUGHT: ReadonlySet<Kind> = new Set<Kind>(["field", "answer", "response"]);

interface Context {
  readonly step: Told;
  readonly before: View | null;
  readonly after: View;
  readonly guide: Guide;
}

/** Of several events the first here gives the entry its kind. */
const RANKS: readonly Kind[] = [
  "erased",
  "moment",
  "help",
  "life",
  "pause",
  "seat",
  "section",
  "correction",
  "response",
  "suggestion",
  "answer",
  "field",
  "action",
  "notes",
];

function part(kind: Kind, text: string, ...where: string[]): Change {
  return { kind, text, where };
}

function partOf(event: string, told: Context): Change | null {
  const { after } = told;
  const head = after.head.session;
  switch (event) {
    case "session_started":
      return part("life", "Started");
    case "visit_started":
      return sectionPart(told);
    case "answered":
      return null;
    case "answer_selected":
      return answerPart(told);
    case "field_set":
      return fieldPart(told);
    case "response_used":
      return responsePart(told);
    case "notes_edited":
      return part("notes", "Notes written", "notes");
    case "session_paused":
      return part("pause", withReason("Paused", head?.paused_reason));
    case "pause_annotated":
      return part("pause", withReason("About the pause", head?.paused_reason));
    case "session_resumed":
      return part("pause", "Resumed");
    case "seat_passed":
    case "take_explained":
    case "seat_requested":
    case "seat_offered":
    case "handover_settled":
      return seatPart(told);
    case "owner_changed":
    case "session_reassigned":
      return part("seat", `It is ${head?.owner.name}’s`);
    case "transfer_asked":
    case "transfer_passed":
    case "transfer_accepted":
    case "transfer_settled":
      return transferPart(event, told);
    case "hang_up_reported":
      return part("life", "The customer hung up");
    case "suggestion_made":
    case "suggestion_settled":
      return suggestionPart(told);
    case "suggestions_muted":
      return part("suggestion", head?.suggestions_muted ? "Suggestions muted" : "Suggestions heard again");
    case "screen_shared":
      return part("life", head?.screen_shared ? "Screen shared with the customer" : "Screen not shared any more");
    case "moment_marked":
      return momentPart(told);
    case "help_asked":
    case "help_claimed":
    case "help_cancelled":
      return helpPart(event, told);
    case "review_started":
      return part("action", "Review began");
    case "review_left":
      return part("action", "Back from the review");
    case "session_completed":
      return part("life", head?.won ? "Completed: WON" : "Completed");
    case "completion_undone":
      return part("life", "Completing undone");
    case "session_ended":
      return part("life", withReason("Ended", head?.end_reason));
    case "content_erased":
      return part("erased", "Something that was typed was erased for good");
    default:
      return event in ACTION_WORDS ? actionPart(event, told) : null;
  }
}

/** The records that the entry put into a collection, as they are after it. */
function putIn<C extends keyof View>({ step, before, after }: Context, collection: C): readonly View[C][string][] {
  if (before === null) return Object.values(after[collection]) as View[C][string][];
  return step.ops.flatMap((op) => {
    const record = op.collection === collection && op.op === "put" ? after[collection][op.id] : undefined;
    return record === undefined ? [] : [record as View[C][string]];
  });
}

const ENTERED = { start: "", answer: "", route: "", back: "Back to ", jump: "Jumped to " };

function sectionPart(told: Context): Change | null {
  const { after, before, guide } = told;
  const visit = after.visits[after.head.session?.current_visit_id ?? ""];
  if (visit === undefined) return null;
  const name = guide.sections.get(visit.section_key)?.name ?? visit.section_key;
  const left = after.visits[before?.head.session?.current_visit_id ?? ""];
  const answer = guide.sections.get(left?.section_key ?? "")?.answers.find(({ key }) => key === left?.answer_key);
  const by_answer = visit.entered === "answer" && answer !== undefined ? `${answer.label} → ` : "";
  return part("section", `${by_answer}${ENTERED[visit.entered]}${name}`, "section");
}

function answerPart(told: Context): Change {
  const visit = putIn(told, "visits")[0];
  const answers = told.guide.sections.get(visit?.section_key ?? "")?.answers;
  const answer = answers?.find(({ key }) => key === visit?.selected);
  if (answer === undefined) return part("answer", "No Answer selected");
  return part("answer", `Selected “${answer.label}”`, `answer/${answer.key}`);
}

function fieldPart(told: Context): Change | null {
  const { step, before, after, guide } = told;
  const corrected = putIn(told, "corrections")[0];
  const keys = step.ops.flatMap(({ collection, id }) => (collection === "fields" ? [id] : []));
  if (keys.length === 0) return part("field", "A value that was erased later");
  const texts = keys.map((key) => {
    const field = guide.fields.get(key);
    const held = after.fields[key];
    const was = before?.fields[key];
    const text = field === undefined || held === undefined ? "" : held.masked ? "hidden" : heldText(field, held);
    const old = corrected !== undefined && field !== undefined && was !== undefined && !was.masked;
    return `${field?.label ?? key}: ${old ? `${heldText(field, was)} → ` : ""}${text === "" ? "emptied" : text}`;
  });
  const kind = corrected === undefined ? "field" : "correction";
  return part(kind, texts.join(" · "), ...keys.map((key) => `field/${key}`));
}

function responsePart(told: Context): Change {
  const key = putIn(told, "responses")[0]?.response_key ?? "";
  return part("response", `Response: ${told.guide.responses.get(key)?.name ?? key}`);
}

function suggestionPart(told: Context): Change | null {
  // One that takes the place of another settles that, too: what is new is told.
  const made = putIn(told, "suggestions").toSorted((one, other) => other.at_ms - one.at_ms);
  const each = made.find(({ outcome }) => outcome === null) ?? made[0];
  if (each === undefined) return null;
  const what = suggestedText(each, told.guide);
  const where = each.kind === "field" || each.kind === "answer" ? [`${each.kind}/${each.key}`] : [];
  const text = each.outcome === null ? `Suggested ${what}` : `Suggestion ${outcomeWord(each.outcome)}: ${what}`;
  return part("suggestion", text, ...where);
}

function momentPart(told: Context): Change | null {
  const marked = putIn(told, "moments")[0];
  if (marked === undefined) return null;
  return part("moment", withReason(`Marked: ${momentWord(marked.label)}`, marked.comment), `moment/${marked.id}`);
}

function seatPart(told: Context): Change | null {
  const change = putIn(told, "seat_changes").at(-1);
  if (change !== undefined) return part("seat", withReason(changeText(change, null), change.reason));
  const handover = putIn(told, "handovers").at(-1);
  if (handover === undefined) return null;
  const { outcome } = handover;
  return part(
    "seat",
    outcome === null ? handoverText(handover) : `${handoverText(handover)} (${seatOutcome(outcome)})`,
  );
}

function transferPart(event: string, told: Context): Change | null {
  const transfer = putIn(told, "transfers").at(-1);
  if (transfer === undefined) return null;
  const asked = transfer.to?.name ?? transfer.team?.name ?? "somebody";
  switch (event) {
    case "transfer_asked":
      return part("seat", withReason(`${asked} is asked to take it over`, transfer.note));
    case "transfer_passed":
      return part("seat", `${transfer.passed_by.at(-1)?.name} does not take it over`);
    case "transfer_accepted":
      return part("seat", `${transfer.accepted_by?.name} ${transfer.warm ? "comes for it" : "takes it over"}`);
    default:
      return part("seat", `Transfer to ${asked}: ${TRANSFER_WORDS[transfer.outcome ?? "overtaken"]}`);
  }
}

const TRANSFER_WORDS: Readonly<Record<TransferOutcome, string>> = {
  handed_over: "handed over",
  declined: "declined",
  withdrawn: "taken back",
  timed_out: "not answered",
  overtaken: "over",
};

function helpPart(event: string, told: Context): Change {
  const request = putIn(told, "help_requests")[0];
  if (event === "help_asked") return part("help", withReason("Help asked for", request?.reason));
  return part(
    "help",
    event === "help_claimed" ? `${request?.claimed_by?.name} comes to help` : "No help needed any more",
  );
}

function actionPart(event: string, told: Context): Change {
  const word = ACTION_WORDS[event];
  const texts = putIn(told, "actions").map(({ key, shown }) => {
    const name = told.guide.actions.get(key)?.name ?? key;
    return `${name}: ${word ?? STATUS_WORDS[shown].toLowerCase()}`;
  });
  return part("action", texts.length === 0 ? "An Action" : [...new Set(texts)].join(" · "));
}

/** Null: in the words of where it is then. */
const ACTION_WORDS: Readonly<Record<string, string | null>> = {
  action_triggered: "came up",
  action_withdrawn: "withdrawn",
  action_reinstated: "came up again",
  action_locked: "looked at",
  action_edited: "edited",
  action_removed: "removed",
  action_restored: "put back",
  approval_asked: "a second person is asked",
  approval_voided: "changed, so a second person is asked anew",
  action_approved: "approved",
  action_declined: "declined",
  action_fired: "fired",
  action_cancelled: "not sent after all",
  attempt_started: "on its way",
  connection_awaited: "waits for its Connection",
  look_up_asked: "looked up",
  action_released: null,
  action_marked: null,
  attempt_finished: null,
  action_unlocked: "unlocked",
};

function withReason(text: string, reason: string | null | undefined): string {
  return reason == null || reason === "" ? text : `${text}: ${reason}`;
}
