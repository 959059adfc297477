import { formatElapsed, useNow } from "../lib/time";

/** Time since a moment of the server's clock, ticking; standing still if `until_ms` is given. */
export function Elapsed({
  since_ms,
  until_ms = null,
  offset_ms,
}: {
  since_ms: number;
  until_ms?: number | null;
  offset_ms: number;
}) {
  const now_ms = useNow() + offset_ms;
  return <span className="tabular">{formatElapsed((until_ms ?? now_ms) - since_ms)}</span>;
}
