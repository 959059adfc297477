/**
 * What of this page's queue outlives the page: pending commands as rows, and rows as a queue again. Pure.
 *
 * A row holds the client id and csn that the command was given, so that
 * sending it again is recognised. Values of sensitive Fields are never
 * written: their rows say only that there was one. Rules CM37 to CM40.
 */

import type { Command } from "../protocol/protocol.gen";
import type { Pending, SessionState, State } from "./state";

export interface KeptCommand {
  readonly client_id: string;
  readonly csn: number;
  readonly session_id: string;
  /** Without its value if that is sensitive. */
  readonly command: Command;
  readonly is_withheld: boolean;
  readonly was_sent: boolean;
  /** Server's clock as estimated when it was given. */
  readonly at_ms: number;
  /** The highest csn of the client that is known here; the first row knows the last one given. */
  readonly last_csn: number;
}

/** What a page that is gone left behind: its queue, in the order of csn. */
export interface Leftover {
  readonly page_id: string;
  readonly commands: readonly KeptCommand[];
}

/** The rows of everything that is pending, in the order of csn. */
export function keptCommands(state: State): KeptCommand[] {
  const { client_id } = state;
  const rows = Object.values(state.sessions).flatMap((session) =>
    session.pending.map(({ csn, command, at_ms, status }) => {
      const is_withheld = isSensitive(state, session, command);
      return {
        client_id,
        csn,
        session_id: session.session_id,
        command: is_withheld ? withheld(command) : command,
        is_withheld,
        was_sent: status !== "unsent",
        at_ms,
        last_csn: csn,
      };
    }),
  );
  const [first, ...others] = rows.toSorted((one, other) => one.csn - other.csn);
  return first === undefined ? [] : [{ ...first, last_csn: state.csn }, ...others];
}

function withheld(command: Command): Command {
  switch (command.type) {
    case "set_field":
    case "suggest":
      return { ...command, content: null };
    case "edit_action":
      return { ...command, text: null };
    default:
      return command;
  }
}

/** The commands of a Session as they were pending. What was withheld is not among them. */
export function pendingAgain(commands: readonly KeptCommand[], session_id: string): Pending[] {
  return commands
    .filter((each) => each.session_id === session_id && !each.is_withheld)
    .map(({ csn, command, at_ms, was_sent }) => ({
      csn,
      command,
      at_ms,
      status: was_sent ? ("held" as const) : ("unsent" as const),
      sent_ms: 0,
    }));
}

/** Whether the value must stay in memory. What is not known to be harmless is not. */
export function isSensitive(state: State, session: SessionState, command: Command): boolean {
  if (command.type === "edit_action") return isOfSensitive(state, session, command.action_id);
  const field_key = fieldOf(command);
  if (field_key === null) return false;
  const version_id = session.view?.head.session?.version_id;
  const version = version_id === undefined ? undefined : state.versions[version_id];
  const field = version?.document.fields.find((each) => each.key === field_key);
  return field === undefined || field.sensitive || field.type === "masked";
}

/** Whether the Action's template names a sensitive Field: then what is written into it may say the same. */
function isOfSensitive(state: State, session: SessionState, action_id: string): boolean {
  const version_id = session.view?.head.session?.version_id;
  const document = version_id === undefined ? undefined : state.versions[version_id]?.document;
  const key = session.view?.actions[action_id]?.key;
  const template = document?.sections.flatMap(({ actions }) => actions).find((each) => each.key === key);
  if (document === undefined || template === undefined) return true;
  const text = JSON.stringify(template.parameters);
  return document.fields.some((field) => (field.sensitive || field.type === "masked") && text.includes(field.key));
}

/** The Field whose value the command holds; null if it holds none. */
function fieldOf(command: Command): string | null {
  if (command.type === "suggest") return command.kind === "field" ? (command.key ?? null) : null;
  return command.type === "set_field" || command.type === "correct_field" ? command.field_key : null;
}
