/** The few things that come over HTTP: asked once per page, shared by everyone who shows them. */

import { useCallback, useSyncExternalStore } from "react";

const RETRY_MS = 3_000;

export type Fetched<T> =
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly value: T }
  /** `status` is null if no answer came at all; then it is asked again by itself. */
  | { readonly phase: "failed"; readonly status: number | null };

interface Slot {
  fetched: Fetched<unknown>;
  readonly listeners: Set<() => void>;
}

const LOADING: Fetched<never> = { phase: "loading" };
const slots = new Map<string, Slot>();

/** The JSON at this path; null asks for nothing and stays `loading`. */
export function useFetched<T>(path: string | null): Fetched<T> {
  // Stable: another function would follow, and so ask, anew with each render.
  const subscribe = useCallback((listener: () => void) => (path === null ? () => {} : follow(path, listener)), [path]);
  const fetched = useSyncExternalStore(subscribe, () =>
    path === null ? LOADING : (slots.get(path)?.fetched ?? LOADING),
  );
  return fetched as Fetched<T>;
}

/** Sends a POST without a body; throws if it was not accepted. */
export async function post(path: string): Promise<void> {
  const answer = await fetch(path, { method: "POST" });
  if (!answer.ok) throw new Error(`POST ${path}: expected success, got ${answer.status}`);
}

/** Sends JSON; what was expected instead, in words, or null if it was accepted. Throws if no answer came. */
export async function put(path: string, body: unknown): Promise<string | null> {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "PUT", headers, body: JSON.stringify(body) });
  if (answer.ok) return null;
  const problem: { detail?: string } = await answer.json().catch(() => ({}));
  return problem.detail ?? `the server answered ${answer.status}`;
}

function follow(path: string, listener: () => void): () => void {
  let slot = slots.get(path);
  if (slot === undefined) {
    slot = { fetched: LOADING, listeners: new Set() };
    slots.set(path, slot);
    void load(path, slot);
  } else if (slot.fetched.phase === "failed") {
    void load(path, slot);
  }
  const { listeners } = slot;
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function load(path: string, slot: Slot): Promise<void> {
  slot.fetched = await ask(path);
  for (const listener of slot.listeners) listener();
  if (slot.fetched.phase === "failed" && slot.fetched.status === null && slot.listeners.size > 0) {
    setTimeout(() => void load(path, slot), RETRY_MS);
  }
}

async function ask(path: string): Promise<Fetched<unknown>> {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    if (!answer.ok) return { phase: "failed", status: answer.status };
    return { phase: "ready", value: await answer.json() };
  } catch {
    return { phase: "failed", status: null };
  }
}
