/** What happened to an Action, what was done about it and why not, as people read it. Pure. */

import type { AttentionAct, AttentionLine, RefuseCode } from "../../protocol/protocol.gen";

const NAMES = new Intl.ListFormat("en");

export const ACTS: Record<AttentionAct, string> = {
  send: "Send again",
  look_up: "Look up",
  mark_sent: "Mark as sent",
  dismiss: "Dismiss",
};

export function titleOf({ title, workflow_name }: Pick<AttentionLine, "title" | "workflow_name">): string {
  return title === "" ? workflow_name : title;
}

/** What happened, with the number of the answer where there was one. */
export function happenedText({ cause, code, blocked }: Pick<AttentionLine, "cause" | "code" | "blocked">): string {
  const text = code === null ? causeText(cause) : `${causeText(cause)} (${code})`;
  return blocked ? `${text}; it failed too often, an administrator may unlock it` : text;
}

function causeText(cause: AttentionLine["cause"]): string {
  switch (cause) {
    case "refused":
      return "The other side refused it";
    case "gave_up":
      return "It failed at each try";
    case "no_answer":
      return "No answer came";
    case "never_fired":
      return "The Session finished without it";
    case "cancelled":
      return "It was taken back";
    case "declined":
      return "The second person declined it";
    case "second_person":
      return "A second person has to approve it";
    case "connection":
      return "Its Connection cannot be used";
    default:
      return newerWord(cause);
  }
}

/** Whether it makes sense to ask for it; who may is the server's to say. */
export function fits(act: AttentionAct, { kind }: Pick<AttentionLine, "kind">): boolean {
  switch (act) {
    case "send":
      return kind === "failed" || kind === "unknown" || kind === "not_fired";
    case "look_up":
      return kind === "unknown";
    case "mark_sent":
    case "dismiss":
      return kind !== "waiting_for_connection";
  }
}

export function doneText(act: AttentionAct, count: number): string {
  const what = count === 1 ? "1 Action" : `${count} Actions`;
  switch (act) {
    case "send":
      return `${what} on the way.`;
    case "look_up":
      return `${what} being looked up.`;
    case "mark_sent":
      return `${what} marked as sent.`;
    case "dismiss":
      return `${what} dismissed.`;
  }
}

/** Why it was not done. */
export function refusedText(code: RefuseCode): string {
  switch (code) {
    case "action_settled":
      return "It was dealt with meanwhile";
    case "not_allowed":
      return "Only a supervisor may do this now";
    case "check_first":
      return "It may have been sent: check first";
    case "failed_too_often":
      return "It failed too often: an administrator may unlock it";
    case "action_invalid":
      return "It cannot be sent as it is: open its Session";
    case "approval_needed":
      return "A second person has to approve it first";
    case "action_locked":
      return "Somebody is editing it";
    case "not_immediate":
      return "It is sent from its Session's review";
    case "not_active":
      return "Its Session is paused";
    case "unknown_session":
    case "unknown_action":
      return "It is not there any more";
    case "not_saved_yet":
      return "It could not be saved: try again";
    default:
      return "It was not accepted";
  }
}

/** A server that is newer than this page may say more than it knows. */
function newerWord(_cause: never): string {
  return "Open its Session to see what happened";
}

/** What Actions wait for that nobody here can do anything about; nothing if none does. */
export function waitingText(lines: readonly Pick<AttentionLine, "kind" | "connection">[]): string {
  const names = lines.flatMap(({ kind, connection }) =>
    kind === "waiting_for_connection" && connection !== null ? [connection] : [],
  );
  if (names.length === 0) return "";
  return `Actions wait for ${NAMES.format(new Set(names))}. They go by themselves, and nothing is lost, when an administrator has made or mended that under Integrations.`;
}
