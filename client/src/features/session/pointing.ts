/**
 * Pointing at something on the screen, and showing what somebody points at. Rules PT1 and PT2.
 *
 * A target names the visit and what is on it: `v3/answer/yes`, `v3/field/customer`, `v3/paragraph/2`. It is found by
 * the marks that the components set: `data-answer`, `data-field`, `data-section-content`.
 */

import type { Key, VisitId } from "../../protocol/protocol.gen";
import type { Live } from "./live";

const PULSE_MS = 4_000;

/** What counts as a paragraph. The same version makes the same ones on every screen. */
const PARAGRAPHS = "p, li, h2, h3, h4, h5, h6, pre";

type Kind = "field" | "answer" | "paragraph";

export function targetOf(visit_id: VisitId, kind: Kind, name: Key | number): string {
  return `${visit_id}/${kind}/${name}`;
}

/** What is meant by a click on this element; null if nothing is. */
export function targetAt(element: Element, visit_id: VisitId): string | null {
  const field = element.closest<HTMLElement>("[data-field]")?.dataset.field;
  if (field !== undefined) return targetOf(visit_id, "field", field);
  const answer = element.closest<HTMLElement>("[data-answer]")?.dataset.answer;
  if (answer !== undefined) return targetOf(visit_id, "answer", answer);
  const paragraph = element.closest("[data-section-content]")?.contains(element.closest(PARAGRAPHS))
    ? element.closest(PARAGRAPHS)
    : null;
  const place = paragraph === null ? -1 : paragraphs().indexOf(paragraph);
  return place < 0 ? null : targetOf(visit_id, "paragraph", place);
}

/** In words, for those who cannot see it. */
export function targetText(target: string, { guide, visit }: Pick<Live, "guide" | "visit">): string {
  const [visit_id, kind, name = ""] = target.split("/");
  if (visit_id !== visit.id) return "";
  if (kind === "field") return guide.fields.get(name)?.label ?? name;
  const section = guide.sections.get(visit.section_key);
  if (kind === "answer") return section?.answers.find(({ key }) => key === name)?.label ?? name;
  return paragraphs()[Number(name)]?.textContent ?? "";
}

/** Shows it where it is, if it is on this screen: moves nothing, and goes by itself. */
export function pulse(target: string, visit_id: VisitId, who: string): void {
  const element = target.startsWith(`${visit_id}/`) ? find(target) : null;
  if (element === null) return;
  clearTimeout(timers.get(element));
  element.setAttribute("data-pointed", who);
  timers.set(
    element,
    setTimeout(() => element.removeAttribute("data-pointed"), PULSE_MS),
  );
}

const timers = new WeakMap<Element, ReturnType<typeof setTimeout>>();

function paragraphs(): Element[] {
  return [...document.querySelectorAll(`[data-section-content] :is(${PARAGRAPHS})`)];
}

function find(target: string): Element | null {
  const [, kind, name = ""] = target.split("/");
  if (kind === "paragraph") return paragraphs()[Number(name)] ?? null;
  return document.querySelector(`[data-${kind}="${CSS.escape(name)}"]`);
}
