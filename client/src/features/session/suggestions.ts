/** What is suggested to the driver: which stands open where, in words. Rules SU1 to SU12. Pure, but for `findDeciding`. */

import type { FieldDefinition, Key, SuggestionOutcome, SuggestionView, View } from "../../protocol/protocol.gen";
import type { Guide, Live } from "./live";
import { measuredText } from "./words";

/** The value that waits for this Field's driver. */
export function openFor(view: View, field_key: Key): SuggestionView | undefined {
  return Object.values(view.suggestions).find(
    ({ kind, key, outcome }) => kind === "field" && key === field_key && outcome === null,
  );
}

/** The Answer or Response that is suggested; undefined if none is. */
export function openOf(view: View, wanted: "answer" | "response"): SuggestionView | undefined {
  return Object.values(view.suggestions).find(({ kind, outcome }) => kind === wanted && outcome === null);
}

/** All that wait and are no Field's, in the order in which they were made. */
export function openAside(view: View): readonly SuggestionView[] {
  return Object.values(view.suggestions)
    .filter(({ kind, outcome }) => kind !== "field" && outcome === null)
    .toSorted((one, other) => one.at_ms - other.at_ms);
}

/** Whether this person has a part from which suggestions are made, and the Session runs. The server decides. */
export function watchesToSuggest({ head, person }: Pick<Live, "head" | "person">): boolean {
  if (person.id === head.driver.id || (head.status !== "active" && head.status !== "reviewing")) return false;
  return person.id === head.owner.id || person.roles.some((role) => SUGGESTING.has(role));
}

const SUGGESTING: ReadonlySet<string> = new Set(["coach", "supervisor", "manager"]);

/** Whether a suggestion of this person would be heard now. */
export function maySuggest(live: Pick<Live, "head" | "person">): boolean {
  return watchesToSuggest(live) && !live.head.suggestions_muted;
}

/** How long it is said what became of a suggestion. */
const OUTCOME_MS = 8_000;

/** What those who suggest look at: what another person did with one just now, else the newest that waits. */
export function latestOf(view: View, now_ms: number): SuggestionView | undefined {
  const all = Object.values(view.suggestions);
  const settled = all.filter(({ settled_ms }) => settled_ms !== null && now_ms < settled_ms + OUTCOME_MS);
  const open = all.filter(({ outcome }) => outcome === null);
  return (
    settled
      .filter(({ by, settled_by, outcome }) => outcome === "expired" || settled_by?.id !== by.id)
      .toSorted((one, other) => (other.settled_ms ?? 0) - (one.settled_ms ?? 0))[0] ??
    open.toSorted((one, other) => other.at_ms - one.at_ms)[0]
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

/** What was suggested, on a record: `Customer: Lovelace`; of a line no word while the customer sees the screen. */
export function suggestedText(suggestion: SuggestionView, guide: Guide, shared = false): string {
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
      return shared ? "a line" : `“${typeof suggestion.content === "string" ? suggestion.content : ""}”`;
  }
}

/** What is said of one that the driver has not decided about. */
export function openWord({ kind }: SuggestionView, shared: boolean): string {
  return kind === "line" && shared ? "waits until the screen is not shared" : "waits";
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

/** What the keys decide about: the suggestion of the Field that has the focus, else the first on screen. */
export function findDeciding(how: "accept" | "dismiss"): HTMLElement | null {
  const ripe = [...document.querySelectorAll<HTMLElement>("[data-suggested][data-ripe]")].filter((each) =>
    each.checkVisibility(),
  );
  const here = ripe.find((each) => each.closest("[data-field]")?.contains(document.activeElement));
  return (here ?? ripe[0])?.querySelector<HTMLElement>(`[data-${how}]`) ?? null;
}
