/**
 * The shared Session in the browser: everything a feature may use.
 *
 *   machine.ts   pure reducer (state, input) → (state, effects); its parts: connection, queue, session, live
 *   predict.ts   pending commands on top of the confirmed view
 *   apply.ts     ops on the confirmed view
 *   socket.ts    the WebSocket, and nothing but it
 *   store.ts     clock, randomness, socket and machine put together; hooks.tsx shows it to React
 *   kept.ts      the queue on this computer; keeping.ts: its rows; storage.ts: IndexedDB and Web Locks
 *   drafts.ts    what is typed and no command yet
 *   notes.ts     Yjs document bound to a Session's Notes
 *
 * Rules: protocol/SPEC.md, CN, CM and DL.
 */

export { apply } from "./apply";
export {
  SyncProvider,
  useAlerts,
  useConnection,
  useLiveSessions,
  useNotes,
  useRefusedElsewhere,
  useSend,
  useSession,
  useSync,
  useUnsaved,
} from "./hooks";
export type { CommandInput, RefusedInput, SessionModel, Sync } from "./model";
export { createNotesReader, insertedText, type NotesReader } from "./notes";
export { resumeSession, sendFromOutside } from "./resume";
export { createSync } from "./store";
