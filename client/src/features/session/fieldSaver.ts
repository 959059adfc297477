/**
 * When typed values leave: after a pause, on leaving the Field, and before
 * any other command, so that the log has them in the order of the screen.
 */

import type { FieldContent, Key } from "../../protocol/protocol.gen";

/** 300 ms: a pause in typing, shorter than the one between two words. */
const PAUSE_MS = 300;

export interface FieldSaver {
  /** Something was typed; it leaves after a pause. */
  readonly change: (key: Key, content: FieldContent) => void;
  /** Sends what waits: of one Field, or of all. */
  readonly flush: (key?: Key) => void;
}

export function createFieldSaver(save: (key: Key, content: FieldContent) => void): FieldSaver {
  const waiting = new Map<Key, { content: FieldContent; timer: ReturnType<typeof setTimeout> }>();

  const send = (key: Key): void => {
    const typed = waiting.get(key);
    if (typed === undefined) return;
    clearTimeout(typed.timer);
    waiting.delete(key);
    save(key, typed.content);
  };

  return {
    change: (key, content) => {
      clearTimeout(waiting.get(key)?.timer);
      waiting.set(key, { content, timer: setTimeout(() => send(key), PAUSE_MS) });
    },
    flush: (key) => {
      if (key !== undefined) send(key);
      else for (const each of [...waiting.keys()]) send(each);
    },
  };
}
