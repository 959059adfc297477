import { describe, expect, it } from "vitest";
import { wakeAt } from "./machine";
import { selectConnection } from "./selectors";
import { ME, Page, S1, viewFrame, welcome } from "./testing";

function connected(): Page {
  const page = new Page();
  page.connect();
  page.sent();
  return page;
}

describe("connecting", () => {
  it("[CN20] says hello first and nothing else before the welcome", () => {
    const page = new Page();
    page.input({ type: "follow", session_id: S1 });
    page.input({ type: "start" });
    expect(page.effects).toEqual([{ type: "open", generation: 1 }]);

    page.input({ type: "opened", generation: 1 });
    expect(page.sent()).toEqual([{ type: "hello", client_id: ME, build: "test" }]);

    page.hear(welcome(page.now_ms));
    expect(page.sent()).toEqual([{ type: "join", session_id: S1, position: null, audience: null }]);
  });

  it.each(["opening", "greeting"])("[CN21] gives up %s after 10 s and tries again", (phase) => {
    const page = new Page();
    page.input({ type: "start" });
    if (phase === "greeting") page.input({ type: "opened", generation: 1 });

    page.advance(10_000);

    expect(page.effects).toContainEqual({ type: "close", generation: 1 });
    expect(selectConnection(page.state).status).toBe("offline");
    page.advance(500);
    expect(page.effects).toContainEqual({ type: "open", generation: 2 });
  });

  it("[CN21] leaves a connection on which nothing was heard for 40 s", () => {
    const page = connected();
    page.advance(39_999);
    page.hear({ type: "ping" });
    page.advance(39_999);
    expect(page.effects).not.toContainEqual({ type: "close", generation: 1 });

    page.advance(1);

    expect(page.effects).toContainEqual({ type: "close", generation: 1 });
  });

  it("[CN33] answers a ping, and learns the server's clock from the welcome", () => {
    const page = connected();
    page.hear(welcome(page.now_ms + 250));
    page.hear({ type: "ping" });
    expect(page.sent()).toEqual([{ type: "pong" }]);
    expect(selectConnection(page.state)).toMatchObject({ server_offset_ms: 250, process: "w1", person_id: "ana" });
  });
});

describe("coming back", () => {
  it("[CN22] waits with full jitter, 0.5 s doubled up to 20 s", () => {
    const page = new Page();
    page.input({ type: "start" });
    const waits = [...Array(8)].map(() => {
      page.close(1006);
      const wait_ms = (wakeAt(page.state) as number) - page.now_ms;
      page.advance(wait_ms);
      return wait_ms;
    });
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);

    page.random = 0.25;
    page.close(1006);
    expect((wakeAt(page.state) as number) - page.now_ms).toBe(5_000);
  });

  it("[CN22] starts again at 0.5 s after a connection that held 10 s, and not after a shorter one", () => {
    const page = new Page();
    page.connect();
    page.close(1006);
    page.connect();
    page.advance(9_999);
    page.close(1006);
    expect((wakeAt(page.state) as number) - page.now_ms).toBe(1_000);

    page.connect();
    page.advance(10_000);
    page.close(1006);
    expect((wakeAt(page.state) as number) - page.now_ms).toBe(500);
  });

  it("[CN23] obeys the server's retry_ms", () => {
    const page = connected();
    page.hear({ type: "closing", retry_ms: 3_456 });
    page.close(4001);
    expect(selectConnection(page.state)).toMatchObject({
      status: "offline",
      retry_at_ms: page.now_ms + 3_456,
      closed_code: 4001,
    });
  });

  it.each([4001, 4008, 4012, 4013, 4029, 4499, 1001, 1006, 1011])("[CN24] comes back after %i", (code) => {
    const page = connected();
    page.close(code);
    page.advance(20_000);
    expect(page.effects).toContainEqual({ type: "open", generation: 2 });
  });

  it.each([4500, 4501, 4502, 4503, 4507, 4999])("[CN24] does not come back after %i until it is started", (code) => {
    const page = connected();
    page.close(code);
    page.advance(1_000_000);
    expect(page.effects).not.toContainEqual({ type: "open", generation: 2 });
    expect(selectConnection(page.state)).toMatchObject({ status: "closed", closed_code: code, retry_at_ms: null });

    page.input({ type: "start" });
    expect(page.effects).toContainEqual({ type: "open", generation: 2 });
  });

  it("[CN25] ignores whatever a superseded socket says", () => {
    const page = connected();
    page.input({ type: "follow", session_id: S1 });
    page.input({ type: "offline" });
    page.connect();
    const before = page.state;

    page.input({ type: "closed", generation: 1, code: 4502 });
    page.input({ type: "opened", generation: 1 });
    page.input({ type: "frame", generation: 1, frame: viewFrame() });

    expect(page.state).toEqual(before);
  });

  it("[CN26] drops the connection when the browser says offline, and tries at once when it says online", () => {
    const page = connected();
    page.input({ type: "offline" });
    expect(page.effects).toContainEqual({ type: "close", generation: 1 });
    expect(selectConnection(page.state).status).toBe("offline");

    page.input({ type: "woken" });
    expect(page.effects).toContainEqual({ type: "open", generation: 2 });
  });

  it("[CN26] finds a way out even if the browser never says online", () => {
    const page = connected();
    page.input({ type: "offline" });
    page.advance(500);
    expect(selectConnection(page.state).status).toBe("connecting");
  });

  it("[CN26] comes back at once on a device that slept", () => {
    const page = connected();
    page.input({ type: "offline" });
    page.input({ type: "woken" });
    expect(page.effects).toContainEqual({ type: "open", generation: 2 });
  });

  it("[CN26] takes a line that was silent over the server's ping for dead, and no other", () => {
    const page = connected();
    page.now_ms += 27_000;
    page.input({ type: "woken" });
    expect(page.effects).toEqual([]);
    page.now_ms += 2_000;
    page.input({ type: "woken" });
    expect(page.effects).toEqual([
      { type: "close", generation: 1 },
      { type: "open", generation: 2 },
    ]);
  });

  it("stops for good when told to", () => {
    const page = connected();
    page.input({ type: "stop" });
    page.advance(1_000_000);
    expect(page.effects).toEqual([{ type: "close", generation: 1 }]);
    expect(selectConnection(page.state)).toMatchObject({ status: "closed", closed_code: null });
  });
});
