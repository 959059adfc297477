// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Live } from "./live";
import { pulse, targetAt, targetOf, targetText } from "./pointing";

const SCREEN = `
  <div data-section-content><p>Hello</p><ul><li>One <b id="two">thing</b></li></ul></div>
  <div data-answer="yes"><label id="yes">Yes</label></div>
  <div data-field="name"><label id="name">Name</label></div>
  <p id="elsewhere">Elsewhere</p>`;

const live = {
  visit: { id: "v2", section_key: "hello" },
  guide: {
    fields: new Map([["name", { label: "Name" }]]),
    sections: new Map([["hello", { answers: [{ key: "yes", label: "Yes" }] }]]),
  },
} as unknown as Live;

const at = (id: string): string | null => targetAt(document.getElementById(id) as Element, "v2");
const shown = (): (string | null)[] => [...document.querySelectorAll("[data-pointed]")].map((each) => each.textContent);

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = SCREEN;
});
afterEach(() => void vi.useRealTimers());

describe("pointing", () => {
  it("[PT1] is at a Field, an Answer or a paragraph of the Section, and at nothing else", () => {
    expect([at("name"), at("yes"), at("two")]).toEqual(["v2/field/name", "v2/answer/yes", "v2/paragraph/1"]);
    expect(at("elsewhere")).toBeNull();
  });

  it("[PT2] shows it for 4 s, anew if it is pointed at again", () => {
    pulse(targetOf("v2", "paragraph", 0), "v2", "Cleo");
    vi.advanceTimersByTime(3_000);
    pulse(targetOf("v2", "paragraph", 0), "v2", "Cleo");
    vi.advanceTimersByTime(3_999);
    expect(shown()).toEqual(["Hello"]);
    vi.advanceTimersByTime(1);
    expect(shown()).toEqual([]);
  });

  it("[PT2] shows and says nothing of another visit, or of what is not here", () => {
    for (const target of ["v1/answer/yes", "v2/answer/no", "v2/paragraph/9"]) pulse(target, "v2", "Cleo");
    expect(shown()).toEqual([]);
    expect(targetText("v1/answer/yes", live)).toBe("");
    expect(targetText("v2/paragraph/9", live)).toBe("");
  });

  it("[PT2] is said in words", () => {
    const said = ["v2/field/name", "v2/answer/yes", "v2/paragraph/0"].map((target) => targetText(target, live));
    expect(said).toEqual(["Name", "Yes", "Hello"]);
  });
});
