// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { act, cleanup, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveSession } from "../../protocol/protocol.gen";
import { type CommandInput, type Sync, SyncProvider } from "../../sync";
import { AskedCard } from "./AskedCard";

const ANA = { id: "ana", name: "Ana Agent" };

function asking(id: string): LiveSession {
  return {
    session_id: id,
    title: "Lovelace",
    workflow_name: "Broadband",
    section_name: "Greeting",
    status: "active",
    transfer: {
      ...{ id: "t1", by: ANA, to: { id: "ben", name: "Ben" }, team: null, warm: false, note: "Wants a refund" },
      ...{ asked_ms: Date.now(), until_ms: Date.now() + 60_000, passed_by: [], accepted_by: null, asks_you: true },
    },
  } as unknown as LiveSession;
}

function given(id: string, change: Partial<LiveSession> = {}): LiveSession {
  const given = { by: { id: "sam", name: "Sam Supervisor" }, at_ms: 1 };
  return { ...asking(id), transfer: null, driver: { id: "ben", name: "Ben" }, given, ...change };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A card on a page whose server answers at once, with this refusal or none. */
function shown(refusal: string | null = null) {
  const sent: CommandInput[] = [];
  const putAway = vi.fn();
  const connection = { server_offset_ms: 0 };
  const model = { refusals: refusal === null ? [] : [{ id: 1, code: refusal }], pending_count: 0, dismissRefusal() {} };
  const sync = {
    subscribe: () => () => {},
    connection: () => connection,
    follow: () => () => {},
    send: (_: string, command: CommandInput) => sent.push(command),
    session: () => model,
  } as unknown as Sync;
  const card = (asked: readonly LiveSession[], given: readonly LiveSession[] = []) => (
    <MantineProvider>
      <SyncProvider sync={sync}>
        <AskedCard asked={asked} given={given} person_id="ben" onPutAway={putAway} />
      </SyncProvider>
    </MantineProvider>
  );
  const asked = asking("a");
  const { container, rerender, getByRole } = render(card([asked]));
  return {
    sent,
    putAway,
    text: () => container.querySelector("section")?.textContent ?? "",
    press: async (name: RegExp) => act(async () => getByRole("button", { name }).click()),
    becomes: (next: readonly LiveSession[], given: readonly LiveSession[] = []) => rerender(card(next, given)),
  };
}

const passes = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

describe("what somebody asks one to take over", () => {
  it("[TR10] counts nothing in its first moment, and once afterwards", async () => {
    const { sent, press } = shown();
    passes(399);
    await press(/Accept/);
    expect(sent).toEqual([]);
    passes(1);
    await press(/Accept/);
    await press(/Decline/);
    expect(sent).toEqual([{ type: "accept_transfer", transfer_id: "t1" }]);
  });

  it("[TR7, TR10] tells from whom, what and why, and the time that is left as it passes", () => {
    const { text } = shown();
    for (const words of ["Ana Agent asks you", "Lovelace · Greeting", "“Wants a refund”", "at once", "1:00"]) {
      expect(text()).toContain(words);
    }
    passes(10_000);
    expect(text()).toContain("0:50");
  });

  it("[TR10] says for a moment that it is over, unless it was answered here", async () => {
    const { text, becomes, press } = shown();
    becomes([]);
    expect(text()).toContain("does not wait for you any more");
    passes(8_000);
    expect(text()).toBe("");
    becomes([asking("b")]);
    passes(400);
    await press(/Decline/);
    becomes([]);
    expect(text()).toBe("");
  });

  it("[TR3] says why nothing came of an answer, and can be answered again", async () => {
    const { sent, text, press } = shown("transfer_over");
    passes(400);
    await press(/Accept/);
    expect(text()).toContain("somebody else may have been faster");
    await press(/Decline/);
    expect(sent.map(({ type }) => type)).toEqual(["accept_transfer", "decline_transfer"]);
  });
});

describe("what somebody gave one", () => {
  it("[RA7] tells by whom, what, and what it waits for", () => {
    const { text, becomes } = shown();
    becomes([], [given("b")]);
    passes(8_000); // that nothing is asked any more is told first
    for (const words of ["Sam Supervisor gave you a call", "Lovelace", "Broadband · Greeting", "and you drive"]) {
      expect(text()).toContain(words);
    }
    becomes([], [given("b", { driver: ANA })]);
    expect(text()).toContain("Ana Agent drives");
    becomes([], [given("c"), given("b", { status: "paused", title: "" })]);
    expect(text()).toContain("waits for you to resume it");
    expect(text()).toContain("Greeting · paused · and 1 more");
  });

  it("[RA7] counts nothing in its first moment, and is put away afterwards", async () => {
    const { becomes, press, putAway } = shown();
    becomes([], [given("b")]);
    passes(8_000);
    await press(/Put away/);
    expect(putAway).not.toHaveBeenCalled();
    passes(400);
    await press(/Put away/);
    expect(putAway).toHaveBeenCalledWith(given("b"));
  });
});
