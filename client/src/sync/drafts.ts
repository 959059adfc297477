/**
 * Drafts: what was typed and is no command yet, since a pause in typing is waited for.
 *
 * Whoever waits keeps a draft and says how to send it at once. So *Saved* is
 * not shown too early, and nothing stays behind when the page is left. Rules CM36 and DL27.
 */

export interface Drafts {
  /** Something of this Session waits; `send` makes a command of it. Returns what to call once that is done. */
  readonly keep: (session_id: string, send: () => void) => () => void;
  readonly has: (session_id: string) => boolean;
  /** Sends all of them, in the order in which they were begun. */
  readonly sendAll: () => void;
}

/** Tells `changed` when a draft begins or ends. */
export function createDrafts(changed: () => void): Drafts {
  const drafts = new Set<{ readonly session_id: string; readonly send: () => void }>();
  return {
    keep: (session_id, send) => {
      const draft = { session_id, send };
      drafts.add(draft);
      changed();
      return () => {
        if (drafts.delete(draft)) changed();
      };
    },
    has: (session_id) => [...drafts].some((draft) => draft.session_id === session_id),
    sendAll: () => {
      for (const draft of [...drafts]) draft.send();
    },
  };
}
