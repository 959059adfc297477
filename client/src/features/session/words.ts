/** What values, refusals and commands are called on screen. */

import { shownText } from "../../lib/locale";
import type { ActionId, Command, FieldContent, FieldDefinition, FieldView, View } from "../../protocol/protocol.gen";
import type { RefusedInput } from "../../sync";
import { actionCommandText } from "./actionWords";
import type { Guide } from "./live";
import { momentWord } from "./moments";

/** Said of free text; nothing is kept from being stored. */
export const CARD_CAUTION = "This looks like a card number. Keep card numbers out of Sessions.";

/** A Field's content as people read it; "" if there is none. A masked one shows in its own input only. */
export function contentText(field: FieldDefinition, content: FieldContent): string {
  if (content === null || content === "") return "";
  if (field.type === "masked") return "••••••••";
  if (typeof content === "boolean") return content ? "Yes" : "No";
  if (typeof content !== "string") return content.map((value) => optionLabel(field, value)).join(", ");
  if (field.options.length > 0) return optionLabel(field, content);
  return shownText(field, content);
}

/** What a Field of the view shows: as the server writes it, where only it knows how. */
export function heldText(field: FieldDefinition, held: FieldView | undefined): string {
  return held?.shown ?? measuredText(field, held?.content ?? null);
}

/** The same with its unit, where no text around it says what it counts. */
export function measuredText(field: FieldDefinition, content: FieldContent): string {
  const text = contentText(field, content);
  return text === "" || field.unit === null ? text : `${text} ${field.unit}`;
}

function optionLabel(field: FieldDefinition, value: string): string {
  return field.options.find((option) => option.value === value)?.label ?? value;
}

/** Why a command did not count, as a sentence. */
export function refusalText(code: RefusedInput["code"]): string {
  switch (code) {
    case "not_kept":
      return "It is sensitive, so it was not kept while the page was closed. Please enter it again.";
    case "stale_seat":
      return "Somebody else was driving.";
    case "not_allowed":
      return "Somebody else is driving.";
    case "stale_visit":
      return "The Session had moved on.";
    case "not_active":
      return "The Session is paused.";
    case "not_paused":
      return "The Session is not paused any more.";
    case "finished":
      return "The Session is finished.";
    case "leads_nowhere":
      return "This Answer leads nowhere yet.";
    case "no_answer_selected":
      return "No Answer was selected.";
    case "not_at_end":
      return "A Session is completed at an end Section only.";
    case "answer_hidden":
      return "This Answer does not apply any more.";
    case "fields_missing":
      return "Required Fields are empty.";
    case "undo_over":
      return "It is too late to undo.";
    case "not_on_path":
      return "That step is no longer on the path.";
    case "not_open_to_jumps":
    case "unknown_section":
      return "That Section is not open to jumps.";
    case "too_large":
      return "It is too long to be kept.";
    case "driver_present":
      return "The driver is here; the seat can be retaken once they are gone.";
    case "already_driving":
      return "The seat is taken by that person already.";
    case "handover_open":
      return "Somebody else was first.";
    case "handover_over":
      return "It is over already.";
    case "not_present":
      return "That person is not here any more.";
    case "not_taken":
      return "You did not take the seat.";
    case "not_saved_yet":
      return "It cannot be saved at the moment.";
    case "refused_before":
      return "It was not accepted.";
    case "not_finished":
      return "The Session is not finished any more.";
    case "bad_command":
    case "bad_content":
    case "bad_notes":
    case "unknown_answer":
    case "unknown_field":
    case "unknown_reason":
    case "unknown_response":
    case "unknown_whisper":
      return "The server does not know what to do with it.";
    case "not_switched":
      return "This Session cannot be switched now.";
    case "session_exists":
    case "unknown_session":
      return "There is no such Session.";
    case "version_recalled":
      return "This version of the Workflow was recalled.";
    case "unknown_version":
      return "There is no such version of the Workflow.";
    case "unknown_person":
      return "Nobody of the team who takes calls is meant.";
    case "already_owner":
      return "It is that person's already.";
    case "unknown_suggestion":
    case "suggestion_settled":
      return "The suggestion is over.";
    case "unknown_team":
      return "It is not a Session of that team.";
    case "transfer_open":
      return "Somebody is asked already.";
    case "transfer_over":
      return "That transfer is over.";
    case "help_claimed":
      return "Somebody else is coming already.";
    case "help_over":
      return "No help is needed any more.";
    case "not_here":
      return "Nobody whom it was for has the Session open.";
    case "suggestions_muted":
      return "The driver hears no suggestions now.";
    case "unknown_action":
      return "There is no such Action any more.";
    case "unknown_parameter":
      return "This Action has no such value.";
    case "not_editable":
      return "This value stays as the Workflow says it.";
    case "not_removable":
      return "This Action is sent in any case.";
    case "not_immediate":
      return "It is sent from the review.";
    case "action_locked":
      return "Somebody else is editing it.";
    case "action_settled":
      return "It had been dealt with meanwhile.";
    case "action_invalid":
      return "It cannot be sent as it is.";
    case "actions_invalid":
      return "Some Actions cannot be sent as they are.";
    case "approval_needed":
      return "It waits for a second person.";
    case "check_first":
      return "It may have been sent before. Check first.";
    case "failed_too_often":
      return "It failed too often. An administrator may unlock it.";
    case "review_changed":
      return "Somebody else changed something meanwhile. Look again.";
    case "in_review":
      return "The Session is in review. Go back to the Section first.";
    case "not_in_review":
      return "The review was left already.";
    case "stale_attempt":
      return "That attempt is over.";
    default:
      return unknownCode(code);
  }
}

/** A server that is newer than this page may say more than it knows. */
function unknownCode(_code: never): string {
  return "The server did not accept it.";
}

/** Whether resuming was refused because the version must not be used any more: then there is a choice, not a notice. */
export function isRecalled({ code, command }: RefusedInput): boolean {
  return code === "version_recalled" && command.type === "resume";
}

/** A command in a few words, with what was typed: for lists of what was refused or lost. */
export function commandText(command: Command, guide: Guide, view: View): string {
  const named = (id: ActionId): string => actionName(id, guide, view);
  switch (command.type) {
    case "start_session":
      return "Start the Session";
    case "select_answer":
      return command.answer_key === null
        ? "Clear the selected Answer"
        : `Select “${answerLabel(command.answer_key, guide)}”`;
    case "continue":
      return "Continue to Next Section";
    case "back":
      return "Go back";
    case "go_to":
      return `Go to ${guide.sections.get(command.section_key)?.name ?? command.section_key}`;
    case "correct_field":
    case "set_field": {
      const field = guide.fields.get(command.field_key);
      const text = field === undefined ? "" : measuredText(field, command.content);
      return `${field?.label ?? command.field_key}: ${text === "" ? "emptied" : text}`;
    }
    case "edit_notes":
      return "A change of the Notes";
    case "use_response":
      return `Response: ${guide.responses.get(command.response_key)?.name ?? command.response_key}`;
    case "pause":
      return "Pause";
    case "annotate_pause":
      return `About the pause: ${command.reason ?? "nothing said"}`;
    case "resume":
      return "Resume";
    case "complete":
      return "Complete Session";
    case "leave_review":
      return "Back to the Section";
    case "lock_action":
    case "edit_action":
    case "remove_action":
    case "send_action":
    case "cancel_action":
    case "approve_action":
    case "look_up_action":
    case "mark_action":
    case "correct_action":
    case "unlock_action":
      return actionCommandText(command, named);
    case "undo":
      return "Undo";
    case "switch":
      return "Switch Workflow";
    case "end":
      return "End Session";
    case "take_seat":
      return "Take the seat";
    case "hand_back":
      return "Hand back";
    case "request_seat":
      return "Ask for the seat";
    case "offer_seat":
      return "Offer the seat";
    case "grant_seat":
      return "Grant the seat";
    case "accept_seat":
      return "Accept the seat";
    case "decline_seat":
      return "Decline the seat";
    case "withdraw_seat":
      return "Take it back";
    case "explain_take":
      return `Why the seat was taken: ${command.reason ?? "nothing said"}`;
    case "report_hang_up":
      return "The customer hung up";
    case "whisper":
      return view.head.session?.screen_shared ? "Whisper" : `Whisper: ${command.text}`;
    case "reply_to_whisper":
    case "read_whisper":
      return "Answer to a whisper";
    case "share_screen":
      return "Screen shared";
    case "reassign":
      return "Reassign the Session";
    case "transfer":
      return "Transfer the Session";
    case "accept_transfer":
      return "Accept a transfer";
    case "decline_transfer":
      return "Decline a transfer";
    case "withdraw_transfer":
      return "Withdraw a transfer";
    case "complete_transfer":
      return "Hand over";
    case "mark_moment":
      return `Mark this moment: ${command.comment ?? momentWord(command.label)}`;
    case "suggest":
      return command.kind === "line" ? `Suggestion: ${String(command.content ?? "")}` : "A suggestion";
    case "accept_suggestion":
      return "Accept a suggestion";
    case "dismiss_suggestion":
      return "Dismiss a suggestion";
    case "withdraw_suggestion":
      return "Take a suggestion back";
    case "ask_for_help":
      return "Ask for help";
    case "cancel_help":
      return "Need no help any more";
    case "claim_help":
      return "Come to help";
    case "mute_suggestions":
      return command.muted ? "Mute suggestions" : "Hear suggestions again";
  }
}

/** What was typed for it, and nothing else. */
export function enteredText(command: Command, guide: Guide): string {
  if (command.type === "edit_action") return command.text ?? "";
  if ("reason" in command) return command.reason ?? "";
  if (command.type === "transfer") return command.note ?? "";
  const field = command.type === "set_field" ? guide.fields.get(command.field_key) : undefined;
  return command.type === "set_field" && field !== undefined ? contentText(field, command.content) : "";
}

function actionName(id: ActionId, guide: Guide, view: View): string {
  const action = view.actions[id];
  return guide.actions.get(action?.key ?? "")?.name ?? "an Action";
}

/** Answer keys are unique in their Section only; the first that fits reads well enough in a list. */
function answerLabel(key: string, guide: Guide): string {
  for (const section of guide.sections.values()) {
    const answer = section.answers.find((each) => each.key === key);
    if (answer !== undefined) return answer.label;
  }
  return key;
}
