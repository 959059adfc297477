/** The keyboard of a replay. Rule RP8. */

import { usePalette } from "../../palette/palette";
import { seek, shownIndex, togglePlay } from "./player";
import type { Move } from "./ReplayScreen";
import { otherStay } from "./replay";

const OUTSIDE_INPUTS = ["answers", "elsewhere"] as const;
const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;

export const by =
  (steps: number): Move =>
  (player, replay) =>
    seek({ ...player, is_playing: false }, replay, shownIndex(player, replay) + steps);

export const bySection =
  (direction: 1 | -1): Move =>
  (player, replay) =>
    seek(player, replay, otherStay(replay, shownIndex(player, replay), direction));

const toStart: Move = (player, replay) => seek(player, replay, 0);
const toEnd: Move = (player, replay) => seek({ ...player, is_playing: false }, replay, replay.steps.length - 1);

interface Keys {
  move: (move: Move) => void;
  leave: () => void;
  is_live: boolean;
}

export function useReplayKeys({ move, leave, is_live }: Keys): void {
  const at = { places: OUTSIDE_INPUTS } as const;
  usePalette([
    {
      id: "replay_play",
      label: "Play or stop",
      keys: ["Space"],
      ...at,
      // A button that has the focus is pressed by it.
      when: () => !document.activeElement?.matches(PRESSED),
      run: () => move(togglePlay),
    },
    { id: "replay_next", label: "Next entry", keys: ["ArrowRight"], ...at, run: () => move(by(1)) },
    { id: "replay_previous", label: "Entry before", keys: ["ArrowLeft"], ...at, run: () => move(by(-1)) },
    { id: "replay_section", label: "Next Section", keys: ["Shift+ArrowRight"], ...at, run: () => move(bySection(1)) },
    {
      id: "replay_section_before",
      label: "Section before",
      keys: ["Shift+ArrowLeft"],
      ...at,
      run: () => move(bySection(-1)),
    },
    { id: "replay_start", label: "To the start", keys: ["Home"], ...at, run: () => move(toStart) },
    { id: "replay_end", label: "To the end", keys: ["End"], ...at, run: () => move(toEnd) },
    {
      id: "replay_leave",
      label: is_live ? "Back to live" : "To the record",
      keys: ["Escape"],
      places: ANYWHERE,
      run: leave,
    },
  ]);
}

const PRESSED = "button, a, summary, [role=button]";
