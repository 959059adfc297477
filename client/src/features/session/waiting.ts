/**
 * Which immediate Actions stand at the foot of the screen: those that wait for somebody, those that were sent, and how
 * many are behind the lightning. Rules AX1 and AX2.
 */

import { useMediaQuery } from "@mantine/hooks";
import { useEffect, useReducer, useState } from "react";
import type { ActionView } from "../../protocol/protocol.gen";
import { isUntreated, SENT_MS, type ShownAction, sentNow, waitingNow, wantsSomebody } from "./actions";
import { useLive } from "./live";

const AT_MOST = 3;

export interface Waiting {
  /** They wait for somebody; the newest first. */
  readonly cards: readonly ShownAction[];
  /** They were sent, and say what became of them; the last first. */
  readonly sent: readonly ShownAction[];
  /** How many want something of a person and are out of sight. */
  readonly behind: number;
  readonly is_unfolded: boolean;
  readonly hide: (action: ActionView) => void;
  readonly unfold: () => void;
  readonly fold: () => void;
}

export function useWaiting(): Waiting {
  const { actions, head, offset_ms } = useLive();
  // 48em: where the Section has the whole width, a card would stand on it.
  const is_small = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false }) ?? false;
  const is_low = useMediaQuery("(max-height: 640px)", false, { getInitialValueInEffect: false }) ?? false;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [is_unfolded, setUnfolded] = useState(false);
  const is_active = head.status === "active";
  const waiting = is_active ? waitingNow(actions) : [];
  const sent = is_active ? sentNow(actions, Date.now() + offset_ms) : [];
  useLookAgain(nextEnd(sent), offset_ms);
  const shown = { hidden, is_unfolded, at_most: is_small ? 0 : is_low ? 1 : AT_MOST };
  const cards = cardsOf(waiting, shown);
  const sent_cards = cardsOf(sent, shown);
  // Once there is nothing to look at any more, what comes next arrives as at first.
  if (is_unfolded && waiting.length + sent.length === 0) setUnfolded(false);
  return {
    cards,
    sent: sent_cards,
    behind: behindOf([...waiting, ...sent], [...cards, ...sent_cards]),
    is_unfolded,
    hide: (action) => {
      setHidden(new Set([...hidden, turnOf(action)]));
      if (cards.length + sent_cards.length <= 1) setUnfolded(false);
    },
    unfold: () => {
      setHidden(new Set());
      setUnfolded(true);
    },
    fold: () => {
      setHidden(new Set([...waiting, ...sent].map(({ action }) => turnOf(action))));
      setUnfolded(false);
    },
  };
}

/** Those on cards: all of them once somebody asked for them, else the first that are not hidden. */
export function cardsOf(
  found: readonly ShownAction[],
  shown: { hidden: ReadonlySet<string>; is_unfolded: boolean; at_most: number },
): readonly ShownAction[] {
  const offered = found.filter(({ action }) => !shown.hidden.has(turnOf(action)));
  return shown.is_unfolded ? offered : offered.slice(0, shown.at_most);
}

/** How many want something of a person, and are on no card. */
export function behindOf(all: readonly ShownAction[], cards: readonly ShownAction[]): number {
  const on_cards = new Set(cards.map(({ action }) => action.id));
  return all.filter(({ action }) => wantsSomebody(action) && !on_cards.has(action.id)).length;
}

/** What was hidden stays so for its turn: one that failed meanwhile, or whose outcome nobody knows, is shown again. */
export function turnOf(action: ActionView): string {
  const turn = isUntreated(action) ? "waits" : action.status === "unknown" ? "unknown" : "sent";
  return `${action.id} ${turn} ${action.fired_ms ?? ""}`;
}

/** When the first of those that were sent is news no more, by the server's clock. */
function nextEnd(sent: readonly ShownAction[]): number | null {
  const ends = sent.flatMap(({ action }) => (action.status === "sent" ? [(action.settled_ms ?? 0) + SENT_MS] : []));
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Has the component look again at that moment. */
function useLookAgain(at_ms: number | null, offset_ms: number): void {
  const [, look] = useReducer((looks: number) => looks + 1, 0);
  useEffect(() => {
    if (at_ms === null) return;
    const timer = setTimeout(look, Math.max(0, at_ms - Date.now() - offset_ms) + 20);
    return () => clearTimeout(timer);
  }, [at_ms, offset_ms]);
}
