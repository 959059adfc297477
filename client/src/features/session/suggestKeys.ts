/** What those who suggest find in the palette. Rule SU11. */

import type { Entry } from "../../palette/match";
import type { Key } from "../../protocol/protocol.gen";
import type { Live } from "./live";
import { targetOf } from "./pointing";
import { maySuggest } from "./suggestions";

/** `openField` turns the Field's row into an input. */
export function suggestKeys(
  live: Live,
  openField: (key: Key) => void,
  point: (target: string) => void,
): readonly Entry[] {
  if (!maySuggest(live)) return [];
  const { answers, guide, head, may_hold, section, visit, act } = live;
  const suggestible = head.status === "active" ? answers : [];
  return [
    {
      id: "suggest_line",
      label: "Suggest a line to say…",
      keys: ["s"],
      places: ["answers", "elsewhere"],
      run: () => document.querySelector<HTMLElement>("[data-suggest-line]")?.focus(),
    },
    ...suggestible.map(({ key, label }) =>
      offered(`answer_${key}`, `Suggest the Answer: ${label}`, () => act({ type: "suggest", kind: "answer", key })),
    ),
    ...guide.document.fields
      .filter((field) => may_hold(field.visible_when))
      .map(({ key, label }) => offered(`field_${key}`, `Suggest a value: ${label}…`, () => openField(key))),
    ...guide.document.responses.map(({ key, name }) =>
      offered(`response_${key}`, `Suggest the Response: ${name}`, () =>
        act({ type: "suggest", kind: "response", key }),
      ),
    ),
    ...answers.map(({ key, label }) =>
      offered(`point_${key}`, `Point at the Answer: ${label}`, () => point(targetOf(visit.id, "answer", key))),
    ),
    ...section.fields
      .flatMap((key) => guide.fields.get(key) ?? [])
      .map(({ key, label }) =>
        offered(`point_field_${key}`, `Point at the Field: ${label}`, () => point(targetOf(visit.id, "field", key))),
      ),
  ];
}

function offered(id: string, label: string, run: () => void): Entry {
  return { id: `suggest_${id}`, label, keys: [], places: [], run };
}
