import { useEffect, useReducer, useRef, useState } from "react";
import { useNow } from "../../lib/time";
import { hold, type Keyed, release, type Steady } from "./steady";

/** A finger or a pointer that left comes back within this, if it only went around something. */
const LET_GO_MS = 1_000;

export interface SteadyRows<T> extends Steady<T> {
  /** Of whatever the rows stand in: pointer and focus within it hold them. */
  readonly handlers: {
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onBlur: () => void;
  };
  /** Brings rows up to date that are held. */
  readonly update: () => void;
}

/** Rows that stand still while they are in somebody's hands, and are put in order once a second otherwise. */
export function useSteady<T extends Keyed>(fresh: readonly T[], asked: string): SteadyRows<T> {
  const [hands, setHands] = useState({ pointer: false, focus: false });
  const [, again] = useReducer((count: number) => count + 1, 0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const now_ms = useNow();
  const shown = useRef<{ steady: Steady<T>; asked: string; at_ms: number } | null>(null);

  const before = shown.current;
  const is_held = hands.pointer || hands.focus;
  const is_free = before === null || before.asked !== asked || before.steady.rows.length === 0;
  const is_due = !is_held && before?.at_ms !== now_ms;
  const steady = is_free || is_due ? release(fresh) : hold(before.steady.rows, fresh);
  shown.current = { steady, asked, at_ms: is_free || is_due ? now_ms : before.at_ms };

  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    rows: steady.rows,
    waiting: is_held ? steady.waiting : 0,
    handlers: {
      onPointerEnter: () => {
        clearTimeout(timer.current);
        setHands((held) => ({ ...held, pointer: true }));
      },
      onPointerLeave: () => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setHands((held) => ({ ...held, pointer: false })), LET_GO_MS);
      },
      onFocus: () => setHands((held) => ({ ...held, focus: true })),
      onBlur: () => setHands((held) => ({ ...held, focus: false })),
    },
    update: () => {
      shown.current = null;
      again();
    },
  };
}
