/** A Connection's delivery log over HTTP, page by page; searching waits until the typing rests. */

import { useEffect, useState } from "react";
import type { Deliveries, Delivery } from "../../protocol/protocol.gen";

const TYPING_MS = 200;

export interface DeliveryLog {
  readonly phase: "loading" | "ready" | "failed";
  readonly deliveries: readonly Delivery[];
  readonly has_more: boolean;
  readonly more: () => void;
  readonly again: () => void;
}

interface Held {
  readonly path: string;
  readonly deliveries: readonly Delivery[];
  readonly next: string | null;
}

export function useDeliveries(connection_id: string, search: string): DeliveryLog {
  const path = `/api/connections/${connection_id}/deliveries?search=${encodeURIComponent(search)}`;
  const [held, setHeld] = useState<Held>({ path: "", deliveries: [], next: null });
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks again
  useEffect(() => {
    const gone = new AbortController();
    const load = async (): Promise<void> => {
      const found = await ask(path, gone.signal);
      if (gone.signal.aborted) return;
      setFailed(found === null);
      if (found !== null) setHeld({ path, deliveries: found.deliveries, next: found.next });
    };
    const timer = setTimeout(() => void load(), search === "" ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [path, tries]);

  const more = async (): Promise<void> => {
    const found = await ask(`${path}&after=${held.next}`);
    setFailed(found === null);
    if (found === null) return;
    setHeld((before) =>
      before === held ? { path, deliveries: [...held.deliveries, ...found.deliveries], next: found.next } : before,
    );
  };

  return {
    phase: failed ? "failed" : held.path === path ? "ready" : "loading",
    deliveries: held.deliveries,
    has_more: held.path === path && held.next !== null,
    more: () => void more(),
    again: () => {
      setFailed(false);
      setTries(tries + 1);
    },
  };
}

/** Null if no good answer came. */
async function ask(path: string, signal?: AbortSignal): Promise<Deliveries | null> {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, ...(signal && { signal }) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
