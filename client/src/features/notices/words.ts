/** Notices in words. Pure. */

import type { NoticeLine } from "../../protocol/protocol.gen";

export function placeText({ workflow_name, section_name }: Pick<NoticeLine, "workflow_name" | "section_name">): string {
  return section_name === null ? workflow_name : `${workflow_name} · ${section_name}`;
}

export function stateText(
  { until_ms, ended_ms, taken_back_by }: Pick<NoticeLine, "until_ms" | "ended_ms" | "taken_back_by">,
  momentOf: (ms: number) => string,
): string {
  if (ended_ms === null) return until_ms === null ? "Stands" : `Stands until ${momentOf(until_ms)}`;
  return taken_back_by === null
    ? `Ran out ${momentOf(ended_ms)}`
    : `Taken back by ${taken_back_by.name}, ${momentOf(ended_ms)}`;
}

export function reachedText(reached: number): string {
  return reached === 1 ? "1 Session" : `${new Intl.NumberFormat().format(reached)} Sessions`;
}

/** Before it is written: how many would see it at once. */
export function openText(open: number): string {
  if (open === 0) return "No Session of it is open now; those that start see it.";
  return `${open === 1 ? "1 open Session shows" : `${open} open Sessions show`} it at once.`;
}
