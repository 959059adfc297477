/** What statuses, attempts and commands of Actions are called on screen. */

import { formatClock, formatMoment } from "../../lib/time";
import type { ActionId, ActionView, Command, OutcomeKind, ParameterType } from "../../protocol/protocol.gen";
import { isInvalid, isSendable, isUnderWay, type ShownAction } from "./actions";

/** What is to be known of an Action beside its badge; "" if nothing. By the server's clock. */
export function statusText(
  { action, template }: ShownAction,
  nameOf: (id: ActionId) => string,
  now_ms: number,
): string {
  switch (action.status) {
    case "draft":
      if (action.approval?.approved === true) return answerText(action);
      return action.approval === null ? "" : "Needs a second person, once it is complete";
    case "withdrawn":
      return "Withdrawn: the call went another way";
    case "removed":
      return `Removed by ${action.removed_by?.name ?? "somebody"}`;
    case "awaiting_approval":
      return "Waits for a second person";
    case "declined":
      return answerText(action);
    case "held":
      return action.due_ms === null ? "Goes out soon" : `Goes out at ${clockText(action.due_ms, now_ms)}`;
    case "waiting_for_result":
      return action.waits_for === null ? "Waits for another Action" : `Waits for “${nameOf(action.waits_for)}”`;
    case "queued":
      return "Goes out now";
    case "in_flight":
      return "On its way";
    case "waiting_to_retry":
      return `${withStop(action.message)}Next try ${clockText(action.due_ms, now_ms)}`;
    case "waiting_for_connection":
      return `Waits for ${template.connection ?? "its Connection"}${action.waits_reason ? `: ${action.waits_reason}` : ""}`;
    case "sent": {
      if (action.marked_by !== null) {
        const why = action.reason === null ? "" : `: ${action.reason}`;
        return `Marked by ${action.marked_by.name} ${momentText("at", action.settled_ms, now_ms)}${why}`;
      }
      const when = momentText("At", action.settled_ms, now_ms);
      return action.message === "" ? when : `${when}. ${action.message}`;
    }
    case "failed":
      return action.blocked
        ? `${withStop(action.message)}It failed ${action.failures} times: an administrator may unlock it`
        : capital(action.message);
    case "unknown":
      return `${withStop(action.message)}Check before sending again`;
    case "not_fired":
      return action.failures === 0 ? "" : capital(action.message);
  }
}

/** What became of one that was sent during the call, in a word or two. By the server's clock. */
export function sentText(
  shown: ShownAction,
  nameOf: (id: ActionId) => string,
  now_ms: number,
  is_practice: boolean,
): string {
  const { status, message, due_ms } = shown.action;
  switch (status) {
    case "queued":
    case "in_flight":
      return "Sending…";
    case "waiting_to_retry": {
      const left_s = Math.ceil(((due_ms ?? 0) - now_ms) / 1_000);
      return `${withStop(message)}${left_s > 0 ? `Next try in ${leftText(left_s)}` : "Trying again…"}`;
    }
    case "sent":
      return is_practice && message !== "" ? `Sent. ${capital(message)}` : "Sent";
    case "unknown":
      return "May have been sent: check";
    case "failed":
      return `Failed: ${statusText(shown, nameOf, now_ms)}`;
    default:
      return statusText(shown, nameOf, now_ms);
  }
}

/** The same for who cannot see it: said once for each outcome, so without what counts down; "" while there is none. */
export function outcomeText({ action: { status }, name }: ShownAction): string {
  switch (status) {
    case "waiting_to_retry":
      return `${name}: not sent yet, it is tried again`;
    case "waiting_for_connection":
      return `${name}: not sent yet, it waits for its Connection`;
    case "sent":
      return `${name}: sent`;
    case "unknown":
      return `${name}: may have been sent, check`;
    case "failed":
      return `${name}: failed`;
    default:
      return "";
  }
}

/** What the second person said: `Approved by Sam Supervisor`; "" as long as nothing was. */
export function answerText({ approval }: ActionView): string {
  if (approval?.approved == null) return "";
  const name = approval.by?.name ?? "the second person";
  if (approval.approved) return `Approved by ${name}`;
  return `Declined by ${name}${approval.reason ? `: ${approval.reason}` : ""}`;
}

/** What stands above a review: what is to be mended, what went already, and what completing sends. */
export function leadText(reviewed: readonly ShownAction[]): string {
  const present = reviewed.filter(({ action }) => action.status !== "removed");
  const count = (is: (action: ActionView) => boolean): number => present.filter(({ action }) => is(action)).length;
  const wrong = count(isInvalid);
  const ready = count((action) => (action.status === "draft" || action.status === "failed") && isSendable(action));
  const settled = [
    [count(({ status }) => status === "sent"), "is sent already", "are sent already"],
    [count(isUnderWay), "is on its way", "are on their way"],
    [count(({ status }) => status === "unknown"), "may have been sent", "may have been sent"],
    [count(({ status }) => status === "awaiting_approval"), "waits for a second person", "wait for a second person"],
    [count(({ status }) => status === "declined"), "was declined", "were declined"],
  ] as const;
  const facts = settled
    .filter(([number]) => number > 0)
    .map(([number, one, several]) => `${number} ${number === 1 ? one : several}`)
    .join(", ");
  if (wrong > 0) {
    const mend = `${counted(wrong, "Action")} cannot be sent yet. Mend or remove what is marked red.`;
    return facts === "" ? mend : `${mend} ${facts}.`;
  }
  if (ready === 0) return facts === "" ? "Nothing goes out when you complete." : `${facts}. Nothing else goes out.`;
  if (facts !== "") return `${facts}; the rest goes out when you complete.`;
  return `${ready === 1 ? "It goes" : "They go"} out when you complete. What you see is what is sent.`;
}

function withStop(message: string): string {
  if (message === "") return "";
  return /[.!?…]$/.test(message) ? `${capital(message)} ` : `${capital(message)}. `;
}

/** What servers say, as a sentence. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `14:02:10, in 8 s`; with the day, if it is far. */
function clockText(at_ms: number | null, now_ms: number): string {
  if (at_ms === null) return "soon";
  const left_s = Math.ceil((at_ms - now_ms) / 1_000);
  if (left_s > 3_600) return formatMoment(at_ms, now_ms);
  return left_s > 0 ? `${formatClock(at_ms)}, in ${leftText(left_s)}` : formatClock(at_ms);
}

function leftText(left_s: number): string {
  return left_s < 100 ? `${left_s} s` : `${Math.round(left_s / 60)} min`;
}

function momentText(word: string, at_ms: number | null, now_ms: number): string {
  return at_ms === null ? "" : `${word} ${formatMoment(at_ms, now_ms)}`;
}

/** `1 Action`, `12 Actions`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** How one attempt ended. */
export function attemptText(kind: OutcomeKind | null, is_over: boolean): string {
  switch (kind) {
    case "sent":
      return "Sent";
    case "retry":
      return "Not done; may succeed later";
    case "deferred":
      return "The other side asked to wait";
    case "ambiguous":
      return "No clear answer: it may have been done";
    case "refused":
      return "Refused";
    case "unauthorised":
      return "The Connection was not let in";
    case null:
      return is_over ? "Never came back" : "Under way";
  }
}

/** How a value is written, where its control does not show it; "" if it does. */
export function hintOf(type: ParameterType): string {
  switch (type) {
    case "emails":
      return "Several addresses, with commas between them";
    case "phone":
      return "With + and the country, as in +44 20 7946 0018";
    case "url":
      return "Begins with https://";
    case "date":
      return "As in 2026-03-31";
    case "date_time":
      return "As in 2026-03-31 14:30";
    case "text":
    case "path":
    case "html":
    case "long_text":
    case "email":
    case "integer":
    case "number":
    case "boolean":
    case "choice":
    case "map":
    case "json":
      return "";
  }
}

type ActionCommand = Extract<Command, { action_id: ActionId }>;

/** A command about an Action in a few words. */
export function actionCommandText(command: ActionCommand, nameOf: (id: ActionId) => string): string {
  const name = `“${nameOf(command.action_id)}”`;
  switch (command.type) {
    case "lock_action":
      return `Edit ${name}`;
    case "edit_action":
      return `A change of ${name}`;
    case "remove_action":
      return command.removed ? `Remove ${name}` : `Put ${name} back`;
    case "send_action":
      return `Send ${name}`;
    case "cancel_action":
      return `Cancel ${name}`;
    case "approve_action":
      return command.approved ? `Approve ${name}` : `Decline ${name}`;
    case "look_up_action":
      return `Look up ${name}`;
    case "mark_action":
      return command.sent ? `Mark ${name} as sent` : `Dismiss ${name}`;
    case "correct_action":
      return `Prepare a corrected send of ${name}`;
    case "unlock_action":
      return `Unlock ${name}`;
  }
}
