/**
 * The shell around the machine: clock, randomness, socket and one timer.
 *
 * What is pending is kept on this computer as well (`kept.ts`); all else is
 * in memory. What React sees of it is in `hooks.tsx`. Rules CN25 to CN27 and CM36 to CM40.
 */

import { createDrafts } from "./drafts";
import { createKept } from "./kept";
import { step, wakeAt } from "./machine";
import type { CommandInput, SessionModel, SwitchTo, Sync, SyncOptions } from "./model";
import { csnFor } from "./queue";
import {
  selectConnection,
  selectLiveSessions,
  selectNotes,
  selectRefusedElsewhere,
  selectSession,
  selectSettled,
  selectUnsaved,
  UNKNOWN_YET,
} from "./selectors";
import { createLine } from "./socket";
import { createState, type Effect, type Input, type SessionState, type State } from "./state";

const ACT_ON_MS = 10_000;
const SAVE_ALL_MS = 2_000; // Who signs out waits no longer than this for a server that does not answer.

/** One per page. Nothing happens before `sync.start()`. */
export function createSync({ url = ownUrl(), build = "0", person_id }: SyncOptions = {}): Sync {
  let state = createState(drawId(), build);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStepping = false;
  const inputs: Input[] = [];
  const listeners = new Set<() => void>();
  const line = createLine(url, dispatch);
  const drafts = createDrafts(tellAll);
  const kept = person_id === undefined ? null : createKept(person_id, drawId(), () => state, dispatch);
  let opened: Promise<void> | null = null;
  let isWanted = false;

  function dispatch(input: Input): void {
    inputs.push(input);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
        const [stepped, effects] = step(state, next, { now_ms: Date.now(), random: Math.random() });
        state = stepped;
        effects.forEach(carryOut);
      }
    } finally {
      isStepping = false;
      setTimer();
    }
    kept?.write(state);
    tellAll();
  }

  function tellAll(): void {
    for (const listener of [...listeners]) listener();
  }

  function carryOut(effect: Effect): void {
    switch (effect.type) {
      case "open":
        line.open(effect.generation);
        break;
      case "close":
        line.close();
        break;
      case "send":
        line.send(effect.frame);
        break;
      case "draw_client":
        dispatch({ type: "client_drawn", client_id: drawId() });
    }
  }

  function setTimer(): void {
    clearTimeout(timer);
    const wake_ms = wakeAt(state);
    if (wake_ms !== null) timer = setTimeout(tick, Math.max(0, wake_ms - Date.now()));
  }

  function tick(): void {
    dispatch({ type: "tick" });
  }

  /** Hidden, a page may be gone the next moment; shown again, its timers are late. */
  function showOrHide(): void {
    if (document.visibilityState === "hidden") {
      drafts.sendAll();
      tick();
    } else {
      wake();
    }
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function saveAll(): Promise<void> {
    drafts.sendAll();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(limit);
        unsubscribe();
        resolve();
      };
      const endIfSettled = () => {
        if (selectSettled(state)) end();
      };
      const limit = setTimeout(end, SAVE_ALL_MS);
      const unsubscribe = subscribe(endIfSettled);
      endIfSettled();
    });
  }

  function switchWorkflow(session_id: string, to: SwitchTo): Promise<string | null> {
    const to_session_id = drawId();
    const start = { type: "start_session", ...to, switched_from: session_id } as const;
    drafts.sendAll();
    const csn = csnFor(state, to_session_id, start);
    dispatch({ type: "send", session_id: to_session_id, command: start });
    return new Promise((resolve) => {
      const look = () => {
        const started = state.sessions[to_session_id];
        if (started?.pending.some((each) => each.csn === csn)) return;
        unsubscribe();
        const is_refused = started === undefined || started.refusals.some(({ id }) => id === csn);
        if (is_refused) {
          dispatch({ type: "dismiss_refusal", session_id: to_session_id, id: csn });
          return resolve(null);
        }
        dispatch({ type: "send", session_id, command: { type: "switch", to_session_id } });
        resolve(to_session_id);
      };
      const unsubscribe = subscribe(look);
      look();
    });
  }

  function actOn(session_id: string, command: CommandInput): Promise<boolean> {
    dispatch({ type: "follow", session_id });
    return new Promise((resolve) => {
      let csn: number | null = null;
      const end = (is_done: boolean) => {
        clearTimeout(limit);
        unsubscribe();
        dispatch({ type: "unfollow", session_id });
        resolve(is_done);
      };
      const look = () => {
        const session = state.sessions[session_id];
        if (session === undefined || session.phase === "unknown" || session.phase === "forbidden") return end(false);
        if (session.joined !== "yes" || session.view === null) return;
        if (csn === null) {
          csn = csnFor(state, session_id, command);
          dispatch({ type: "send", session_id, command });
        } else if (!session.pending.some((each) => each.csn === csn)) {
          end(!session.refusals.some(({ id }) => id === csn));
        }
      };
      const limit = setTimeout(() => end(false), ACT_ON_MS);
      const unsubscribe = subscribe(look);
      look();
    });
  }

  const wake = () => dispatch({ type: "woken" });
  const goOffline = () => dispatch({ type: "offline" });

  const connection = createSelector((each) => each.connection, selectConnection);
  const unsaved = createSelector((each) => each, selectUnsaved);
  const refusedElsewhere = createSelector((each) => each.sessions, selectRefusedElsewhere);
  const liveSessions = createSelector((each) => each.list.sessions, selectLiveSessions);
  const session = createSessionSelector(drafts.has, dispatch);

  return {
    start: () => {
      window.addEventListener("online", wake);
      window.addEventListener("offline", goOffline);
      window.addEventListener("pagehide", drafts.sendAll);
      document.addEventListener("visibilitychange", showOrHide);
      isWanted = true;
      if (kept === null) return dispatch({ type: "start" });
      opened ??= kept.open();
      void opened.then(() => {
        if (isWanted) dispatch({ type: "start" });
      });
    },
    stop: () => {
      isWanted = false;
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", goOffline);
      window.removeEventListener("pagehide", drafts.sendAll);
      document.removeEventListener("visibilitychange", showOrHide);
      dispatch({ type: "stop" });
    },
    startSession: (version_id, training, known) => {
      const session_id = known?.session_id ?? drawId();
      const external_id = known?.external_id ?? null;
      const command = {
        type: "start_session",
        version_id,
        training,
        external_id,
        values: known?.values ?? {},
      } as const;
      dispatch({ type: "send", session_id, command });
      return session_id;
    },
    switchWorkflow,
    actOn,
    sendDoing: (session_id, doing, field_key) => dispatch({ type: "doing", session_id, doing, field_key }),
    point: (session_id, target) => dispatch({ type: "doing", session_id, doing: "pointing", field_key: null, target }),
    provideVersion: (version) => dispatch({ type: "version", version }),
    keepDraft: drafts.keep,
    sendDrafts: drafts.sendAll,
    saveAll,
    forget: async () => kept?.forget(),
    subscribe,
    connection: () => connection(state),
    unsaved: () => unsaved(state),
    refusedElsewhere: () => refusedElsewhere(state),
    session: (session_id) => session(state, session_id),
    liveSessions: () => liveSessions(state),
    alerts: () => state.list.alerts,
    notes: (session_id) => {
      const followed = state.sessions[session_id];
      return followed === undefined ? null : selectNotes(followed);
    },
    follow: (session_id) => {
      dispatch({ type: "follow", session_id });
      return () => dispatch({ type: "unfollow", session_id });
    },
    followLiveSessions: () => {
      dispatch({ type: "follow_list" });
      return () => dispatch({ type: "unfollow_list" });
    },
    send: (session_id, command) => {
      const csn = csnFor(state, session_id, command);
      dispatch({ type: "send", session_id, command });
      return csn;
    },
  };
}

/** Keeps the last result while its cause is the same, or it is equal property by property. */
function createSelector<T extends object>(
  causeOf: (state: State) => unknown,
  select: (state: State) => T,
): (state: State) => T {
  let last: { cause: unknown; result: T } | null = null;
  return (state) => {
    const cause = causeOf(state);
    if (last !== null && last.cause === cause) return last.result;
    const next = select(state);
    last = { cause, result: last !== null && isShallowEqual(last.result, next) ? last.result : next };
    return last.result;
  };
}

function isShallowEqual<T extends object>(one: T, other: T): boolean {
  const keys = Object.keys(one) as (keyof T)[];
  return keys.length === Object.keys(other).length && keys.every((key) => Object.is(one[key], other[key]));
}

/** Keeps the last model of each Session while nothing that it depends on changed. */
function createSessionSelector(
  hasDraft: (session_id: string) => boolean,
  dispatch: (input: Input) => void,
): (state: State, session_id: string) => SessionModel {
  const models = new WeakMap<SessionState, { causes: readonly unknown[]; model: SessionModel }>();
  const dismissals = new Map<string, Pick<SessionModel, "dismissRefusal" | "dismissLost">>();

  const dismissalsOf = (session_id: string) => {
    const made = dismissals.get(session_id) ?? {
      dismissRefusal: (id: number) => dispatch({ type: "dismiss_refusal", session_id, id }),
      dismissLost: () => dispatch({ type: "dismiss_lost", session_id }),
    };
    dismissals.set(session_id, made);
    return made;
  };

  return (state, session_id) => {
    const session = state.sessions[session_id];
    if (session === undefined) return UNKNOWN_YET;
    const causes = [state.versions, state.connection.phase, state.retry, hasDraft(session_id)];
    const known = models.get(session);
    if (known?.causes.every((cause, place) => cause === causes[place])) return known.model;
    const model = selectSession(state, session, hasDraft(session_id), dismissalsOf(session_id));
    models.set(session, { causes, model });
    return model;
  };
}

/** 128 random bits in hex. */
function drawId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function ownUrl(): string {
  const url = new URL("/ws", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
