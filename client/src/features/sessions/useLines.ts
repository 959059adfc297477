/** The lines of a list over HTTP, page by page, asked for anew when something may have changed. */

import { useEffect, useRef, useState } from "react";
import type { SessionCounts, SessionLine, SessionLines } from "../../protocol/protocol.gen";

/** A person types a word in this. */
const TYPING_MS = 200;
/** The server's lists are a moment behind the push that tells of a change: it is acted on at the look after. */
const LOOK_EVERY_MS = 1_000;
/** On a busy floor something happens all the time. */
const ASK_EVERY_MS = 3_000;
/** Teammates' Sessions are not pushed to an agent. */
const ANYWAY_MS = 15_000;
const PAGE = 50;
/** Who has scrolled past this many lines is not thrown back by a refresh. */
const REFRESH_AT_MOST = 200;

export interface Lines {
  readonly phase: "loading" | "ready" | "failed";
  readonly lines: readonly SessionLine[];
  readonly counts: SessionCounts | null;
  readonly has_more: boolean;
  /** What is shown is of a moment ago: the last try brought nothing. */
  readonly is_stale: boolean;
  readonly more: () => void;
  readonly retry: () => void;
}

interface Held {
  readonly query: string;
  readonly lines: readonly SessionLine[];
  readonly counts: SessionCounts | null;
  readonly next: string | null;
}

const NOTHING: Held = { query: "", lines: [], counts: null, next: null };

/** `news` is another thing each time that something happened to open Sessions. */
export function useLines(query: string, news: unknown): Lines {
  const [held, setHeld] = useState(NOTHING);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const now = useRef({ held, news });
  now.current = { held, news };

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks again
  useEffect(() => {
    const gone = new AbortController();
    const { held } = now.current;
    const limit = held.query === query ? Math.max(PAGE, Math.min(held.lines.length, REFRESH_AT_MOST)) : PAGE;
    const load = async (): Promise<void> => {
      const found = await ask(`${query}&limit=${limit}`, gone.signal);
      if (gone.signal.aborted) return;
      setFailed(found === null);
      if (found !== null) setHeld({ query, lines: found.lines, counts: found.counts, next: found.next });
    };
    const timer = setTimeout(() => void load(), held.query === "" || held.query === query ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [query, tries]);

  useEffect(() => {
    let asked = { news: now.current.news, at_ms: Date.now() };
    let last = asked.news;
    const timer = setInterval(() => {
      const { held, news } = now.current;
      const settled = last;
      last = news;
      if (document.hidden || held.lines.length > REFRESH_AT_MOST) return;
      const since_ms = Date.now() - asked.at_ms;
      if (since_ms < (settled === asked.news ? ANYWAY_MS : ASK_EVERY_MS)) return;
      asked = { news: settled, at_ms: Date.now() };
      setTries((before) => before + 1);
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  const is_here = held.query === query;
  return {
    phase: is_here ? "ready" : failed ? "failed" : "loading",
    lines: is_here ? held.lines : [],
    counts: held.counts,
    has_more: is_here && held.next !== null,
    is_stale: is_here && failed,
    more: () => {
      void ask(`${query}&limit=${PAGE}&cursor=${held.next}`).then((found) => {
        setFailed(found === null);
        if (found === null) return;
        setHeld((before) =>
          before === held ? { ...held, lines: [...held.lines, ...found.lines], next: found.next } : before,
        );
      });
    },
    retry: () => {
      setFailed(false);
      setTries(tries + 1);
    },
  };
}

/** Null if no good answer came. */
async function ask(path: string, signal?: AbortSignal): Promise<SessionLines | null> {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, ...(signal && { signal }) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
