/** Going on with a paused Session from a list: one's own, or a teammate's that may not be opened before. */

import type { RefusedInput, Sync } from "./model";

/** Resolves once the server answered: null if it goes on, else why not. */
export function resumeSession(sync: Sync, session_id: string): Promise<RefusedInput["code"] | null> {
  const leave = sync.follow(session_id);
  const csn = sync.send(session_id, { type: "resume" });
  return new Promise((resolve) => {
    const look = (): void => {
      const model = sync.session(session_id);
      const refusal = model.refusals.find(({ id }) => id === csn);
      if (refusal === undefined && model.pending_count > 0) return;
      stop();
      leave();
      if (refusal !== undefined) model.dismissRefusal(csn);
      resolve(refusal?.code ?? null);
    };
    const stop = sync.subscribe(look);
    look();
  });
}
