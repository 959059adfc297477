/** What is suggested to the driver: which stands open where, in words. Rules SU1 to SU8. Pure, but for `findAccept`. */

import type { FieldDefinition, Key, SuggestionOutcome, SuggestionView, View } from "../../protocol/protocol.gen";
import type { Guide } from "./live";
import { measuredText } from "./words";

/** What appears under the hands is not what they meant to press. */
export const RIPE_AFTER_MS = 400;

/** The value that waits for this Field's driver. */
export function openFor(view: View, field_key: Key): SuggestionView | undefined {
  return Object.values(view.suggestions).find(
    ({ kind, key, outcome }) => kind === "field" && key === field_key && outcome === null,
  );
}

/** How many values wait among these Fields. */
export function countOpen(view: View, fields: readonly { readonly key: Key }[]): number {
  return fields.filter(({ key }) => openFor(view, key) !== undefined).length;
}

/** The value as its Field shows one. */
export function valueText(field: FieldDefinition, { masked, content, shown }: SuggestionView): string {
  if (masked) return "a hidden value";
  if (content === null) return "a value that was erased";
  return shown ?? measuredText(field, content);
}

/** What was suggested, on a record: `Customer: Lovelace`. */
export function suggestedText(suggestion: SuggestionView, guide: Guide): string {
  const key = suggestion.key ?? "";
  switch (suggestion.kind) {
    case "field": {
      const field = guide.fields.get(key);
      return field === undefined ? key : `${field.label}: ${valueText(field, suggestion)}`;
    }
    case "answer": {
      const answers = [...guide.sections.values()].flatMap((section) => section.answers);
      return `Answer: ${answers.find((each) => each.key === key)?.label ?? key}`;
    }
    case "response":
      return `Response: ${guide.responses.get(key)?.name ?? key}`;
    case "line":
      return `“${typeof suggestion.content === "string" ? suggestion.content : ""}”`;
  }
}

export function outcomeWord(outcome: SuggestionOutcome | null): string {
  switch (outcome) {
    case null:
      return "open";
    case "accepted":
      return "accepted";
    case "dismissed":
      return "dismissed";
    case "replaced":
      return "replaced by another";
    case "withdrawn":
      return "taken back";
    case "expired":
      return "not taken up";
  }
}

/** What the one key accepts: the suggestion of the Field that has the focus, else the first on screen. */
export function findAccept(): HTMLElement | null {
  const ripe = [...document.querySelectorAll<HTMLElement>("[data-suggested][data-ripe]")].filter((each) =>
    each.checkVisibility(),
  );
  const here = ripe.find((each) => each.closest("[data-field]")?.contains(document.activeElement));
  return (here ?? ripe[0])?.querySelector<HTMLElement>("[data-accept]") ?? null;
}
