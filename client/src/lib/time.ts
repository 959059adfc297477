/** Times as people read them, and a clock that ticks once a second for all of the page. */

import { createContext, use, useSyncExternalStore } from "react";
import { locale } from "./locale";

const SECOND_MS = 1_000;

/** A stretch of time: `0:07`, `12:40`, `1:02:05`. Negative ones, from clocks that differ, read `0:00`. */
export function formatElapsed(elapsed_ms: number): string {
  const total_s = Math.max(0, Math.floor(elapsed_ms / SECOND_MS));
  const seconds = String(total_s % 60).padStart(2, "0");
  const minutes = Math.floor(total_s / 60) % 60;
  const hours = Math.floor(total_s / 3_600);
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/**
 * A moment as this page's person reads it, by the clock of their zone: the time today, with the day otherwise, and with
 * the year in another one. Both by the server's clock: a laptop's may be a day ahead.
 */
export function formatMoment(at_ms: number, now_ms: number): string {
  const { language, time_zone } = locale();
  const written = (options: Intl.DateTimeFormatOptions, ms: number): string =>
    writerOf(language, { timeZone: time_zone, ...options }).format(ms);
  const time = written({ timeStyle: "short" }, at_ms);
  const is_same = (options: Intl.DateTimeFormatOptions): boolean =>
    written(options, at_ms) === written(options, now_ms);
  if (is_same({ dateStyle: "short" })) return time;
  const year = is_same({ year: "numeric" }) ? {} : ({ year: "numeric" } as const);
  return `${written({ day: "numeric", month: "short", ...year }, at_ms)}, ${time}`;
}

/** Making one takes a hundred times as long as using it, and a list of moments asks for hundreds. */
function writerOf(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  const writer = writers.get(key) ?? new Intl.DateTimeFormat(language, options);
  writers.set(key, writer);
  return writer;
}

const writers = new Map<string, Intl.DateTimeFormat>();

/** A time to the second, by the clock of this page's person: `14:02:10`. */
export function formatClock(at_ms: number): string {
  const { language, time_zone } = locale();
  return new Intl.DateTimeFormat(language, { timeZone: time_zone, timeStyle: "medium" }).format(at_ms);
}

/** `2026-05-06T12:00`, by the clock of this page's person: what a date and time input takes. */
export function inputTime(at_ms: number): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: locale().time_zone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return format.format(at_ms).replace(" ", "T");
}

/** The moment of such a text; NaN if it is none. In the hour that a clock skips or repeats, the later one. */
export function momentOf(text: string): number {
  const utc_ms = Date.parse(`${text}Z`);
  if (Number.isNaN(utc_ms)) return utc_ms;
  const ahead_ms = (at_ms: number): number => Date.parse(`${inputTime(at_ms)}Z`) - at_ms;
  const guess_ms = utc_ms - ahead_ms(utc_ms);
  return utc_ms - ahead_ms(guess_ms);
}

/** Within it every clock stands still at this computer's time, in milliseconds; null: they go. */
export const StoppedClock = createContext<number | null>(null);

/** This computer's time in milliseconds, renewed each second while somebody shows it. */
export function useNow(): number {
  const going_ms = useSyncExternalStore(followClock, () => now_ms);
  return use(StoppedClock) ?? going_ms;
}

let now_ms = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function followClock(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) {
    now_ms = Date.now();
    timer = setInterval(tick, SECOND_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function tick(): void {
  now_ms = Date.now();
  for (const listener of listeners) listener();
}
