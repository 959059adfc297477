/**
 * A Session moment by moment: its steps, and the view after any of them. Pure. Rules RP2, RP3, RP7, RP9 and RP10.
 *
 * Every so many steps the whole view is kept, so that any place is a few ops away from one.
 */

import type { Audience, EntryId, Party, ReplayPage, Seq, View, VisitId } from "../../protocol/protocol.gen";
import { apply } from "../../sync";
import { type Guide, isOpen } from "./live";
import { type Change, changeOf } from "./replayWords";

export const KEYFRAME_EVERY = 64;
/** What a pause, and whatever comes after the end, takes of the scrubber at most, however long it lasted. */
export const BREAK_MS = 3_000;

/** One entry of the log that is told. */
export interface Step extends Change {
  readonly seq: Seq;
  readonly at_ms: number;
  readonly by: Party;
  readonly ops: ReplayPage["steps"][number]["ops"];
  /** Since the start, as the scrubber counts. */
  readonly place_ms: number;
}

/** One stay on a Section. */
export interface Stay {
  readonly visit_id: VisitId;
  readonly name: string;
  /** Index of the step with which it began. */
  readonly first: number;
}

/** Time that the scrubber does not show at its length. */
interface Break {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly lasted_ms: number;
  readonly is_pause: boolean;
}

export interface Replay {
  readonly audience: Audience;
  readonly erased: number;
  /** Of the last entry that it knows of, whether or not there is a step for it. */
  readonly seq: Seq;
  readonly entry_id: EntryId;
  readonly steps: readonly Step[];
  readonly stays: readonly Stay[];
  readonly breaks: readonly Break[];
  /** Views after the steps 0, 64, 128 … */
  readonly keyframes: readonly View[];
  /** The view after the last step. */
  readonly last: View;
  /** Index of the step that brought a record of the view, by `moments/m2`. */
  readonly brought: ReadonlyMap<string, number>;
}

/** The replay with one more page; null if the page does not go on from it. */
export function grow(replay: Replay | null, page: ReplayPage, guide: Guide): Replay | null {
  if (!fits(replay, page)) return null;
  const steps = [...(replay?.steps ?? [])];
  const stays = [...(replay?.stays ?? [])];
  const breaks = [...(replay?.breaks ?? [])];
  const keyframes = [...(replay?.keyframes ?? [])];
  const brought = new Map(replay?.brought);
  let view = replay?.last ?? null;
  for (const step of page.steps) {
    const index = steps.length;
    const before = view;
    const after = before === null ? page.view : apply(before, step.ops);
    if (after === null) return null;
    const previous = steps.at(-1);
    const lasted_ms = previous === undefined ? 0 : step.at_ms - previous.at_ms;
    const shown_ms = lasts(before) ? lasted_ms : Math.min(lasted_ms, BREAK_MS);
    const from_ms = previous?.place_ms ?? 0;
    if (shown_ms < lasted_ms) {
      const is_pause = before?.head.session?.status === "paused";
      breaks.push({ from_ms, to_ms: from_ms + shown_ms, lasted_ms, is_pause });
    }
    steps.push({
      seq: step.seq,
      at_ms: step.at_ms,
      by: step.by,
      ops: step.ops,
      place_ms: from_ms + shown_ms,
      ...changeOf(step, before, after, guide),
    });
    for (const [collection, id] of newIn(before, after, step.ops)) {
      brought.set(`${collection}/${id}`, index);
      if (collection !== "visits") continue;
      const section = guide.sections.get(after.visits[id]?.section_key ?? "");
      stays.push({ visit_id: id, name: section?.name ?? id, first: index });
    }
    if (index % KEYFRAME_EVERY === 0) keyframes.push(after);
    view = after;
  }
  if (view === null) return null;
  const { audience, erased, seq, entry_id } = page;
  return { audience, erased, seq, entry_id, steps, stays, breaks, keyframes, last: view, brought };
}

function fits(replay: Replay | null, page: ReplayPage): boolean {
  if (replay === null) return page.view !== null;
  const { audience, erased, entry_id } = replay;
  return page.audience === audience && page.erased === erased && page.follows === entry_id;
}

/** Whether time that passes then is time of the call. */
function lasts(view: View | null): boolean {
  const head = view?.head.session;
  return head !== undefined && isOpen(head) && head.status !== "paused";
}

function newIn(before: View | null, after: View, ops: Step["ops"]): readonly (readonly [string, string])[] {
  if (before === null) return Object.keys(after.visits).map((id) => ["visits", id] as const);
  return ops.flatMap(({ op, collection, id }) =>
    op === "put" && !Object.hasOwn(before[collection], id) ? [[collection, id] as const] : [],
  );
}

/** The view after the step at this index. */
export function viewAt({ steps, keyframes, last }: Replay, index: number): View {
  const frame = Math.floor(index / KEYFRAME_EVERY);
  const view = keyframes[frame];
  if (view === undefined || index === steps.length - 1) return last;
  return apply(
    view,
    steps.slice(frame * KEYFRAME_EVERY + 1, index + 1).flatMap(({ ops }) => ops),
  );
}

/** The last step that is not after this place. */
export function indexAt({ steps }: Replay, place_ms: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((steps[middle]?.place_ms ?? 0) <= place_ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How long all of it takes, as the scrubber counts. */
export function lengthOf({ steps }: Replay): number {
  return steps.at(-1)?.place_ms ?? 0;
}

/** The stay on which the Session was after this step. */
export function stayAt({ stays }: Replay, index: number): Stay | undefined {
  return stays.findLast(({ first }) => first <= index);
}

/** Where the next or the previous Section began; going back leads to the start of this one first. */
export function otherStay({ stays, steps }: Replay, index: number, by: 1 | -1): number {
  const firsts = stays.map(({ first }) => first);
  return by === 1
    ? (firsts.find((first) => first > index) ?? steps.length - 1)
    : (firsts.findLast((first) => first < index) ?? 0);
}

/** The index that an address names: `#at=17` or the step before it, `#at=moments/m2`; null if none is known. */
export function indexOf({ seq, steps, brought }: Replay, hash: string): number | null {
  const at = /^#at=([0-9a-z_/]+)$/.exec(hash)?.[1];
  if (at === undefined) return null;
  if (!/^\d+$/.test(at)) return brought.get(at) ?? null;
  const index = steps.findLastIndex((step) => step.seq <= Number(at));
  return index >= 0 && Number(at) <= seq ? index : null;
}
