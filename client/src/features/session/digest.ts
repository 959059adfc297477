/** What happened in a Session so far, for who begins to watch it: drawn from the view, so masked as that is. Pure. */

import type { ShownStatus, View } from "../../protocol/protocol.gen";
import type { ShownAction } from "./actions";
import { type Guide, isOpen } from "./live";
import { readPath } from "./path";
import { heldText } from "./words";

interface Step {
  readonly id: string;
  readonly name: string;
  /** The Answer that led on; "" if none did. */
  readonly answer: string;
  readonly entered_ms: number;
  /** Null while it is the current one. */
  readonly left_ms: number | null;
}

interface Value {
  readonly key: string;
  readonly label: string;
  readonly text: string;
  readonly is_valid: boolean;
}

interface Said {
  readonly id: string;
  readonly name: string;
  readonly at_ms: number;
}

interface Triggered {
  readonly id: string;
  readonly name: string;
  readonly status: ShownStatus;
}

export interface Digest {
  /** Visits on the path, in order. */
  readonly steps: readonly Step[];
  /** Filled Fields: those of the title first, then as in the document. */
  readonly values: readonly Value[];
  readonly said: readonly Said[];
  /** Withdrawn and removed ones left out, and what is not fired while the Session is open. */
  readonly actions: readonly Triggered[];
}

export function digestOf(view: View, guide: Guide, actions: readonly ShownAction[]): Digest {
  const sections = guide.sections;
  const is_open = view.head.session !== undefined && isOpen(view.head.session);
  const in_title = new Set([...guide.document.title.matchAll(VARIABLE)].map(([, key]) => key));
  const filled = guide.document.fields.filter(({ key }) => view.fields[key] !== undefined);
  return {
    steps: readPath(view, false).visits.map((visit) => {
      const section = sections.get(visit.section_key);
      return {
        id: visit.id,
        name: section?.name ?? visit.section_key,
        answer: section?.answers.find(({ key }) => key === visit.answer_key)?.label ?? "",
        entered_ms: visit.entered_ms,
        left_ms: visit.left_ms,
      };
    }),
    values: filled
      .toSorted((one, other) => Number(in_title.has(other.key)) - Number(in_title.has(one.key)))
      .map((field) => {
        const held = view.fields[field.key];
        return {
          key: field.key,
          label: field.label,
          text: held?.masked ? "Filled, hidden" : heldText(field, held),
          is_valid: held?.valid ?? true,
        };
      }),
    said: Object.values(view.responses).map(({ id, response_key, at_ms }) => ({
      id,
      name: guide.responses.get(response_key)?.name ?? response_key,
      at_ms,
    })),
    actions: actions
      .filter(({ action: { status } }) => status !== "withdrawn" && status !== "removed")
      // They are sent after the call.
      .filter(({ action: { shown } }) => shown !== "not_fired" || !is_open)
      .map(({ action: { id, shown }, name }) => ({ id, name, status: shown })),
  };
}

const VARIABLE = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;
