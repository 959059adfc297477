import { useSyncExternalStore } from "react";

/** Loads a part of the page that comes after the first paint, again and again until the network gives it. */
export async function persistently<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      // Offline, most likely. Whoever waits shows that it is loading.
      await look();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

const RETRY_MS = 3_000;

/** Whether the server has another release than this page, whose parts are gone there. Rule CN34. */
export function useOutdated(): boolean {
  return useSyncExternalStore(follow, () => is_outdated);
}

let is_outdated = false;
const listeners = new Set<() => void>();

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A page that the server gives now begins with the same script, unless it is another release's. */
async function look(): Promise<void> {
  const script = document.querySelector("script[type=module][src]")?.getAttribute("src");
  const page = await fetch("/", { cache: "no-store" }).then(
    (answer) => (answer.ok ? answer.text() : null),
    () => null,
  );
  if (page === null || script == null || page.includes(script)) return;
  is_outdated = true;
  for (const listener of listeners) listener();
}
