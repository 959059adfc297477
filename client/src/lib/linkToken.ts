/** The secret of a one-time link: taken out of the address at once, so that nobody reads it there or in the history. */

import { useSyncExternalStore } from "react";

export const WELCOME = "/welcome";

let token = "";
const listeners = new Set<() => void>();

/** Follows the address, since a second link pasted into the same tab changes only what is behind the #. */
export function watchLinks(): void {
  take();
  window.addEventListener("hashchange", take);
}

/** Empty if the page was opened without one. */
export function useLinkToken(): string {
  return useSyncExternalStore(follow, () => token);
}

function take(): void {
  if (location.pathname !== WELCOME || location.hash.length < 2) return;
  token = location.hash.slice(1);
  history.replaceState(history.state, "", WELCOME);
  for (const listener of listeners) listener();
}

function follow(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
