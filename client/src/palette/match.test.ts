// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { type Entry, findEntry, mapPress, type Press, placeOf } from "./match";

const PRESS: Press = {
  key: "2",
  code: "Digit2",
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
const NEXT_FIELD: Entry = {
  id: "next_field",
  label: "Next Field",
  keys: ["Enter"],
  places: ["one_line_field", "choice"],
  run: vi.fn(),
};
const COMPLETE: Entry = { ...CONTINUE, id: "complete", keys: ["Mod+Shift+Enter"] };
const ENTRIES = [SELECT, CONTINUE, COMPLETE, NEXT_FIELD];

function idOf(press: Partial<Press>): string | undefined {
  return findEntry(ENTRIES, { ...PRESS, ...press })?.id;
}

describe("findEntry", () => {
  it("knows a digit with Alt by its place, also in an input, and never takes AltGr for it [WH9]", () => {
    const reply: Entry = { ...CONTINUE, id: "reply", keys: ["Alt+1", "Alt+2"] };
    const found = (press: Partial<Press>) => findEntry([SELECT, reply], { ...PRESS, alt: true, ...press })?.id;
    expect(found({})).toBe("reply");
    expect(found({ key: "™", place: "input" })).toBe("reply");
    expect(found({ mod: true })).toBeUndefined();
    expect(found({ shift: true })).toBeUndefined();
    expect(found({ code: "Digit3", key: "3" })).toBeUndefined();
    expect(found({ alt: false })).toBe("select");
    expect(mapPress({ ...PRESS, alt: true }, "off")).not.toBeNull();
  });

  it("knows the full stop with Shift by its place, whatever it writes there [SU9]", () => {
    const accept: Entry = { ...CONTINUE, id: "accept", keys: ["Mod+."] };
    const dismiss: Entry = { ...CONTINUE, id: "dismiss", keys: ["Mod+Shift+."] };
    const found = (press: Partial<Press>) => findEntry([accept, dismiss], { ...PRESS, mod: true, ...press })?.id;
    expect(found({ key: ".", code: "Period" })).toBe("accept");
    for (const key of [".", ">", ":"]) expect(found({ key, code: "Period", shift: true })).toBe("dismiss");
    // French: it is written with Shift.
    expect(found({ key: ".", code: "Comma", shift: true })).toBe("accept");
    expect(found({ key: ">", code: "Period", shift: true, mod: false })).toBeUndefined();
  });

  it("selects by number with the focus outside inputs", () => {
    expect(idOf({ key: "2" })).toBe("select");
    expect(idOf({ key: "2", place: "answers" })).toBe("select");
  });

  it("leaves numbers to inputs and to what lies over the screen", () => {
    expect(idOf({ key: "2", place: "input" })).toBeUndefined();
    expect(idOf({ key: "2", place: "one_line_field" })).toBeUndefined();
    expect(idOf({ key: "2", place: "overlay" })).toBeUndefined();
  });

  it("takes a choice of a Field for a Field and for no input", () => {
    expect(idOf({ key: "Enter", place: "choice" })).toBe("next_field");
    expect(idOf({ key: "2", place: "choice" })).toBe("select");
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

describe("mapPress", () => {
  function keyOf(press: Partial<Press>, single_keys: "digits" | "letters" | "off" = "digits"): string | undefined {
    return mapPress({ ...PRESS, ...press }, single_keys)?.key;
  }

  it("reads the number off a key that writes it with Shift only", () => {
    expect(keyOf({ key: "&", code: "Digit1" })).toBe("1");
    expect(keyOf({ key: "ç", code: "Digit9", place: "overlay" })).toBe("9");
    expect(keyOf({ key: "1", code: "Digit1", shift: true })).toBe("1");
  });

  it("leaves other signs and other keys what they are", () => {
    expect(keyOf({ key: "!", code: "Digit1", shift: true })).toBe("!");
    expect(keyOf({ key: "à", code: "Digit0" })).toBe("à");
    expect(keyOf({ key: "End", code: "Numpad1" })).toBe("End");
    expect(keyOf({ key: "7", code: "Digit6" })).toBe("7");
    expect(keyOf({ key: "&", code: "Digit1", mod: true })).toBe("&");
  });

  it("reads letters where they choose Answers, and then no numbers", () => {
    expect(keyOf({ key: "b", code: "KeyB" }, "letters")).toBe("2");
    expect(keyOf({ key: "2" }, "letters")).toBeUndefined();
    expect(keyOf({ key: "&", code: "Digit1" }, "letters")).toBe("&");
    expect(keyOf({ key: "2", place: "overlay" }, "letters")).toBe("2");
  });

  it("knows no single keys where they are off, but in what lies over the screen", () => {
    expect(keyOf({ key: "&", code: "Digit1" }, "off")).toBeUndefined();
    expect(keyOf({ key: "&", code: "Digit1", place: "overlay" }, "off")).toBe("1");
    expect(keyOf({ key: "Enter" }, "off")).toBe("Enter");
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
    ['<div data-field="a"><select data-me></select></div>', "one_line_field"],
    ['<div data-field="a"><input type="radio" data-me></div>', "choice"],
    ['<div data-field="a"><button aria-pressed="false" data-me></button></div>', "choice"],
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
