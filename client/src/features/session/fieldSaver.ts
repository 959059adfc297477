/**
 * When typed values leave: after a pause, on leaving the Field, and with the
 * page's other drafts, so that the log has them in the order of the screen.
 * Rule CM36.
 */

import type { FieldContent, Key } from "../../protocol/protocol.gen";

/** 300 ms: a pause in typing, shorter than the one between two words. */
const PAUSE_MS = 300;
/** Who types without a pause is saved all the same. */
const LONGEST_MS = 2_000;

export interface FieldSaver {
  /** Something was typed; it leaves after a pause. */
  readonly change: (key: Key, content: FieldContent) => void;
  /** Sends what waits of one Field. */
  readonly flush: (key: Key) => void;
}

interface Typed {
  readonly content: FieldContent;
  readonly since_ms: number;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly endDraft: () => void;
}

/** `keepDraft` is told what sends a value that waits, and returns what to call once it is sent. */
export function createFieldSaver(
  save: (key: Key, content: FieldContent) => void,
  keepDraft: (send: () => void) => () => void,
): FieldSaver {
  const waiting = new Map<Key, Typed>();

  const flush = (key: Key): void => {
    const typed = waiting.get(key);
    if (typed === undefined) return;
    clearTimeout(typed.timer);
    waiting.delete(key);
    save(key, typed.content);
    typed.endDraft();
  };

  const change = (key: Key, content: FieldContent): void => {
    const before = waiting.get(key);
    clearTimeout(before?.timer);
    const now_ms = Date.now();
    const { since_ms, endDraft } = before ?? { since_ms: now_ms, endDraft: keepDraft(() => flush(key)) };
    const timer = setTimeout(() => flush(key), Math.min(PAUSE_MS, since_ms + LONGEST_MS - now_ms));
    waiting.set(key, { content, since_ms, timer, endDraft });
  };

  return { change, flush };
}
