/**
 * The page's queue on this computer: written after each step, and what a page
 * that is gone left behind is taken over.
 *
 * What is written is in `keeping.ts`, where to in `storage.ts`. Rules CM37 to CM41.
 */

import { keptCommands, type Leftover } from "./keeping";
import { selectSettled } from "./selectors";
import type { Input, State } from "./state";
import { openStorage, type Storage } from "./storage";

const LOOK_AGAIN_MS = 2_000;

export interface Kept {
  /** Opens the storage and takes over what waits there, before anything is sent. */
  readonly open: () => Promise<void>;
  /** After each step of the machine. */
  readonly write: (state: State) => void;
  /** Removes all of it; nothing is kept from now on. */
  readonly forget: () => Promise<void>;
}

export function createKept(
  person_id: string,
  page_id: string,
  stateOf: () => State,
  dispatch: (input: Input) => void,
): Kept {
  let storage: Storage | null = null;
  let leftover: Leftover | null = null; // found, and ours as soon as nothing is pending here
  let gone: string | undefined; // its rows become this page's with the next write
  let isLooking = false;
  let isMoreLikely = false;

  const open = async (): Promise<void> => {
    storage = await openStorage(person_id, page_id);
    if (storage === null) return;
    dispatch({ type: "keeps" });
    storage.onOthers(look);
    await look();
  };

  const look = async (): Promise<void> => {
    if (storage === null || leftover !== null || isLooking) return;
    isLooking = true;
    const found = await storage.findLeftover().finally(() => {
      isLooking = false;
    });
    if (found === "later") {
      setTimeout(look, LOOK_AGAIN_MS);
      return;
    }
    leftover = found;
    isMoreLikely = found !== null;
    takeOver();
  };

  const takeOver = (): void => {
    if (leftover === null || !selectSettled(stateOf())) return;
    const found = leftover;
    leftover = null;
    gone = found.page_id;
    dispatch({ type: "take_over", leftover: found });
  };

  return {
    open,
    write: (state) => {
      if (storage === null) return;
      storage.keep(keptCommands(state), gone);
      gone = undefined;
      takeOver();
      if (!isMoreLikely || !selectSettled(state)) return;
      isMoreLikely = false;
      void look();
    },
    forget: async () => {
      const wiped = storage;
      storage = null;
      await wiped?.wipe();
    },
  };
}
