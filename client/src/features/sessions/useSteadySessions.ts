import { useEffect, useState } from "react";
import type { LiveSession } from "../../protocol/protocol.gen";
import { nextRows, type Row } from "./steady";

/** 2 s: long enough to read a row and click it, short enough to miss nothing. */
const HOLD_MS = 2_000;

/** Rows that stand still from each call of `hold` until it was quiet for a moment. */
export function useSteadySessions(sessions: readonly LiveSession[]): { rows: readonly Row[]; hold: () => void } {
  const [held, setHeld] = useState<{ rows: readonly Row[]; at_ms: number } | null>(null);
  const rows = nextRows(held?.rows ?? [], sessions, held !== null);

  useEffect(() => {
    if (held === null) return;
    const timer = setTimeout(() => setHeld(null), HOLD_MS);
    return () => clearTimeout(timer);
  }, [held]);

  const hold = (): void => {
    const now_ms = Date.now();
    // 300 ms: a moving pointer speaks up a hundred times a second; one answer in a while is enough.
    if (held === null || now_ms - held.at_ms > 300) setHeld({ rows, at_ms: now_ms });
  };
  return { rows, hold };
}
