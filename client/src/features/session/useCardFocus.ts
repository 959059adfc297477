/** The keyboard does not get lost with a card that goes: it is on the next one, or where it belongs on the call. Rule AX1. */

import { type FocusEvent, useEffect, useRef } from "react";
import { focusCard } from "./focus";
import { useLive } from "./live";

interface CardFocus {
  /** For the element around the cards. */
  readonly held: {
    readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
    readonly onBlur: (event: FocusEvent<HTMLElement>) => void;
  };
  /** After something over the cards was closed that gives the focus back to a card which is there no more. */
  readonly keep: () => void;
}

export function useCardFocus(): CardFocus {
  const { model } = useLive();
  /** Which of the cards that wait holds the focus, or held it when it went. */
  const place = useRef<number | null>(null);
  const last = useRef(0);
  useEffect(() => {
    // What was pressed is off until the server answers, and most likely gone then.
    if (place.current === null || model.pending_count > 0) return;
    if (!isNowhere(document.activeElement)) return;
    const at = place.current;
    place.current = null;
    focusCard(at);
  });
  return {
    held: {
      onFocus: ({ currentTarget, target }) => {
        const cards = [...currentTarget.querySelectorAll("[data-card]")];
        place.current = Math.max(
          0,
          cards.findIndex((card) => card.contains(target)),
        );
        last.current = place.current;
      },
      onBlur: ({ currentTarget, relatedTarget, target }) => {
        const stays = relatedTarget === null ? isGoing(target) : currentTarget.contains(relatedTarget);
        if (!stays) place.current = null;
      },
    },
    keep: () => {
      if (isNowhere(document.activeElement)) focusCard(last.current);
    },
  };
}

function isNowhere(active: Element | null): boolean {
  return active === null || active === document.body || active.matches(":disabled");
}

/** It lost the focus without anybody's doing: it went, it is off, or the whole window lost it. */
function isGoing(target: Element): boolean {
  return !target.isConnected || target.matches(":disabled") || document.activeElement === target;
}
