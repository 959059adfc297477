// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepFocus } from "./keepFocus";

let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `
    <h1 tabindex="-1">Greeting</h1>
    <button id="more">More</button>
    <button id="take">Take the seat</button>
    <div role="dialog"><input id="note" /></div>`;
  stop = keepFocus(document);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  document.body.innerHTML = "";
});

const focused = (): string | null => document.activeElement?.textContent ?? null;

async function remove(selector: string): Promise<void> {
  const element = document.querySelector<HTMLElement>(selector);
  // Browsers do that by themselves.
  if (element?.contains(document.activeElement)) (document.activeElement as HTMLElement).blur();
  element?.remove();
  await vi.advanceTimersByTimeAsync(100);
}

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

describe("what had the focus goes", () => {
  it("[AX1] is followed by the Section's name", async () => {
    focus("take");
    await remove("#take");
    expect(focused()).toBe("Greeting");
  });

  it("[AX1] is followed by what led to the dialog, if that is still there", async () => {
    focus("more");
    focus("note");
    await remove("[role=dialog]");
    expect(focused()).toBe("More");
  });

  it("[AX1] is followed by the Section's name, if it is not", async () => {
    focus("more");
    focus("note");
    document.getElementById("more")?.remove();
    await remove("[role=dialog]");
    expect(focused()).toBe("Greeting");
  });

  it("moves nothing where the focus is elsewhere by then", async () => {
    focus("take");
    focus("more");
    await remove("#take");
    expect(focused()).toBe("More");
  });
});
