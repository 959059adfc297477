/** The one listener for keys. Screens register entries while they are shown; the newest screen is asked first. */

import { useEffect, useEffectEvent } from "react";
import { readPreference } from "../lib/preferences";
import { type Entry, findEntry, mapPress, type Press, placeOf, type SingleKeys } from "./match";

type Source = () => readonly Entry[];

let sources: readonly Source[] = [];

/** Registers entries while the component is mounted; they may change with every render. */
export function usePalette(entries: readonly Entry[]): void {
  const current = useEffectEvent(() => entries);
  useEffect(() => {
    const source: Source = () => current();
    sources = [source, ...sources];
    return () => {
      sources = sources.filter((each) => each !== source);
    };
  }, []);
}

/** Name of the preference how single keys choose Answers. */
export const SINGLE_KEYS = "single_keys";

function readSingleKeys(): SingleKeys {
  const value = readPreference(SINGLE_KEYS, "digits");
  return value === "letters" || value === "off" ? value : "digits";
}

/** All entries that are registered now, in the order in which they are asked. */
export function allEntries(): readonly Entry[] {
  return sources.flatMap((source) => source());
}

/** How long after a dialog, and after each key that came to nothing, no single key means the screen below. */
const HUSHED_MS = 1_500;
let hushed_until_ms = 0;

/** What is still typed for a dialog that closed means nothing. */
export function hushKeys(): void {
  hushed_until_ms = performance.now() + HUSHED_MS;
}

/** Starts listening for the page; returns how to stop. */
export function listenForKeys(target: Document): () => void {
  const listener = (event: KeyboardEvent): void => {
    if (performance.now() < hushed_until_ms && isStray(event, target.activeElement)) {
      hushKeys();
      event.preventDefault();
      return;
    }
    const press = mapPress(pressOf(event, target.activeElement), readSingleKeys());
    const entry = press === null ? undefined : findEntry(allEntries(), press);
    if (entry === undefined) return;
    event.preventDefault();
    entry.run(press);
  };
  target.addEventListener("keydown", listener);
  return () => target.removeEventListener("keydown", listener);
}

/** Whether it writes, and nothing takes what it writes. */
function isStray({ key, ctrlKey, metaKey, altKey }: KeyboardEvent, focused: Element | null): boolean {
  const writes = key.length === 1 || key === "Enter";
  return writes && !(ctrlKey || metaKey || altKey) && ["answers", "choice", "elsewhere"].includes(placeOf(focused));
}

function pressOf(event: KeyboardEvent, focused: Element | null): Press {
  return {
    key: event.key === " " ? "Space" : event.key,
    code: event.code,
    mod: event.ctrlKey || event.metaKey,
    shift: event.shiftKey,
    alt: event.altKey,
    repeat: event.repeat,
    composing: event.isComposing,
    place: placeOf(focused),
  };
}
