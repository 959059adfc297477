/** Which immediate Actions stand at the foot of the screen, and how many are behind the lightning. Rules AX1 and AX2. */

import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import type { ActionId } from "../../protocol/protocol.gen";
import { type ShownAction, waitingNow } from "./actions";
import { useLive } from "./live";

const AT_MOST = 3;

export interface Waiting {
  readonly cards: readonly ShownAction[];
  /** How many wait behind the lightning. */
  readonly behind: number;
  readonly is_unfolded: boolean;
  readonly hide: (id: ActionId) => void;
  readonly unfold: () => void;
  readonly fold: () => void;
}

export function useWaiting(): Waiting {
  const { actions, head } = useLive();
  // 48em: where the Section has the whole width, a card would stand on it.
  const is_small = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  const is_low = useMediaQuery("(max-height: 640px)", false, { getInitialValueInEffect: false }) ?? false;
  const [hidden, setHidden] = useState<ReadonlySet<ActionId>>(new Set());
  const [is_unfolded, setUnfolded] = useState(false);
  const waiting = head.status === "active" ? waitingNow(actions) : [];
  const cards = cardsOf(waiting, { hidden, is_unfolded, at_most: is_small ? 0 : is_low ? 1 : AT_MOST });
  // Once there is nothing to look at any more, what comes next arrives as at first.
  if (is_unfolded && waiting.length === 0) setUnfolded(false);
  return {
    cards,
    behind: waiting.length - cards.length,
    is_unfolded,
    hide: (id) => {
      setHidden(new Set([...hidden, id]));
      if (cards.length <= 1) setUnfolded(false);
    },
    unfold: () => {
      setHidden(new Set());
      setUnfolded(true);
    },
    fold: () => {
      setHidden(new Set(waiting.map(({ action }) => action.id)));
      setUnfolded(false);
    },
  };
}

/** Those on cards: all of them once somebody asked for them, else the newest that are not hidden. */
export function cardsOf(
  waiting: readonly ShownAction[],
  shown: { hidden: ReadonlySet<ActionId>; is_unfolded: boolean; at_most: number },
): readonly ShownAction[] {
  const offered = waiting.filter(({ action }) => !shown.hidden.has(action.id));
  return shown.is_unfolded ? offered : offered.slice(0, shown.at_most);
}
