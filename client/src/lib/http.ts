/**
 * The few things that come over HTTP, shared by everyone who shows them.
 *
 * A path is asked for again whenever somebody begins to follow it: a page stays open for days, and what it showed
 * in the morning is not what holds at noon. Meanwhile the old value is shown, and kept if no better one comes.
 */

import { useCallback, useSyncExternalStore } from "react";

const RETRY_MS = 3_000;

let proof: string | null = null;

/** What /api/me told as `csrf`: sent along with whatever changes something, where the server asks for it. */
export function setProof(told: string | null): void {
  proof = told;
}

function withProof(headers: Record<string, string> = {}): Record<string, string> {
  return proof === null ? headers : { ...headers, "X-CSRF-Token": proof };
}

export type Fetched<T> =
  | { readonly phase: "loading" }
  | { readonly phase: "ready"; readonly value: T }
  /** `status` is null if no answer came at all; then it is asked again by itself. */
  | { readonly phase: "failed"; readonly status: number | null };

interface Slot {
  fetched: Fetched<unknown>;
  /** What the value was read from: the same text again is no news, and nothing is rendered for it. */
  text: string | null;
  is_asking: boolean;
  /** What is being asked for was changed meanwhile: the answer may be of before. */
  is_outdated: boolean;
  retry: ReturnType<typeof setTimeout> | undefined;
  readonly listeners: Set<() => void>;
}

const LOADING: Fetched<never> = { phase: "loading" };
/** What never changes once it is there (HS4). */
const IMMUTABLE = /^\/api\/versions\//;
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
  const answer = await fetch(path, { method: "POST", headers: withProof() });
  if (!answer.ok) throw new Error(`POST ${path}: expected success, got ${answer.status}`);
}

/** Sends JSON; what was expected instead, in words, or null if it was accepted. Throws if no answer came. */
export async function put(path: string, body: unknown): Promise<string | null> {
  const headers = withProof({ "Content-Type": "application/json" });
  const answer = await fetch(path, { method: "PUT", headers, body: JSON.stringify(body) });
  if (answer.ok) return null;
  const problem: { detail?: string } = await answer.json().catch(() => ({}));
  return problem.detail ?? `the server answered ${answer.status}`;
}

/** Why a request was not accepted: what was expected instead, in words. */
interface Refusal {
  readonly is_done: false;
  readonly expected: string;
  /** The problem's name for programs; null if none was told, or no answer came. */
  readonly code: string | null;
  /** For how long there is to wait before another try, if that was told. */
  readonly wait_s: number | null;
}

/** What an accepted request brought, or why it was not accepted. */
export type Sent<T> = { readonly is_done: true; readonly value: T } | Refusal;

/** Asks for a change, with JSON if a body is given; `value` is null where nothing comes back. Never throws. */
export async function send<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Sent<T>> {
  try {
    const answer = await fetch(
      path,
      body === undefined
        ? { method, headers: withProof() }
        : { method, headers: withProof({ "Content-Type": "application/json" }), body: JSON.stringify(body) },
    );
    const text = await answer.text();
    if (answer.ok) return { is_done: true, value: (text === "" ? null : JSON.parse(text)) as T };
    const { detail, code }: { detail?: string; code?: string } = text.startsWith("{") ? JSON.parse(text) : {};
    const wait_s = Number(answer.headers.get("Retry-After") ?? Number.NaN);
    return {
      is_done: false,
      expected: detail ?? `the server answered ${answer.status}`,
      code: code ?? null,
      wait_s: Number.isFinite(wait_s) ? wait_s : null,
    };
  } catch {
    return {
      is_done: false,
      expected: "The server cannot be reached. Nothing was changed, as far as we know.",
      code: null,
      wait_s: null,
    };
  }
}

/** Asks again for what somebody follows: it was changed from here. */
export function askAgain(path: string): void {
  const slot = slots.get(path);
  if (slot === undefined) return;
  slot.is_outdated = slot.is_asking;
  void load(path, slot);
}

function follow(path: string, listener: () => void): () => void {
  const slot = slots.get(path) ?? createSlot();
  slots.set(path, slot);
  const { listeners } = slot;
  listeners.add(listener);
  if (slot.fetched.phase !== "ready" || !IMMUTABLE.test(path)) void load(path, slot);
  return () => listeners.delete(listener);
}

function createSlot(): Slot {
  return { fetched: LOADING, text: null, is_asking: false, is_outdated: false, retry: undefined, listeners: new Set() };
}

async function load(path: string, slot: Slot): Promise<void> {
  if (slot.is_asking) return;
  slot.is_asking = true;
  clearTimeout(slot.retry);
  const answer = await ask(path);
  slot.is_asking = false;
  if (take(slot, answer)) for (const listener of slot.listeners) listener();
  if (slot.is_outdated) {
    slot.is_outdated = false;
    void load(path, slot);
  } else if (answer === null && slot.listeners.size > 0) slot.retry = setTimeout(() => void load(path, slot), RETRY_MS);
}

/** Whether the answer says anything new. A refusal takes away nothing that is shown: the next follower asks again. */
function take(slot: Slot, answer: Answer | null): boolean {
  if (answer === null || !answer.is_good) {
    if (slot.fetched.phase === "ready") return false;
    slot.fetched = { phase: "failed", status: answer?.status ?? null };
    return true;
  }
  if (answer.text === slot.text) return false;
  slot.text = answer.text;
  slot.fetched = { phase: "ready", value: answer.value };
  return true;
}

type Answer =
  | { readonly is_good: true; readonly text: string; readonly value: unknown }
  | { readonly is_good: false; readonly status: number };

/** Null if no answer came. */
async function ask(path: string): Promise<Answer | null> {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json" } });
    if (!answer.ok) return { is_good: false, status: answer.status };
    const text = await answer.text();
    return { is_good: true, text, value: JSON.parse(text) };
  } catch {
    return null;
  }
}
