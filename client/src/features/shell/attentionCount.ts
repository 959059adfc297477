import { useEffect } from "react";
import { askAgain, useFetched } from "../../lib/http";
import type { AttentionCount } from "../../protocol/protocol.gen";

const PATH = "/api/attention/count";
const ASK_EVERY_MS = 30_000;
/** Of a number beside a word nobody reads more. */
const SHOWN_AT_MOST = 99;

/** How many Actions need attention, in a few signs; nothing if none does, or nobody knows. */
export function useAttentionCount(): string {
  const fetched = useFetched<AttentionCount>(PATH);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) askAgain(PATH);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return fetched.phase === "ready" ? countSigns(fetched.value.count) : "";
}

export function countSigns(count: number): string {
  return count === 0 ? "" : count > SHOWN_AT_MOST ? `${SHOWN_AT_MOST}+` : String(count);
}
