import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDrafts } from "../../sync/drafts";
import { createFieldSaver } from "./fieldSaver";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function create() {
  const save = vi.fn();
  const drafts = createDrafts(() => {});
  const saver = createFieldSaver(save, (send) => drafts.keep("session", send));
  return { save, drafts, saver };
}

describe("createFieldSaver", () => {
  it("[CM36] saves once, 300 ms after typing stopped", () => {
    const { save, saver } = create();
    saver.change("name", "A");
    vi.advanceTimersByTime(200);
    saver.change("name", "An");
    vi.advanceTimersByTime(299);
    expect(save).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(save.mock.calls).toEqual([["name", "An"]]);
  });

  it("[CM36] saves at least every 2 s while typing goes on without a pause", () => {
    const { save, saver } = create();
    let typed = "";
    for (let key = 0; key < 50; key += 1) {
      typed += "a";
      saver.change("name", typed);
      vi.advanceTimersByTime(100);
    }
    expect(save.mock.calls).toEqual([
      ["name", "a".repeat(20)],
      ["name", "a".repeat(40)],
    ]);
    vi.advanceTimersByTime(300);
    expect(save.mock.calls.at(-1)).toEqual(["name", typed]);
  });

  it("[CM36] saves at once on leaving, and not again after the pause", () => {
    const { save, saver } = create();
    saver.change("name", "Ana");
    saver.flush("name");
    vi.runAllTimers();
    expect(save.mock.calls).toEqual([["name", "Ana"]]);
  });

  it("has nothing to save on leaving a Field in which nothing was typed", () => {
    const { save, saver } = create();
    saver.flush("name");
    expect(save).not.toHaveBeenCalled();
  });

  it("[CM36] keeps Fields apart, and sends all of them in the order of typing before another command", () => {
    const { save, saver, drafts } = create();
    saver.change("name", "A");
    saver.change("phone", "1");
    saver.change("name", "Ana");
    drafts.sendAll();
    expect(save.mock.calls).toEqual([
      ["name", "Ana"],
      ["phone", "1"],
    ]);
    vi.runAllTimers();
    expect(save).toHaveBeenCalledTimes(2);
  });

  it("[DL27] keeps a draft from the first key until the value is saved", () => {
    const { save, saver, drafts } = create();
    save.mockImplementation(() => expect(drafts.has("session")).toBe(true));
    saver.change("name", "A");
    saver.change("name", "An");
    saver.change("phone", "1");
    saver.flush("name");
    expect(drafts.has("session")).toBe(true);
    vi.advanceTimersByTime(300);
    expect(save).toHaveBeenCalledTimes(2);
    expect(drafts.has("session")).toBe(false);
  });
});
