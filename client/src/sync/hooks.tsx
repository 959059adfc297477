/** The page's Sync in React: a context and a hook for each thing that a screen sees. */

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { persistently } from "../lib/persistently";
import type { Alerts, CommandInput, Connection, LiveSessions, SessionModel, Sync, Unsaved } from "./model";
import { type BoundNotes, bindNotes } from "./notes";

const SyncContext = createContext<Sync | null>(null);

/** Puts the page's Sync within reach of the hooks below. */
export function SyncProvider({ sync, children }: { sync: Sync; children: ReactNode }) {
  return <SyncContext value={sync}>{children}</SyncContext>;
}

/** The page's Sync, for `startSession`, `sendDoing`, `provideVersion`. */
export function useSync(): Sync {
  const sync = useContext(SyncContext);
  if (sync === null) throw new Error("no SyncProvider above this component");
  return sync;
}

export function useConnection(): Connection {
  const sync = useSync();
  return useSyncExternalStore(sync.subscribe, sync.connection);
}

/** What of this page is not stored yet. */
export function useUnsaved(): Unsaved {
  const sync = useSync();
  return useSyncExternalStore(sync.subscribe, sync.unsaved);
}

/** Sessions that are not on screen and hold inputs that were not accepted. */
export function useRefusedElsewhere(): readonly string[] {
  const sync = useSync();
  return useSyncExternalStore(sync.subscribe, sync.refusedElsewhere);
}

/** Follows a Session while mounted; leaves it 5 s after the last component that used it is gone. */
export function useSession(session_id: string): SessionModel {
  const sync = useSync();
  const subscribe = useCallback(
    (listener: () => void) => all(sync.subscribe(listener), sync.follow(session_id)),
    [sync, session_id],
  );
  return useSyncExternalStore(subscribe, () => sync.session(session_id));
}

/**
 * Sends commands of a Session; stable identity. Returns the csn, which names the input if it is refused
 * (`RefusedInput.id`). A `set_field` of a Field replaces one that has not left yet.
 */
export function useSend(session_id: string): (command: CommandInput) => number {
  const sync = useSync();
  return useCallback((command) => sync.send(session_id, command), [sync, session_id]);
}

/** Follows the list of live Sessions while mounted. */
export function useLiveSessions(): LiveSessions {
  const sync = useSync();
  const subscribe = useCallback(
    (listener: () => void) => all(sync.subscribe(listener), sync.followLiveSessions()),
    [sync],
  );
  return useSyncExternalStore(subscribe, sync.liveSessions);
}

/** Open alerts, as the last list told them; the menu of whoever is told follows it. */
export function useAlerts(): Alerts {
  const sync = useSync();
  return useSyncExternalStore(sync.subscribe, sync.alerts);
}

/**
 * The Notes as a Yjs document bound to the Session, its text at the root `notes`; null while Yjs loads or
 * before the first view. Bind an editor to it; never write text of the view into it.
 */
export function useNotes(session_id: string): Pick<BoundNotes, "doc" | "text"> | null {
  const sync = useSync();
  const isHere = useSession(session_id).view !== null;
  const [bound, setBound] = useState<BoundNotes | null>(null);
  useEffect(() => {
    if (!isHere) return;
    return whenLoaded((Y) => {
      const notes = bindNotes(Y, sync, session_id);
      setBound(notes);
      return () => {
        notes.release();
        setBound(null);
      };
    });
  }, [sync, session_id, isHere]);
  return useMemo(() => bound && { doc: bound.doc, text: bound.text }, [bound]);
}

/** Loads Yjs apart from the first load. Returns how to undo `use`. */
function whenLoaded(use: (Y: typeof import("yjs")) => () => void): () => void {
  let undo = () => {};
  let isWanted = true;
  void persistently(() => import("yjs")).then((Y) => {
    if (isWanted) undo = use(Y);
  });
  return () => {
    isWanted = false;
    undo();
  };
}

function all(...undo: (() => void)[]): () => void {
  return () => {
    for (const each of undo) each();
  };
}
