/** Loads a replay page by page, and what is new of a live Session. Its border: HTTP. Rules RP2, RP3 and RP6. */

import type { ReplayPage, Seq, SessionId } from "../../protocol/protocol.gen";
import type { Guide } from "./live";
import { grow, type Replay } from "./replay";

const RETRY_MS = 2_000;

/** The page, or the status of an answer that is none; null if no answer came. */
type Asked = ReplayPage | number | null;

interface Loaded {
  readonly replay: Replay | null;
  /** All of it is here, as far as is known. */
  readonly is_whole: boolean;
  /** Status of the answer that was none; it is not asked again. */
  readonly refused: number | null;
}

export interface ReplayLoader {
  readonly get: () => Loaded;
  readonly subscribe: (listener: () => void) => () => void;
  /** The log is this long now. */
  readonly want: (seq: Seq) => void;
  /** Until the function that this returns is called. */
  readonly start: () => () => void;
}

export function createReplayLoader(session_id: SessionId, guide: Guide, ask = askPage): ReplayLoader {
  let loaded: Loaded = { replay: null, is_whole: false, refused: null };
  let wanted: Seq = 0;
  let is_asking = false;
  let is_stopped = true;
  const listeners = new Set<() => void>();

  const show = (next: Loaded): void => {
    loaded = next;
    for (const listener of listeners) listener();
  };

  const load = async (): Promise<void> => {
    if (is_asking || is_stopped) return;
    is_asking = true;
    const answer = await ask(session_id, held(loaded));
    is_asking = false;
    if (is_stopped) return;
    if (answer === null || (typeof answer === "number" && answer >= 500)) {
      setTimeout(() => void load(), RETRY_MS);
    } else if (typeof answer === "number") {
      show({ replay: null, is_whole: false, refused: answer });
    } else {
      // What does not fit was erased, or is told to somebody else now: nothing of it stays on screen.
      const before = held(loaded);
      const replay = grow(loaded.replay, answer, guide);
      show({ replay, is_whole: replay !== null && replay.seq >= answer.last_seq, refused: null });
      const seq = held(loaded);
      if (seq < answer.last_seq || (seq < wanted && seq > before)) void load();
    }
  };

  return {
    get: () => loaded,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    want: (seq) => {
      // Less than before: the server has another history.
      if (seq < wanted) show({ replay: null, is_whole: false, refused: null });
      wanted = seq;
      if (loaded.refused === null && held(loaded) < seq) void load();
    },
    start: () => {
      is_stopped = false;
      if (held(loaded) < wanted) void load();
      return () => {
        is_stopped = true;
      };
    },
  };
}

function held({ replay }: Loaded): Seq {
  return replay?.seq ?? 0;
}

async function askPage(session_id: SessionId, from_seq: Seq): Promise<Asked> {
  try {
    const answer = await fetch(`/api/sessions/${session_id}/replay?from_seq=${from_seq}`);
    return answer.ok ? ((await answer.json()) as ReplayPage) : answer.status;
  } catch {
    return null;
  }
}
