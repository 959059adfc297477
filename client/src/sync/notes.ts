/**
 * The Notes of a Session as a Yjs document that an editor can be bound to.
 *
 * Two documents: `confirmed` holds what the server stored, `doc` that and
 * what the person typed. Neither is ever made from text. One edit is under way
 * at a time, since a later one builds on it; what is typed meanwhile is merged.
 * What has to leave at once all the same is sent whole: all that is not confirmed.
 * When an edit was refused or the server has another history, the difference
 * between the two documents is what is not saved. Rules CM32 to CM36.
 */

import type * as Yjs from "yjs";
import type { ConfirmedNotes, Sync } from "./model";

export const BATCH_MS = 300;
const CONFIRMED = Symbol("confirmed");

export interface BoundNotes {
  readonly doc: Yjs.Doc;
  readonly text: Yjs.Text;
  /** Sends what is not sent yet, and lets go of the document. */
  readonly release: () => void;
}

/** Binds a new document to a Session whose view is here. */
export function bindNotes(Y: typeof Yjs, sync: Sync, session_id: string): BoundNotes {
  const doc = new Y.Doc();
  let confirmed = new Y.Doc();
  let taken = new WeakSet<object>();
  let seen: object | null = null;
  let history = sync.notes(session_id)?.history ?? 0;
  let refused = lastRefused(sync, session_id);
  /** Typed since the last edit was sent. */
  let unsent: Uint8Array[] = [];
  /** What is not saved is more than `unsent`. */
  let isDiverged = false;
  /** While something is to be sent: ends its draft. */
  let endDraft: (() => void) | null = null;
  let isUnderWay = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const keepDraft = () => {
    endDraft ??= sync.keepDraft(session_id, send);
  };

  const schedule = () => {
    if (endDraft !== null && !isUnderWay) timer ??= setTimeout(send, BATCH_MS);
  };

  const send = () => {
    clearTimeout(timer);
    timer = undefined;
    if (endDraft === null) return;
    const end = endDraft;
    const isWhole = isDiverged || isUnderWay;
    const update = isWhole ? Y.encodeStateAsUpdate(doc, Y.encodeStateVector(confirmed)) : Y.mergeUpdates(unsent);
    unsent = [];
    isDiverged = false;
    endDraft = null;
    sync.send(session_id, { type: "edit_notes", update: toBase64(update) });
    end();
  };

  const take = () => {
    const notes = sync.notes(session_id);
    if (notes === null) return;
    const isOther = notes.history !== history;
    if (isOther) {
      history = notes.history;
      confirmed.destroy();
      confirmed = new Y.Doc();
      taken = new WeakSet();
    }
    for (const record of notes.updates === seen ? [] : Object.values(notes.updates)) {
      if (taken.has(record)) continue;
      taken.add(record);
      const update = fromBase64(record.update);
      Y.applyUpdate(confirmed, update);
      Y.applyUpdate(doc, update, CONFIRMED);
    }
    seen = notes.updates;
    if (isOther && !Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(confirmed))) {
      isDiverged = true;
      keepDraft();
    }
    const refusedNow = lastRefused(sync, session_id);
    if (refusedNow > refused) {
      // Sent again with what is typed next, not by itself: it would be refused for ever.
      refused = refusedNow;
      isDiverged = true;
    }
    isUnderWay = notes.is_pending;
    schedule();
  };

  // An edit that an earlier document of this page sent may be under way still.
  for (const { update } of Object.values(sync.session(session_id).view?.notes_updates ?? {})) {
    Y.applyUpdate(doc, fromBase64(update), CONFIRMED);
  }
  take();
  const unsubscribe = sync.subscribe(take);
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === CONFIRMED) return;
    unsent.push(update);
    keepDraft();
    schedule();
  });

  return {
    doc,
    text: doc.getText("notes"),
    release: () => {
      unsubscribe();
      send();
      doc.destroy();
      confirmed.destroy();
    },
  };
}

/** Csn of the last edit of the Notes that was refused; 0 if none is known. */
function lastRefused(sync: Sync, session_id: string): number {
  const { refusals } = sync.session(session_id);
  return Math.max(0, ...refusals.filter(({ command }) => command.type === "edit_notes").map(({ id }) => id));
}

export interface NotesReader {
  /** What these updates, all of a document's, read like. Quick if they are those of before and some more. */
  readonly read: (updates: ConfirmedNotes["updates"]) => string;
}

/** Reads Notes that nobody writes into. */
export function createNotesReader(Y: typeof Yjs): NotesReader {
  let doc = new Y.Doc();
  let taken: readonly object[] = [];
  return {
    read: (updates) => {
      const records = Object.values(updates);
      if (taken.some((record, place) => record !== records[place])) {
        doc.destroy();
        doc = new Y.Doc();
        taken = [];
      }
      doc.transact(() => {
        for (const { update } of records.slice(taken.length)) Y.applyUpdate(doc, fromBase64(update));
      });
      taken = records;
      return doc.getText("notes").toString();
    },
  };
}

/** The words that an edit of the Notes puts in, in the order in which they were written. */
export function insertedText(Y: typeof Yjs, update: string): string {
  return Y.decodeUpdate(fromBase64(update))
    .structs.map((struct) =>
      struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : "",
    )
    .join("");
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
