// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askAgain, post, put, send, setProof, useFetched } from "./http";

/** A server that answers each path with what it holds: a value, a status to refuse with, or null for no answer. */
class FakeServer {
  readonly asked: string[] = [];
  readonly held = new Map<string, unknown>();

  fetch = async (path: string): Promise<Response> => {
    this.asked.push(path);
    const held = this.held.get(path);
    if (held === null) throw new TypeError("Failed to fetch");
    return typeof held === "number" ? new Response("{}", { status: held }) : new Response(JSON.stringify(held));
  };
}

let server: FakeServer;
let path: string;
let count = 0;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  vi.stubGlobal("fetch", server.fetch);
  count += 1;
  path = `/api/things/${count}`;
  server.held.set(path, ["morning"]);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A screen that shows the path, once the server answered. */
async function show() {
  const screen = renderHook(() => useFetched<string[]>(path));
  await settle();
  return screen;
}

async function settle(ms = 0): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

it("[EM3] whatever changes something brings the proof that was told, and nothing if none was", async () => {
  const fetched = vi.fn(async (_path: string, _init: RequestInit) => new Response(null, { status: 204 }));
  vi.stubGlobal("fetch", fetched);
  const all = async () => {
    await post("/api/sign-out");
    await put("/api/me/locale", null);
    await send("DELETE", "/api/me/sign-ins/1");
    await send("PATCH", "/api/people/1", {});
  };

  setProof("told");
  await all();
  setProof(null);
  await all();

  const proofs = fetched.mock.calls.map(([, { headers }]) => new Headers(headers).get("X-CSRF-Token"));
  expect(proofs).toEqual([...Array(4).fill("told"), ...Array(4).fill(null)]);
});

describe("what comes over HTTP", () => {
  it("[HS4] is asked for again by whoever shows it anew, the old value on screen meanwhile", async () => {
    (await show()).unmount();
    server.held.set(path, ["noon"]);

    const { result } = renderHook(() => useFetched<string[]>(path));

    expect(result.current).toEqual({ phase: "ready", value: ["morning"] });
    await settle();
    expect(result.current).toEqual({ phase: "ready", value: ["noon"] });
  });

  it("[HS4] reaches those who show it already", async () => {
    const first = await show();
    server.held.set(path, ["noon"]);

    await show();

    expect(first.result.current).toEqual({ phase: "ready", value: ["noon"] });
  });

  it("is the same object while the server says the same", async () => {
    const { result } = await show();
    const before = result.current;

    await show();

    expect(server.asked).toHaveLength(2);
    expect(result.current).toBe(before);
  });

  it("is asked for once by all who begin together", async () => {
    renderHook(() => useFetched<string[]>(path));
    renderHook(() => useFetched<string[]>(path));
    await settle();

    expect(server.asked).toEqual([path]);
  });

  it("[HS18] is never asked for again if it cannot change", async () => {
    path = `/api/versions/${count}`;
    server.held.set(path, { id: count });
    (await show()).unmount();

    await show();

    expect(server.asked).toEqual([path]);
  });

  it.each([[500], [401], [null]])("stays on screen when asking again brings %s", async (held) => {
    (await show()).unmount();
    server.held.set(path, held);

    const { result } = await show();

    expect(result.current).toEqual({ phase: "ready", value: ["morning"] });
  });

  it("is tried again by itself while no answer comes, and replaces what was refused before", async () => {
    server.held.set(path, null);
    const { result } = await show();
    expect(result.current).toEqual({ phase: "failed", status: null });
    server.held.set(path, 404);
    await settle(3_000);
    expect(result.current).toEqual({ phase: "failed", status: 404 });

    server.held.set(path, ["here"]);
    await show();

    expect(result.current).toEqual({ phase: "ready", value: ["here"] });
  });
});

describe("what is changed over HTTP", () => {
  it("[CO12] is shown, although it was being asked for when it changed", async () => {
    const { result } = await show();
    server.held.set(path, ["before"]);
    askAgain(path);
    askAgain(path);
    server.held.set(path, ["after"]);
    await settle();

    expect(result.current).toEqual({ phase: "ready", value: ["after"] });
  });

  it("[CO3] tells what was expected, or that nothing came", async () => {
    const answers = [
      () => new Response('{"id": 1}', { status: 201 }),
      () => new Response(null, { status: 204 }),
      () => new Response('{"code": "name_taken", "detail": "name: expected another name"}', { status: 409 }),
      () => new Response('{"code": "slow_down", "detail": "x"}', { status: 429, headers: { "Retry-After": "30" } }),
      () => new Response("Bad gateway", { status: 502 }),
      () => {
        throw new TypeError("Failed to fetch");
      },
    ];
    vi.stubGlobal("fetch", async () => answers.shift()?.());
    const sent = [];
    for (let count = 0; count < 6; count += 1) sent.push(await send("PUT", path, {}));

    expect(sent).toEqual([
      { is_done: true, value: { id: 1 } },
      { is_done: true, value: null },
      { is_done: false, expected: "name: expected another name", code: "name_taken", wait_s: null },
      { is_done: false, expected: "x", code: "slow_down", wait_s: 30 },
      { is_done: false, expected: "the server answered 502", code: null, wait_s: null },
      {
        is_done: false,
        expected: "The server cannot be reached. Nothing was changed, as far as we know.",
        code: null,
        wait_s: null,
      },
    ]);
  });
});
