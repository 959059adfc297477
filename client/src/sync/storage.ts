/**
 * The queue on this computer: rows in IndexedDB, and which page may have them.
 *
 * Every page holds a Web Lock of its own name for as long as it lives. Who
 * gets the lock of another page knows that it is gone, and is the only one to
 * take over what it left. Without either of the two nothing is kept, and the
 * screen says so. Rules CM37 to CM41.
 */

import type { KeptCommand, Leftover } from "./keeping";

interface Row extends KeptCommand {
  readonly page_id: string;
  readonly person_id: string;
}

export interface Storage {
  /** Makes this page's rows these; those of `gone` become them. Writes at once, in the order of calls. */
  readonly keep: (commands: readonly KeptCommand[], gone?: string) => void;
  /**
   * What one page of this person that is gone left behind, nobody else's from now on. `later`: pages that are there
   * have something that is not saved, and may be gone the next moment.
   */
  readonly findLeftover: () => Promise<Leftover | "later" | null>;
  /** Another page of this computer began to keep something. */
  readonly onOthers: (listener: () => void) => void;
  /** Removes everything of this person, and keeps nothing from now on. */
  readonly wipe: () => Promise<void>;
}

const DATABASE = "sidecoach";
const ROWS = "commands";
const KEPT_MS = 14 * 86_400_000;

/** Null if this browser keeps nothing: a private window, no secure origin, storage switched off. */
export async function openStorage(person_id: string, page_id: string): Promise<Storage | null> {
  if (!("indexedDB" in globalThis) || navigator.locks === undefined) return null;
  try {
    const database = await openDatabase();
    await holdLock(page_id);
    return createStorage(database, person_id, page_id);
  } catch {
    return null; // the browser refuses: everything stays in memory, and the banner says it
  }
}

function createStorage(database: IDBDatabase, person_id: string, page_id: string): Storage {
  let written = new Map<number, KeptCommand>();
  let is_wiped = false;
  const others = new BroadcastChannel(DATABASE);

  const keep = (commands: readonly KeptCommand[], gone?: string): void => {
    if (is_wiped || (gone === undefined && isSame(written, commands))) return;
    const store = rowsOf(database, "readwrite");
    if (gone !== undefined) store.delete(rangeOf(gone));
    for (const csn of written.keys()) {
      if (!commands.some((each) => each.csn === csn)) store.delete([page_id, csn]);
    }
    for (const each of commands) {
      if (!isEqual(written.get(each.csn), each)) store.put({ ...each, page_id, person_id } satisfies Row);
    }
    store.transaction.commit(); // not at the end of this task: the page may be on its way out
    if (written.size === 0) others.postMessage(null);
    written = new Map(commands.map((each) => [each.csn, each]));
  };

  const findLeftover = async (): Promise<Leftover | "later" | null> => {
    const all = await done<Row[]>(rowsOf(database, "readonly").getAll());
    const pages = new Set(all.filter((row) => row.person_id === person_id).map((row) => row.page_id));
    pages.delete(page_id);
    let is_any_there = false;
    for (const each of pages) {
      if (!(await holdLock(each, { ifAvailable: true }))) {
        is_any_there = true;
        continue;
      }
      // It may have been settled between the look and the lock.
      const commands = await done<Row[]>(rowsOf(database, "readonly").getAll(rangeOf(each)));
      if (commands.length > 0) return { page_id: each, commands };
    }
    return is_any_there ? "later" : null;
  };

  const wipe = async (): Promise<void> => {
    is_wiped = true;
    const all = await done<Row[]>(rowsOf(database, "readonly").getAll());
    const store = rowsOf(database, "readwrite");
    for (const row of all) if (row.person_id === person_id) store.delete([row.page_id, row.csn]);
    await finished(store.transaction);
  };

  const onOthers = (listener: () => void): void => {
    others.onmessage = listener;
  };

  return { keep, findLeftover, onOthers, wipe };
}

function isSame(written: ReadonlyMap<number, KeptCommand>, commands: readonly KeptCommand[]): boolean {
  return written.size === commands.length && commands.every((each) => isEqual(written.get(each.csn), each));
}

/** A command never changes; what is withheld is another object each time, and says nothing. */
function isEqual(before: KeptCommand | undefined, after: KeptCommand): boolean {
  return (
    before !== undefined &&
    (before.command === after.command || (before.is_withheld && after.is_withheld)) &&
    before.client_id === after.client_id &&
    before.was_sent === after.was_sent &&
    before.last_csn === after.last_csn
  );
}

function rowsOf(database: IDBDatabase, mode: IDBTransactionMode): IDBObjectStore {
  return database.transaction(ROWS, mode, { durability: "relaxed" }).objectStore(ROWS);
}

function rangeOf(page_id: string): IDBKeyRange {
  return IDBKeyRange.bound([page_id, 0], [page_id, Number.MAX_SAFE_INTEGER]);
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: ["page_id", "csn"] });
  const database = await done(request);
  // Rows that nobody came back for.
  const store = rowsOf(database, "readwrite");
  const all = await done<Row[]>(store.getAll());
  for (const row of all) if (Date.now() - row.at_ms > KEPT_MS) store.delete([row.page_id, row.csn]);
  await finished(store.transaction);
  return database;
}

/** Holds the lock until this page is gone. Resolves with whether it is held. */
function holdLock(page_id: string, options: LockOptions = {}): Promise<boolean> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`sidecoach.page.${page_id}`, options, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<never>(() => {});
      })
      .catch(reject);
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
