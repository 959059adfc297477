// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DownFrame, UpFrame } from "../protocol/protocol.gen";
import { createSync, type Sync, SyncProvider, useConnection, useLiveSessions, useSend, useSession } from "./index";
import { delta, S1, viewFrame, welcome } from "./testing";

class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readonly readyState = FakeSocket.OPEN;
  readonly frames: UpFrame[] = [];
  isClosed = false;
  onopen = () => {};
  onclose = (_: { code: number }) => {};
  onmessage = (_: { data: unknown }) => {};

  readonly url: string;
  readonly protocol: string;

  constructor(url: string, protocol: string) {
    this.url = url;
    this.protocol = protocol;
    FakeSocket.last = this;
  }

  send(bytes: Uint8Array): void {
    this.frames.push(JSON.parse(new TextDecoder().decode(bytes)));
  }

  close(): void {
    this.isClosed = true;
  }

  hear(...frames: DownFrame[]): void {
    for (const frame of frames) this.onmessage({ data: new TextEncoder().encode(JSON.stringify(frame)).buffer });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open() {
  const sync = createSync({ url: "ws://test/ws", build: "7" });
  sync.start();
  const socket = FakeSocket.last;
  socket.onopen();
  socket.hear(welcome(Date.now()));
  const wrapper = ({ children }: { children: ReactNode }) => <SyncProvider sync={sync}>{children}</SyncProvider>;
  return { sync, socket, wrapper };
}

/** Something that is typed into a Field and waits until it is told to leave. */
function draft(sync: Sync, field_key = "name") {
  let content = "";
  let end = () => {};
  const send = () => {
    sync.send(S1, { type: "set_field", field_key, content });
    end();
  };
  const type = (text: string) => {
    content = text;
    end = sync.keepDraft(S1, send);
  };
  return { type, send };
}

function commands(socket: FakeSocket) {
  return socket.frames.filter((frame) => frame.type === "command");
}

/** The server stores the last command as entry `seq`. */
function answer(socket: FakeSocket, seq: number): void {
  const csn = commands(socket).at(-1)?.csn ?? 0;
  const [hello] = socket.frames;
  socket.hear(delta(seq, { client_id: hello?.type === "hello" ? hello.client_id : null, csn }));
}

function hide(state: DocumentVisibilityState): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

describe("store", () => {
  it("[CN20] [CN27] opens the subprotocol and says a drawn client id in binary", () => {
    const { socket } = open();
    expect(socket).toMatchObject({ url: "ws://test/ws", protocol: "sidecoach.v1.json" });
    expect(socket.frames).toEqual([{ type: "hello", client_id: expect.stringMatching(/^[0-9a-f]{32}$/), build: "7" }]);
  });

  it("leaves a server that it cannot understand, and comes back", () => {
    const { sync, socket } = open();
    socket.onmessage({ data: "text" });
    expect(socket.isClosed).toBe(true);
    expect(sync.connection().status).toBe("offline");
    vi.advanceTimersByTime(500);
    expect(FakeSocket.last).not.toBe(socket);
  });

  it("[CN28] follows while a component shows the Session, and keeps the model while nothing changes", () => {
    const { socket, wrapper } = open();
    const { result, unmount } = renderHook(() => useSession(S1), { wrapper });
    act(() => socket.hear(viewFrame()));
    const before = result.current;
    expect(before).toMatchObject({ phase: "live", audience: "owner", saved: "saved" });
    act(() => socket.hear({ type: "ping" }));
    expect(result.current).toBe(before);
    act(() => socket.hear(delta(2)));
    expect(result.current).not.toBe(before);
    expect(result.current.view).toBe(before.view);

    unmount();
    vi.advanceTimersByTime(5_000);
    expect(socket.frames.map(({ type }) => type)).toEqual(["hello", "join", "pong", "leave"]);
  });

  it("[CM20] gives back the csn that names a refused input, and dismisses it", () => {
    const { socket, wrapper } = open();
    const { result } = renderHook(() => ({ session: useSession(S1), send: useSend(S1) }), { wrapper });
    act(() => socket.hear(viewFrame()));
    let csn = 0;
    act(() => {
      csn = result.current.send({ type: "set_field", field_key: "name", content: "x" });
    });
    expect(socket.frames.at(-1)).toMatchObject({ type: "command", session_id: S1, csn });
    act(() => socket.hear({ type: "refusal", session_id: S1, csn, code: "unknown_field", detail: "", passed: null }));
    expect(result.current.session.refusals).toMatchObject([{ id: csn }]);
    act(() => result.current.session.dismissRefusal(csn));
    expect(result.current.session.refusals).toEqual([]);
  });

  it("[CM29] starts a Session under a drawn id", () => {
    const { sync, socket } = open();
    const session_id = sync.startSession("sales@1", true);
    expect(session_id).toMatch(/^[0-9a-f]{32}$/);
    expect(socket.frames.at(-1)).toMatchObject({ session_id, body: { type: "start_session", training: true } });
  });

  it("[DL27] says saving from the first key until the answer", () => {
    const { sync, socket, wrapper } = open();
    const { result } = renderHook(() => useSession(S1), { wrapper });
    act(() => socket.hear(viewFrame()));
    const letters = draft(sync);
    act(() => letters.type("x"));
    expect(result.current).toMatchObject({ saved: "saving", pending_count: 0 });
    act(() => letters.send());
    expect(result.current).toMatchObject({ saved: "saving", pending_count: 1 });
    act(() => answer(socket, 2));
    expect(result.current.saved).toBe("saved");
  });

  it.each([
    ["hidden", () => hide("hidden")],
    ["left", () => window.dispatchEvent(new Event("pagehide"))],
  ])("[CM36] sends what was typed when the page is %s, in the order of typing", (_, leave) => {
    const { sync, socket } = open();
    sync.follow(S1);
    socket.hear(viewFrame());
    draft(sync, "name").type("first");
    draft(sync, "secret").type("second");
    hide("visible");
    expect(commands(socket)).toEqual([]);
    leave();
    expect(commands(socket)).toMatchObject([{ body: { content: "first" } }, { body: { content: "second" } }]);
    sync.stop();
  });

  it("[CM36] waits until all is stored, and 2 s at most", async () => {
    const { sync, socket } = open();
    sync.follow(S1);
    socket.hear(viewFrame());
    await sync.saveAll();

    draft(sync).type("stored");
    let isDone = false;
    const saved = sync.saveAll().then(() => {
      isDone = true;
    });
    await vi.advanceTimersByTimeAsync(1_900);
    expect(isDone).toBe(false);
    answer(socket, 2);
    await saved;

    draft(sync).type("never answered");
    isDone = false;
    void sync.saveAll().then(() => {
      isDone = true;
    });
    await vi.advanceTimersByTimeAsync(1_999);
    expect(isDone).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isDone).toBe(true);
  });

  it("[LC8] starts the Session that goes on first, and ends this one only once that is stored", async () => {
    const { sync, socket } = open();
    sync.follow(S1);
    socket.hear(viewFrame());

    const switched = sync.switchWorkflow(S1, { version_id: "other@1", training: false });

    const [start] = commands(socket);
    expect(start).toMatchObject({ body: { type: "start_session", version_id: "other@1", switched_from: S1 } });
    expect(commands(socket)).toHaveLength(1);
    const to_session_id = start?.session_id ?? "";
    socket.hear({ type: "acknowledged", session_id: to_session_id, csn: 1, seq: 1 });
    expect(await switched).toBe(to_session_id);
    expect(commands(socket).at(-1)).toMatchObject({ session_id: S1, body: { type: "switch", to_session_id } });
    sync.stop();
  });

  it("[LC8] leaves this Session as it is if the other one is refused", async () => {
    const { sync, socket } = open();
    sync.follow(S1);
    socket.hear(viewFrame());

    const switched = sync.switchWorkflow(S1, { version_id: "other@1", training: false });

    const session_id = commands(socket)[0]?.session_id ?? "";
    socket.hear({ type: "refusal", session_id, csn: 1, code: "not_switched", detail: "", passed: null });
    expect(await switched).toBeNull();
    expect(commands(socket)).toHaveLength(1);
    expect(sync.refusedElsewhere()).toEqual([]);
    sync.stop();
  });

  it("[DL26] [CN24] shows the list and why the connection is closed", () => {
    const { socket, wrapper } = open();
    const { result } = renderHook(() => ({ list: useLiveSessions(), connection: useConnection() }), { wrapper });
    expect(result.current.list.phase).toBe("joining");
    act(() => socket.hear({ type: "list", whole: true, put: [{ session_id: S1 } as never], remove: [], changed: [] }));
    expect(result.current.list).toMatchObject({ phase: "live", sessions: [{ session_id: S1 }] });
    act(() => socket.onclose({ code: 4501 }));
    expect(result.current.connection).toMatchObject({ status: "closed", closed_code: 4501 });
  });
});
