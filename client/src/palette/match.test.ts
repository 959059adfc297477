import { describe, expect, it, vi } from "vitest";
import { type Entry, findEntry, type Press, placeOf } from "./match";

const PRESS: Press = {
  key: "2",
  mod: false,
  shift: false,
  alt: false,
  repeat: false,
  composing: false,
  place: "elsewhere",
};

const SELECT: Entry = {
  id: "select",
  label: "Select an Answer",
  keys: ["1", "2", "3"],
  places: ["answers", "elsewhere"],
  run: vi.fn(),
};
const CONTINUE: Entry = {
  id: "continue",
  label: "Continue",
  keys: ["Mod+Enter"],
  places: ["answers", "one_line_field", "input", "elsewhere"],
  run: vi.fn(),
};
const COMPLETE: Entry = { ...CONTINUE, id: "complete", keys: ["Mod+Shift+Enter"] };
const ENTRIES = [SELECT, CONTINUE, COMPLETE];

function idOf(press: Partial<Press>): string | undefined {
  return findEntry(ENTRIES, { ...PRESS, ...press })?.id;
}

describe("findEntry", () => {
  it("selects by number with the focus outside inputs", () => {
    expect(idOf({ key: "2" })).toBe("select");
    expect(idOf({ key: "2", place: "answers" })).toBe("select");
  });

  it("leaves numbers to inputs and to what lies over the screen", () => {
    expect(idOf({ key: "2", place: "input" })).toBeUndefined();
    expect(idOf({ key: "2", place: "one_line_field" })).toBeUndefined();
    expect(idOf({ key: "2", place: "overlay" })).toBeUndefined();
  });

  it("ignores a key that is held down", () => {
    expect(idOf({ key: "2", repeat: true })).toBeUndefined();
    expect(idOf({ key: "Enter", mod: true, repeat: true })).toBeUndefined();
  });

  it("ignores keys of an input method at work", () => {
    expect(idOf({ key: "Enter", mod: true, composing: true })).toBeUndefined();
  });

  it("tells Ctrl+Enter from Ctrl+Shift+Enter and from Enter", () => {
    expect(idOf({ key: "Enter", mod: true, place: "input" })).toBe("continue");
    expect(idOf({ key: "Enter", mod: true, shift: true, place: "input" })).toBe("complete");
    expect(idOf({ key: "Enter" })).toBeUndefined();
  });

  it("never takes a number with Ctrl from the browser", () => {
    expect(idOf({ key: "2", mod: true })).toBeUndefined();
  });

  it("finds a character whether the keyboard needs Shift for it or not", () => {
    const sheet: Entry = { ...SELECT, id: "sheet", keys: ["?"] };
    expect(findEntry([sheet], { ...PRESS, key: "?", shift: true })?.id).toBe("sheet");
    expect(findEntry([sheet], { ...PRESS, key: "?" })?.id).toBe("sheet");
  });

  it("passes over an entry that makes no sense now", () => {
    const off: Entry = { ...SELECT, id: "off", when: () => false };
    expect(findEntry([off, SELECT], PRESS)?.id).toBe("select");
  });
});

describe("placeOf", () => {
  function place(html: string): string {
    document.body.innerHTML = html;
    return placeOf(document.querySelector("[data-me]"));
  }

  it.each([
    ['<div data-answers><input type="radio" data-me></div>', "answers"],
    ['<div data-field="a"><input data-me></div>', "one_line_field"],
    ['<div data-field="a"><textarea data-me></textarea></div>', "input"],
    ['<div data-field="a"><button data-me></button></div>', "elsewhere"],
    ['<input type="search" data-me>', "input"],
    ['<div contenteditable="true" data-me></div>', "input"],
    ['<div role="dialog"><input data-me></div>', "overlay"],
    ["<h1 data-me></h1>", "elsewhere"],
  ])("finds the place of %s", (html, expected) => {
    expect(place(html)).toBe(expected);
  });
});
