// @vitest-environment happy-dom
import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usePages } from "./usePages";

const asked: string[] = [];
let is_down = false;

/** Ten lines, four a page; a search finds one of them. */
async function answer(path: string): Promise<Response> {
  asked.push(path);
  if (is_down) throw new TypeError("Failed to fetch");
  const query = new URL(path, "http://localhost").searchParams;
  if (query.has("q")) return Response.json({ lines: [Number(query.get("q"))], next: null });
  const start = Number(query.get("after") ?? 0);
  const lines = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].slice(start, start + 4);
  return Response.json({ lines, next: start + 4 < 10 ? String(start + 4) : null });
}

async function settle(ms = 0): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", answer);
  asked.length = 0;
  is_down = false;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function show(path = "/api/things") {
  const shown = renderHook((path) => usePages<number>(path), { initialProps: path });
  await settle();
  return shown;
}

it("[PX6] shows a page, and more when asked", async () => {
  const { result } = await show();
  expect(result.current).toMatchObject({ phase: "ready", lines: [0, 1, 2, 3], has_more: true });

  for (let count = 0; count < 2; count += 1) {
    act(() => result.current.more());
    expect(result.current.more_phase).toBe("loading");
    await settle();
  }

  expect(result.current).toMatchObject({ lines: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], has_more: false, more_phase: "idle" });
});

it("[PX6] asks anew for as many as are shown", async () => {
  const { result } = await show();
  act(() => result.current.more());
  await settle();

  act(() => result.current.again());
  await settle();

  expect(result.current.lines).toHaveLength(8);
  expect(asked).toEqual(["/api/things", "/api/things?after=4", "/api/things", "/api/things?after=4"]);
});

it("[PX6] asks once the typing rests, and shows what was there until then", async () => {
  const { result, rerender } = await show();
  for (const q of ["7", "78", "789"]) {
    rerender(`/api/things?q=${q}`);
    await settle(50);
  }
  expect(result.current).toMatchObject({ phase: "loading", lines: [0, 1, 2, 3], has_more: false });
  await settle(200);

  expect(result.current).toMatchObject({ phase: "ready", lines: [789] });
  expect(asked).toEqual(["/api/things", "/api/things?q=789"]);
});

it("[PX6] keeps what is shown when more does not come, and asks again", async () => {
  const { result } = await show();
  is_down = true;
  act(() => result.current.more());
  await settle();
  expect(result.current).toMatchObject({ phase: "ready", lines: [0, 1, 2, 3], more_phase: "failed" });

  is_down = false;
  act(() => result.current.more());
  await settle();

  expect(result.current.lines).toHaveLength(8);
});

it("[PX6] says that it failed, and tries again when asked", async () => {
  is_down = true;
  const { result } = await show();
  expect(result.current.phase).toBe("failed");

  is_down = false;
  act(() => result.current.again());
  await settle();

  expect(result.current.phase).toBe("ready");
});
