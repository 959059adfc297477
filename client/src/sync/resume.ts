/** What may be done from outside: a teammate's paused Session, and one that somebody asks to take over. */

import type { Command } from "../protocol/protocol.gen";
import type { RefusedInput, Sync } from "./model";

/** Commands to a Session that may not be opened before they are accepted. */
type FromOutside = Extract<Command, { type: "resume" | "accept_transfer" | "decline_transfer" }>;

/** Goes on with a paused Session. Resolves once the server answered: null if it goes on, else why not. */
export function resumeSession(sync: Sync, session_id: string): Promise<RefusedInput["code"] | null> {
  return sendFromOutside(sync, session_id, { type: "resume" });
}

/** Resolves once the server answered: null if it was accepted, else why not. */
export function sendFromOutside(
  sync: Sync,
  session_id: string,
  command: FromOutside,
): Promise<RefusedInput["code"] | null> {
  const leave = sync.follow(session_id);
  const csn = sync.send(session_id, command);
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
