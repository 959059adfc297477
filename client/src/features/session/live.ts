/** What every part of the Session's screen needs, put together once by `SessionPage`. */

import { createContext, use } from "react";
import type {
  ActionTemplate,
  Answer,
  Condition,
  FieldDefinition,
  HeadView,
  Key,
  Policy,
  Response,
  Section,
  SessionId,
  View,
  VisitView,
  WorkflowDocument,
} from "../../protocol/protocol.gen";
import type { CommandInput, SessionModel } from "../../sync";
import type { ShownAction } from "./actions";
import type { FieldSaver } from "./fieldSaver";

/** A Workflow document with its definitions at hand by key. */
export interface Guide {
  readonly document: WorkflowDocument;
  readonly sections: ReadonlyMap<Key, Section>;
  readonly fields: ReadonlyMap<Key, FieldDefinition>;
  readonly responses: ReadonlyMap<Key, Response>;
  readonly actions: ReadonlyMap<Key, ActionTemplate>;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

export interface Live {
  readonly session_id: SessionId;
  readonly person: Person;
  readonly model: SessionModel;
  readonly view: View;
  readonly head: HeadView;
  readonly visit: VisitView;
  readonly guide: Guide;
  /** The Section of the current visit. */
  readonly section: Section;
  /** Everything that was triggered, in that order. */
  readonly actions: readonly ShownAction[];
  /** Its Answers that apply now. */
  readonly answers: readonly Answer[];
  /** The one that is marked; undefined if it does not apply any more. */
  readonly selected: Answer | undefined;
  /** False only if the condition is known not to hold. */
  readonly may_hold: (condition: Condition | null) => boolean;
  /** Required Fields that are empty, of visited Sections: asked for before completing. */
  readonly missing: readonly FieldDefinition[];
  readonly policy: Policy;
  /** This person's commands count now: on the seat, and the Session is active or in review. */
  readonly is_driving: boolean;
  /** They move it, too: what is in review stays where it is. */
  readonly may_move: boolean;
  /** What this person may do with its Actions now. */
  readonly may_act: boolean;
  readonly offset_ms: number;
  readonly saver: FieldSaver;
  /** Of what is written into Actions: a key is made by `leafKey`. */
  readonly leaf_saver: FieldSaver;
  /** Sends a command, after what was typed and is not sent yet. */
  readonly act: (command: CommandInput) => void;
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error("useLive outside of a Session's screen");
  return live;
}

/** Not a record yet. */
export function isOpen({ status }: HeadView): boolean {
  return status === "active" || status === "reviewing" || status === "paused";
}

/** Whether this person drives it or owns it while it runs: they are on that call, and see what it asks of them. */
export function isOnCall({ head, person }: Pick<Live, "head" | "person">): boolean {
  const is_running = head.status === "active" || head.status === "reviewing";
  return is_running && (person.id === head.driver.id || person.id === head.owner.id);
}

/** Whether this person may end the Session early. */
export function mayEnd({ head, person }: Pick<Live, "head" | "person">): boolean {
  if (!isOpen(head)) return false;
  if (person.id === head.driver.id || person.id === head.owner.id) return true;
  return person.roles.includes("supervisor") || person.roles.includes("manager");
}

/** Says that the customer sees the screen, or does not any more; the owner off the seat ends it only. Rule WH5. */
export function mayShare({ head, person, is_driving }: Pick<Live, "head" | "person" | "is_driving">): boolean {
  const is_running = head.status === "active" || head.status === "reviewing";
  return is_driving || (head.screen_shared && is_running && head.owner.id === person.id);
}

/** Whether this person may ask somebody to take it over, and hand it over. */
export function mayTransfer({ head, person }: Pick<Live, "head" | "person">): boolean {
  const is_supervisor = person.roles.includes("supervisor") || person.roles.includes("manager");
  return isOpen(head) && !head.training && (person.id === head.owner.id || is_supervisor);
}

/** Whether this person may make it another agent's. */
export function mayGive({ head, person }: Pick<Live, "head" | "person">): boolean {
  return isOpen(head) && (person.roles.includes("supervisor") || person.roles.includes("manager"));
}

export function indexDocument(document: WorkflowDocument): Guide {
  return {
    document,
    sections: new Map(document.sections.map((section) => [section.key, section])),
    fields: new Map(document.fields.map((field) => [field.key, field])),
    responses: new Map(document.responses.map((response) => [response.key, response])),
    actions: new Map(document.sections.flatMap(({ actions }) => actions.map((action) => [action.key, action]))),
  };
}
