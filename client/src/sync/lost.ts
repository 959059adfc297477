/**
 * Which acknowledged commands another history of the Session lacks. Rule DL25.
 *
 * Only as far as this page can know: it asks for each command whether its
 * effect shows in the new view. Notes are not listed, because the browser's
 * document still holds them and `notes.ts` sends them again.
 */

import type { Command, View, ViewFrame } from "../protocol/protocol.gen";
import { isEmpty, isEqual } from "./predict";
import type { Acked } from "./state";

const MEMORY_MS = 5 * 60_000;
const MEMORY_SIZE = 200;

export function remember(acked: readonly Acked[], next: Acked): readonly Acked[] {
  return [...acked, next].filter(({ at_ms }) => next.at_ms - at_ms < MEMORY_MS).slice(-MEMORY_SIZE);
}

export function findLost(
  acked: readonly Acked[],
  { position, view }: ViewFrame,
): { commands: Command[]; kept: readonly Acked[] } {
  const isKept = ({ command, seq }: Acked): boolean => seq <= position.seq && shows(view, command, acked);
  return {
    commands: acked.filter((each) => !isKept(each) && each.command.type !== "edit_notes").map(({ command }) => command),
    kept: acked.filter(isKept),
  };
}

/** The command with its value in the form in which the server keeps it, which is compared later. */
export function asKept(command: Command, view: View | null): Command {
  if (command.type !== "set_field") return command;
  const held = view?.fields[command.field_key];
  return held === undefined || held.masked ? command : { ...command, content: held.content };
}

/** Whether the view holds the effect, or a later command of ours would have replaced it anyway. */
function shows(view: View, command: Command, acked: readonly Acked[]): boolean {
  const last = acked.findLast((each) => isSameTarget(each.command, command))?.command;
  if (last !== undefined && last !== command) return true;
  switch (command.type) {
    case "select_answer":
      return view.visits[command.visit_id]?.selected === command.answer_key;
    case "continue":
      return view.visits[command.visit_id]?.answer_key != null;
    case "back":
    case "go_to":
      return view.visits[command.visit_id]?.left_ms != null;
    case "set_field": {
      const held = view.fields[command.field_key];
      return held === undefined ? isEmpty(command.content) : held.masked || isEqual(held.content, command.content);
    }
    case "correct_field":
      return Object.values(view.corrections).some((was) => was.field_key === command.field_key);
    case "take_seat":
    case "hand_back":
    case "grant_seat":
    case "accept_seat":
      return (view.head.session?.seat ?? 0) > command.seat;
    case "request_seat":
    case "offer_seat":
      // Over within seconds: whoever still wants it asks again.
      return true;
    case "decline_seat":
    case "withdraw_seat":
      return view.handovers[command.handover_id]?.outcome != null;
    case "explain_take":
      return view.seat_changes[command.generation]?.reason === (command.reason || null);
    case "use_response":
      return Object.values(view.responses).some(
        (use) => use.visit_id === command.visit_id && use.response_key === command.response_key,
      );
    case "complete": {
      // What is to be reviewed is reviewed first.
      const status = view.head.session?.status;
      return status === "completed" || status === "reviewing";
    }
    case "edit_action": {
      const leaf = view.actions[command.action_id]?.leaves.find(({ path }) => path === command.path);
      if (leaf === undefined) return false;
      return command.text === null ? !leaf.edited : leaf.masked || leaf.text === command.text;
    }
    case "remove_action":
      return (view.actions[command.action_id]?.status === "removed") === command.removed;
    case "send_action":
    case "look_up_action":
      return (view.actions[command.action_id]?.fired_ms ?? null) !== null;
    case "cancel_action":
    case "correct_action":
    case "mark_action":
      return view.actions[command.action_id] !== undefined;
    case "approve_action":
      return view.actions[command.action_id]?.approval != null;
    case "end":
    case "switch":
      return view.head.session?.status === "ended";
    case "suggest":
      return Object.values(view.suggestions).some(
        ({ kind, key, visit_id }) =>
          kind === command.kind && key === (command.key ?? null) && visit_id === command.visit_id,
      );
    case "accept_suggestion":
    case "dismiss_suggestion":
    case "withdraw_suggestion":
      return (view.suggestions[command.suggestion_id]?.outcome ?? null) !== null;
    case "mute_suggestions":
      return view.head.session?.suggestions_muted === command.muted;
    case "mark_moment":
      return Object.values(view.moments).some(
        ({ label, visit_id, comment }) =>
          label === command.label && visit_id === command.seen_visit_id && (comment ?? "") === (command.comment ?? ""),
      );
    case "ask_for_help":
      return Object.values(view.help_requests).some(({ closed_ms }) => closed_ms === null);
    case "cancel_help":
    case "claim_help": {
      const request = view.help_requests[command.help_id];
      return request !== undefined && (request.claimed_by !== null || request.closed_ms !== null);
    }
    case "whisper":
      return Object.values(view.whispers).some(({ text }) => text === null || text === command.text);
    case "reply_to_whisper":
      return (view.whispers[command.whisper_id]?.replies ?? []).length > 0;
    case "share_screen":
      return view.head.session?.screen_shared === command.shared;
    case "reassign":
      return Object.values(view.reassignments).some(({ to }) => to.id === command.to_id);
    case "transfer":
      return Object.values(view.transfers).some(
        ({ to, team, outcome }) =>
          outcome === null && (to?.id === command.to_id || (team !== null && team.id === command.to_team_id)),
      );
    case "accept_transfer":
      return (view.transfers[command.transfer_id]?.accepted_by ?? null) !== null;
    case "withdraw_transfer":
    case "complete_transfer":
      return (view.transfers[command.transfer_id]?.outcome ?? null) !== null;
    case "decline_transfer":
    case "read_whisper":
    case "report_hang_up":
    case "start_session":
    case "pause":
    case "annotate_pause":
    case "resume":
    case "undo":
    case "edit_notes":
    case "leave_review":
    case "lock_action":
    case "unlock_action":
      return true;
  }
}

function isSameTarget(one: Command, other: Command): boolean {
  if (one.type === "set_field") return other.type === "set_field" && one.field_key === other.field_key;
  if (one.type === "edit_action") {
    return other.type === "edit_action" && one.action_id === other.action_id && one.path === other.path;
  }
  if (one.type === "remove_action") return other.type === "remove_action" && one.action_id === other.action_id;
  if (one.type === "select_answer") return other.type === "select_answer" && one.visit_id === other.visit_id;
  return false;
}
