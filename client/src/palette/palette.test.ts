// @vitest-environment happy-dom
import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Entry } from "./match";
import { hushKeys, listenForKeys, usePalette } from "./palette";

let stop: () => void;
const suggest = vi.fn();
const ENTRY: Entry = { id: "suggest", label: "Suggest", keys: ["s"], places: ["elsewhere", "input"], run: suggest };

beforeEach(() => {
  vi.useFakeTimers();
  suggest.mockClear();
  stop = listenForKeys(document);
  renderHook(() => usePalette([ENTRY]));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  document.body.innerHTML = "";
});

function type(text: string): void {
  for (const key of text) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}

describe("after a dialog in which something may still be typed", () => {
  it("[MM4] no letter means the screen below, as long as the typing goes on", () => {
    hushKeys();
    for (const word of ["She ", "was so ", "calm"]) {
      vi.advanceTimersByTime(1_200);
      type(word);
    }
    expect(suggest).not.toHaveBeenCalled();
  });

  it("[MM4] they do again a moment later", () => {
    hushKeys();
    type("s");
    vi.advanceTimersByTime(1_600);
    type("s");
    expect(suggest).toHaveBeenCalledOnce();
  });

  it("[MM4] what is typed into an input is not held back", () => {
    hushKeys();
    document.body.innerHTML = "<input>";
    document.querySelector("input")?.focus();
    const press = new KeyboardEvent("keydown", { key: "a", bubbles: true, cancelable: true });
    document.querySelector("input")?.dispatchEvent(press);
    expect(press.defaultPrevented).toBe(false);
  });
});
