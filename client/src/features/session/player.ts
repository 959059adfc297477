/** Where a replay stands and whether it plays. Pure. Rules RP6 and RP7. */

import { indexAt, lengthOf, type Replay } from "./replay";

export const SPEEDS = [1, 2, 5, 10] as const;
type Speed = (typeof SPEEDS)[number];

/** A stretch without an entry that is longer is skipped on request, but for its last moment. */
const SILENCE_MS = 2_000;
const LEAD_MS = 500;

export interface Player {
  /** Index of the step on screen; null: the last one, whichever that is. */
  readonly at: number | null;
  /** Where playing is, at the step on screen or behind it, before the next. */
  readonly place_ms: number;
  readonly is_playing: boolean;
  readonly speed: Speed;
  readonly skips_silence: boolean;
}

export const AT_END: Player = { at: null, place_ms: 0, is_playing: false, speed: 1, skips_silence: false };

/** Index of the step on screen. */
export function shownIndex({ at }: Player, { steps }: Replay): number {
  return at === null ? steps.length - 1 : Math.min(at, steps.length - 1);
}

/** To this step; the last one is gone along with. */
export function seek(player: Player, replay: Replay, index: number): Player {
  const last = replay.steps.length - 1;
  const at = Math.max(0, Math.min(index, last));
  return { ...player, at: at === last ? null : at, place_ms: replay.steps[at]?.place_ms ?? 0 };
}

/** Stops, or goes on from here: from the start, if this is the end. */
export function togglePlay(player: Player, replay: Replay): Player {
  if (player.is_playing) return { ...player, is_playing: false };
  const from = player.at === null ? seek(player, replay, 0) : player;
  return { ...from, is_playing: true };
}

/** After some time of this computer's clock. It stops at the end. */
export function play(player: Player, replay: Replay, passed_ms: number): Player {
  if (!player.is_playing) return player;
  const index = shownIndex(player, replay);
  const next_ms = replay.steps[index + 1]?.place_ms;
  let place_ms = Math.max(player.place_ms, replay.steps[index]?.place_ms ?? 0) + passed_ms * player.speed;
  if (player.skips_silence && next_ms !== undefined && next_ms - place_ms > SILENCE_MS) place_ms = next_ms - LEAD_MS;
  if (place_ms >= lengthOf(replay)) return { ...player, at: null, place_ms: lengthOf(replay), is_playing: false };
  // Never back: several steps may share a place.
  return { ...player, at: Math.max(index, indexAt(replay, place_ms)), place_ms };
}
