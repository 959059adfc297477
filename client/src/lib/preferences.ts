/** What one person prefers on one computer. Never anything of a call. */

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

/** A preference that all components share; `fallback` while it was never chosen or cannot be read. */
export function usePreference(name: string, fallback: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(followPreferences, () => readPreference(name, fallback));
  return [value, (next) => writePreference(name, next)];
}

export function readPreference(name: string, fallback: string): string {
  try {
    return localStorage.getItem(`sidecoach.${name}`) ?? fallback;
  } catch {
    return fallback; // storage is switched off in this browser
  }
}

export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(`sidecoach.${name}`, value);
  } catch {
    return; // storage is switched off in this browser
  }
  for (const listener of listeners) listener();
}

export function followPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
