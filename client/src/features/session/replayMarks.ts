/** What is marked on the scrubber, and how. Pure. */

import {
  IconArrowRight,
  IconBolt,
  IconBulb,
  IconCircle,
  IconEraser,
  IconFlag,
  IconForms,
  IconHandStop,
  IconMessage,
  IconNotes,
  IconPencil,
  IconPlayerPause,
  IconPointFilled,
  IconSteeringWheel,
} from "@tabler/icons-react";
import type { Replay, Step } from "./replay";
import type { Kind } from "./replayWords";

type Icon = typeof IconFlag;

/** Which of several in one place is shown: the highest. */
export const MARKS: Readonly<Record<Kind, { readonly Icon: Icon; readonly weight: number }>> = {
  moment: { Icon: IconFlag, weight: 10 },
  help: { Icon: IconHandStop, weight: 9 },
  erased: { Icon: IconEraser, weight: 8 },
  correction: { Icon: IconPencil, weight: 7 },
  pause: { Icon: IconPlayerPause, weight: 7 },
  seat: { Icon: IconSteeringWheel, weight: 7 },
  life: { Icon: IconCircle, weight: 6 },
  suggestion: { Icon: IconBulb, weight: 5 },
  response: { Icon: IconMessage, weight: 5 },
  action: { Icon: IconBolt, weight: 4 },
  field: { Icon: IconForms, weight: 3 },
  notes: { Icon: IconNotes, weight: 2 },
  answer: { Icon: IconPointFilled, weight: 0 },
  section: { Icon: IconArrowRight, weight: 0 },
};

export interface Mark {
  readonly index: number;
  readonly place_ms: number;
  readonly kind: Kind;
  readonly text: string;
}

const NAMED = 3;

/** At most one in each of so many stretches of the scrubber. */
export function marksOf({ steps }: Replay, length_ms: number, stretches: number): readonly Mark[] {
  const found = new Map<number, { mark: Mark; others: string[] }>();
  steps.forEach((step, index) => {
    const { weight } = MARKS[step.kind];
    if (weight === 0) return;
    const stretch = Math.min(stretches - 1, Math.floor((step.place_ms / Math.max(1, length_ms)) * stretches));
    const held = found.get(stretch);
    const mark = { index, place_ms: step.place_ms, kind: step.kind, text: step.text };
    if (held === undefined) found.set(stretch, { mark, others: [] });
    else if (weight > MARKS[held.mark.kind].weight) {
      found.set(stretch, { mark, others: [held.mark.text, ...held.others] });
    } else held.others.push(step.text);
  });
  return [...found.values()].map(({ mark, others }) => ({
    ...mark,
    text: [
      mark.text,
      ...others.slice(0, NAMED),
      ...(others.length > NAMED ? [`${others.length - NAMED} more`] : []),
    ].join("\n"),
  }));
}

/** Where marks stand, from the left: none nearer to the next than `gap_px`, for which there is one in a stretch so wide. */
export function placesOf(marks: readonly Mark[], length_ms: number, width_px: number, gap_px: number): number[] {
  let least_px = 0;
  return marks.map(({ place_ms }) => {
    const left_px = Math.max((width_px * place_ms) / length_ms, least_px);
    least_px = left_px + gap_px;
    return left_px;
  });
}

export interface Chapter {
  readonly name: string;
  /** Index of its first step. */
  readonly first: number;
  readonly lines: readonly Mark[];
}

/** Everything in words, Section by Section. */
export function chaptersOf(replay: Replay): readonly Chapter[] {
  const lines = linesOf(replay);
  let next = 0;
  return replay.stays.map(({ name, first }, place) => {
    const from = next;
    const end = replay.stays[place + 1]?.first ?? replay.steps.length;
    while (next < lines.length && (lines[next]?.index ?? 0) < end) next += 1;
    return { name, first, lines: lines.slice(from, next) };
  });
}

/** What was typed bit by bit is one line, as it stood in the end. */
export function linesOf({ steps }: Replay): readonly Mark[] {
  const lines: Mark[] = [];
  let before: Step | undefined;
  steps.forEach((step, index) => {
    if (step.kind === "answer") return;
    const line = { index, place_ms: step.place_ms, kind: step.kind, text: step.text };
    if (before !== undefined && isSameTyping(before, step)) lines[lines.length - 1] = line;
    else lines.push(line);
    before = step;
  });
  return lines;
}

function isSameTyping(before: Step, step: Step): boolean {
  return (
    (step.kind === "field" || step.kind === "notes") &&
    before.kind === step.kind &&
    before.by.id === step.by.id &&
    before.where.join() === step.where.join()
  );
}
