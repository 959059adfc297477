import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFieldSaver } from "./fieldSaver";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("createFieldSaver", () => {
  it("saves once, 300 ms after typing stopped", () => {
    const save = vi.fn();
    const saver = createFieldSaver(save);
    saver.change("name", "A");
    vi.advanceTimersByTime(200);
    saver.change("name", "An");
    vi.advanceTimersByTime(299);
    expect(save).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(save.mock.calls).toEqual([["name", "An"]]);
  });

  it("saves at once on leaving, and not again after the pause", () => {
    const save = vi.fn();
    const saver = createFieldSaver(save);
    saver.change("name", "Ana");
    saver.flush("name");
    vi.runAllTimers();
    expect(save.mock.calls).toEqual([["name", "Ana"]]);
  });

  it("has nothing to save on leaving a Field in which nothing was typed", () => {
    const save = vi.fn();
    createFieldSaver(save).flush("name");
    expect(save).not.toHaveBeenCalled();
  });

  it("keeps Fields apart, and sends all of them in the order of typing before another command", () => {
    const save = vi.fn();
    const saver = createFieldSaver(save);
    saver.change("name", "Ana");
    saver.change("phone", "1");
    saver.flush();
    expect(save.mock.calls).toEqual([
      ["name", "Ana"],
      ["phone", "1"],
    ]);
  });
});
