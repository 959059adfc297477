// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FieldDefinition, SuggestionView } from "../../protocol/protocol.gen";
import type { CommandInput } from "../../sync";
import { type Live, LiveContext } from "./live";
import { SuggestedAside } from "./SuggestedAside";
import { SuggestedMark, SuggestedValue } from "./SuggestedValue";
import { findDeciding, openWord, outcomeWord, suggestedText, valueText } from "./suggestions";
import { RIPE_AFTER_MS } from "./useStood";

const FIELD = { key: "name", label: "Name", type: "text", options: [], unit: null } as unknown as FieldDefinition;
const SUGGESTION: SuggestionView = {
  id: "s1",
  kind: "field",
  key: "name",
  masked: false,
  content: "Lovelace",
  shown: null,
  visit_id: "v1",
  by: { id: "cleo", name: "Cleo" },
  at_ms: 0,
  outcome: null,
  settled_by: null,
  settled_ms: null,
};

beforeEach(() => {
  vi.useFakeTimers();
  // happy-dom lays nothing out.
  HTMLElement.prototype.checkVisibility = () => true;
});
afterEach(() => void vi.useRealTimers());

function shown(mark: boolean, refused: CommandInput[] = [], is_driving = true) {
  const sent: CommandInput[] = [];
  const refusals = refused.map((command) => ({ command }));
  const live = { is_driving, model: { refusals }, act: (command: CommandInput) => sent.push(command) };
  const { container } = render(
    <MantineProvider>
      <LiveContext value={live as unknown as Live}>
        <div data-field="name">
          {mark ? (
            <SuggestedMark field={FIELD} suggestion={SUGGESTION} />
          ) : (
            <SuggestedValue field={FIELD} held={undefined} suggestion={SUGGESTION} />
          )}
          <input />
        </div>
      </LiveContext>
    </MantineProvider>,
  );
  return { sent, container };
}

const passes = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));
const press = (): void => act(() => findDeciding("accept")?.click());

describe("a suggested value", () => {
  it.each([true, false])("[SU9] counts nothing in its first moment, and once afterwards (as a mark: %s)", (mark) => {
    const { sent, container } = shown(mark);
    passes(RIPE_AFTER_MS - 1);
    press();
    fireEvent.click(container.querySelector("[data-accept]") as Element);
    expect(sent).toEqual([]);
    passes(1);
    press();
    press();
    expect(sent).toEqual([{ type: "accept_suggestion", suggestion_id: "s1" }]);
  });

  it("[SU9] can be accepted again if that was refused", () => {
    const { sent } = shown(false, [{ type: "accept_suggestion", suggestion_id: "s1" }]);
    passes(RIPE_AFTER_MS);
    press();
    press();
    expect(sent).toHaveLength(2);
  });

  it("[SU9] is dismissed by its button, and a click elsewhere leads to the control", () => {
    const { sent, container } = shown(false);
    passes(RIPE_AFTER_MS);
    fireEvent.click(container.querySelector("strong") as Element);
    expect(document.activeElement?.tagName).toBe("INPUT");
    fireEvent.click(container.querySelector("[aria-label^=Dismiss]") as Element);
    expect(sent).toEqual([{ type: "dismiss_suggestion", suggestion_id: "s1" }]);
  });

  it.each([true, false])(
    "[SU9] is dismissed by its key, not in its first moment, and who types goes on (mark: %s)",
    (mark) => {
      const { sent, container } = shown(mark);
      container.querySelector("input")?.focus();
      const dismiss = (): void => act(() => findDeciding("dismiss")?.click());
      passes(RIPE_AFTER_MS - 1);
      dismiss();
      expect(sent).toEqual([]);
      passes(1);
      dismiss();
      expect(sent).toEqual([{ type: "dismiss_suggestion", suggestion_id: "s1" }]);
      expect(document.activeElement?.tagName).toBe("INPUT");
    },
  );

  it("[SU9] offers nothing to those who watch", () => {
    const { container } = shown(false, [], false);
    passes(RIPE_AFTER_MS);
    expect(container.textContent).toContain("Lovelace");
    expect(container.querySelector("button")).toBeNull();
  });
});

describe("a line while the customer sees the screen", () => {
  const aside = (is_shared: boolean, others: Partial<SuggestionView>[] = []) => {
    const line = { ...SUGGESTION, kind: "line", key: null, content: "He is lying." };
    const all = [line, ...others.map((each, place) => ({ ...SUGGESTION, ...each, id: `o${place}`, at_ms: 1 }))];
    const live = {
      is_driving: true,
      head: { screen_shared: is_shared },
      view: { suggestions: Object.fromEntries(all.map((each) => [each.id, each])) },
      guide: { sections: new Map(), responses: new Map([["dear", { name: "Too expensive" }]]) },
      model: { refusals: [] },
      act: () => undefined,
    };
    return render(
      <MantineProvider>
        <LiveContext value={live as unknown as Live}>
          <SuggestedAside onRead={() => undefined} />
        </LiveContext>
      </MantineProvider>,
    ).container;
  };

  it("[SU13] is not on the driver's screen, nor who suggests it; only that one waits", () => {
    expect(aside(false).textContent).toContain("He is lying.");
    const shared = aside(true);
    passes(RIPE_AFTER_MS);
    expect(shared.querySelector("[data-suggested]")).toBeNull();
    expect(shared.textContent).toContain("1 waits");
    expect(shared.innerHTML).not.toMatch(/lying|Cleo/);
  });

  it("[SU13] lets what is no line be seen and decided", () => {
    const shared = aside(true, [{ kind: "response", key: "dear" }]);
    expect(shared.textContent).toContain("Too expensive and 1 more");
    expect(shared.innerHTML).not.toContain("lying");
  });

  it("[SU13] is told of to those who suggest, without a word of it", () => {
    const line: SuggestionView = { ...SUGGESTION, kind: "line", key: null, content: "He is lying." };
    expect(suggestedText(line, {} as Live["guide"], true)).toBe("a line");
    expect(openWord(line, true)).toBe("waits until the screen is not shared");
    expect(openWord(line, false)).toBe("waits");
  });
});

describe("in words", () => {
  it("[SU8] a value that is withheld or gone says so", () => {
    expect(valueText(FIELD, { ...SUGGESTION, masked: true, content: null })).toBe("a hidden value");
    expect(valueText(FIELD, { ...SUGGESTION, content: null })).toBe("a value that was erased");
    expect(valueText(FIELD, { ...SUGGESTION, shown: "+44 20" })).toBe("+44 20");
  });

  it("[SU6, SU9] a record names what was suggested and what became of it", () => {
    const guide = {
      fields: new Map([["name", FIELD]]),
      sections: new Map([["s", { answers: [{ key: "yes", label: "Yes, please" }] }]]),
      responses: new Map([["dear", { name: "Too expensive" }]]),
    } as unknown as Live["guide"];
    const text = (part: Partial<SuggestionView>): string => suggestedText({ ...SUGGESTION, ...part }, guide);
    expect(text({})).toBe("Name: Lovelace");
    expect(text({ key: "gone" })).toBe("gone");
    expect(text({ kind: "answer", key: "yes" })).toBe("Answer: Yes, please");
    expect(text({ kind: "response", key: "dear" })).toBe("Response: Too expensive");
    expect(text({ kind: "line", key: null, content: "Ask." })).toBe("“Ask.”");
    expect([null, "accepted", "expired"].map((each) => outcomeWord(each as SuggestionView["outcome"]))).toEqual([
      "open",
      "accepted",
      "not taken up",
    ]);
  });
});
