/** An Action is edited by one person at a time: locked while the focus is in its form, let go when it leaves. */

import { type FocusEvent, useEffect, useEffectEvent, useRef } from "react";
import { useNow } from "../../lib/time";
import type { ActionView, Party } from "../../protocol/protocol.gen";
import { lockedByOther } from "./actions";
import { useLive } from "./live";

/** Asked for again this long before it lapses. */
const RENEW_MS = 20_000;

interface ActionLock {
  /** Who else edits it; null: nobody. */
  readonly other: Party | null;
  readonly form: {
    readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
    readonly onBlur: (event: FocusEvent<HTMLElement>) => void;
  };
}

export function useActionLock(action: ActionView, may_edit: boolean): ActionLock {
  const { act, person, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const other = lockedByOther(action, person.id, now_ms);
  const is_held = useRef(false);
  const isOurs = action.locked_by?.id === person.id && (action.locked_until_ms ?? 0) > now_ms + RENEW_MS;

  const release = useEffectEvent(() => {
    if (!is_held.current) return;
    is_held.current = false;
    act({ type: "lock_action", action_id: action.id, locked: false });
  });
  useEffect(() => () => release(), []);

  return {
    other,
    form: {
      onFocus: ({ target }) => {
        const is_typed = target.matches("input, textarea, select") && !target.matches("[readonly]");
        if (!is_typed || !may_edit || other !== null || (is_held.current && isOurs)) return;
        is_held.current = true;
        act({ type: "lock_action", action_id: action.id, locked: true });
      },
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) release();
      },
    },
  };
}
