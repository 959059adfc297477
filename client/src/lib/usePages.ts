/** A long list over HTTP, page by page; while somebody types what they look for, asking waits until that rests. */

import { useEffect, useState } from "react";

/** A person types a word in this. */
const TYPING_MS = 200;

export interface Pages<T> {
  readonly phase: "loading" | "ready" | "failed";
  /** While another list is being asked for, those of the one before. */
  readonly lines: readonly T[];
  readonly has_more: boolean;
  readonly more_phase: "idle" | "loading" | "failed";
  readonly more: () => void;
  /** Asks anew for as many as are shown: something was changed, or the last try failed. */
  readonly again: () => void;
}

interface Page<T> {
  readonly lines: readonly T[];
  readonly next: string | null;
}

interface Held<T> extends Page<T> {
  readonly path: string;
}

const NOTHING = { path: "", lines: [], next: null };

export function usePages<T>(path: string): Pages<T> {
  const [held, setHeld] = useState<Held<T>>(NOTHING);
  const [failed, setFailed] = useState(false);
  const [more_phase, setMorePhase] = useState<Pages<T>["more_phase"]>("idle");
  const [tries, setTries] = useState(0);
  const is_here = held.path === path;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks again, for as many as were shown then
  useEffect(() => {
    const gone = new AbortController();
    const least = is_here ? held.lines.length : 0;
    const load = async (): Promise<void> => {
      const found = await askFor<T>(path, least, gone.signal);
      if (gone.signal.aborted) return;
      setFailed(found === null);
      setMorePhase("idle");
      if (found !== null) setHeld({ path, ...found });
    };
    const timer = setTimeout(() => void load(), held.path === "" || is_here ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [path, tries]);

  const more = async (): Promise<void> => {
    if (held.next === null) return;
    setMorePhase("loading");
    const found = await ask<T>(path, held.next);
    setMorePhase(found === null ? "failed" : "idle");
    if (found === null) return;
    setHeld((before) =>
      before === held ? { path, lines: [...held.lines, ...found.lines], next: found.next } : before,
    );
  };

  return {
    phase: failed ? "failed" : is_here ? "ready" : "loading",
    lines: held.lines,
    has_more: is_here && held.next !== null,
    more_phase,
    more: () => void more(),
    again: () => {
      setFailed(false);
      setTries(tries + 1);
    },
  };
}

/** As many pages as it takes to have so many lines; null if one did not come. */
async function askFor<T>(path: string, least: number, signal: AbortSignal): Promise<Page<T> | null> {
  let held = await ask<T>(path, null, signal);
  while (held !== null && held.next !== null && held.lines.length < least) {
    const { lines, next } = held;
    const found: Page<T> | null = await ask<T>(path, next, signal);
    held = found === null ? null : { lines: [...lines, ...found.lines], next: found.next };
  }
  return held;
}

/** Null if no good answer came. */
async function ask<T>(path: string, after: string | null, signal?: AbortSignal): Promise<Page<T> | null> {
  const onward = after === null ? "" : `${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}`;
  try {
    const answer = await fetch(`${path}${onward}`, {
      headers: { Accept: "application/json" },
      ...(signal && { signal }),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
