/** The list over HTTP, page by page and asked for anew every few seconds; and what is done about many at once. */

import { useEffect, useRef, useState } from "react";
import { askAgain, send } from "../../lib/http";
import type {
  AttentionAct,
  AttentionChoices,
  AttentionItem,
  AttentionLine,
  AttentionLines,
  AttentionOrder,
  AttentionResult,
  AttentionResults,
} from "../../protocol/protocol.gen";

const COUNT_PATH = "/api/attention/count";
/** A person types a word in this. */
const TYPING_MS = 200;
const ASK_EVERY_MS = 15_000;
/** The list is a moment behind what was done. */
const LIST_FOLLOWS_MS = 1_000;
const PAGE = 100;
/** Who has scrolled past this many lines is not thrown back by a refresh. */
const REFRESH_AT_MOST = 200;
/** The server takes no more at once. */
const ACT_ON_AT_ONCE = 200;

export interface Done {
  readonly act: AttentionAct;
  readonly done: number;
  readonly refused: readonly { readonly line: AttentionLine; readonly code: NonNullable<AttentionResult["code"]> }[];
  /** What to do about an answer that did not come, or was a no to all; then some were perhaps not tried. */
  readonly expected: string | null;
}

/** What is to be done; the Actions apart. */
export type Order = Omit<AttentionOrder, "items">;

interface Attention {
  readonly phase: "loading" | "ready" | "failed";
  readonly lines: readonly AttentionLine[];
  readonly count: number;
  readonly at_most: number;
  readonly choices: AttentionChoices;
  readonly has_more: boolean;
  /** What is shown is of a moment ago: the last try brought nothing. */
  readonly is_stale: boolean;
  readonly more: () => void;
  readonly retry: () => void;
  /** What was done leaves the list. */
  readonly act: (order: Order, lines: readonly AttentionLine[]) => Promise<Done>;
}

interface Held {
  readonly query: string;
  readonly lines: readonly AttentionLine[];
  readonly next: string | null;
  readonly count: number;
  readonly at_most: number;
  readonly choices: AttentionChoices;
}

const NO_CHOICES: AttentionChoices = { connections: [], integrations: [] };
const NOTHING: Held = { query: "", lines: [], next: null, count: 0, at_most: 0, choices: NO_CHOICES };

export function idOf({ session_id, action_id }: AttentionItem): string {
  return `${session_id} ${action_id}`;
}

export function useAttention(query: string): Attention {
  const [held, setHeld] = useState(NOTHING);
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const now = useRef(held);
  now.current = held;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each try asks again
  useEffect(() => {
    const gone = new AbortController();
    const held = now.current;
    const limit = held.query === query ? Math.max(PAGE, Math.min(held.lines.length, REFRESH_AT_MOST)) : PAGE;
    const load = async (): Promise<void> => {
      const found = await ask(query, limit, null, gone.signal);
      if (gone.signal.aborted) return;
      setFailed(found === null);
      if (found === null) return;
      const { lines, next, count, at_most, choices } = found;
      setHeld({ query, lines, next, count: count ?? lines.length, at_most, choices: choices ?? NO_CHOICES });
    };
    const timer = setTimeout(() => void load(), held.query === "" || held.query === query ? 0 : TYPING_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [query, tries]);

  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && now.current.lines.length <= REFRESH_AT_MOST) setTries((before) => before + 1);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  const act = async (order: Order, lines: readonly AttentionLine[]): Promise<Done> => {
    const { results, expected } = await actOn(order, lines);
    const settled = new Set(results.filter(({ code }) => code === null).map(idOf));
    setHeld((before) => ({
      ...before,
      lines: before.lines.filter((line) => !settled.has(idOf(line))),
      count: Math.max(0, before.count - settled.size),
    }));
    setTimeout(() => {
      // A long list is left as it stands, like by the refresh.
      if (now.current.lines.length <= REFRESH_AT_MOST) setTries((before) => before + 1);
      askAgain(COUNT_PATH);
    }, LIST_FOLLOWS_MS);
    const by_id = new Map(lines.map((line) => [idOf(line), line]));
    const refused = results.flatMap((result) => {
      const line = by_id.get(idOf(result));
      return result.code === null || line === undefined ? [] : [{ line, code: result.code }];
    });
    return { act: order.act, done: settled.size, refused, expected };
  };

  const is_here = held.query === query;
  return {
    phase: is_here ? "ready" : failed ? "failed" : "loading",
    lines: is_here ? held.lines : [],
    count: held.count,
    at_most: held.at_most,
    choices: held.choices,
    has_more: is_here && held.next !== null,
    is_stale: is_here && failed,
    more: () => {
      void ask(query, PAGE, held.next).then((found) => {
        setFailed(found === null);
        if (found === null) return;
        setHeld((before) =>
          before.next === held.next && before.query === query
            ? { ...before, lines: [...before.lines, ...found.lines], next: found.next }
            : before,
        );
      });
    },
    retry: () => {
      setFailed(false);
      setTries(tries + 1);
    },
    act,
  };
}

/** In as many requests as it takes; the first that is not answered well is the last. */
async function actOn(
  order: Order,
  lines: readonly AttentionLine[],
): Promise<{ results: readonly AttentionResult[]; expected: string | null }> {
  const results: AttentionResult[] = [];
  for (let start = 0; start < lines.length; start += ACT_ON_AT_ONCE) {
    const meant = lines.slice(start, start + ACT_ON_AT_ONCE);
    const items = meant.map(({ session_id, action_id }) => ({ session_id, action_id }));
    const answer = await send<AttentionResults>("POST", "/api/attention/act", { ...order, items });
    if (!answer.is_done) return { results, expected: answer.expected };
    results.push(...answer.value.results);
  }
  return { results, expected: null };
}

/** Null if no good answer came. */
async function ask(
  query: string,
  limit: number,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<AttentionLines | null> {
  const path = `${query}${query.includes("?") ? "&" : "?"}limit=${limit}${cursor === null ? "" : `&cursor=${cursor}`}`;
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, ...(signal && { signal }) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
