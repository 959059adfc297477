import { expect, it } from "vitest";
import type { ActionView } from "../../protocol/protocol.gen";
import { action } from "../../sync/testing";
import type { ShownAction } from "./actions";
import { behindOf, cardsOf, turnOf } from "./waiting";

const WAITING = ["a4", "a3", "a2", "a1"].map((id) => shown({ id }));
const FOLDED = { hidden: new Set<string>(), is_unfolded: false, at_most: 3 };

function shown(change: Partial<ActionView>): ShownAction {
  return { action: action(change) } as ShownAction;
}

function ids(cards: readonly ShownAction[]): string[] {
  return cards.map((each) => each.action.id);
}

it("[AX1] shows the newest three, and none that were hidden", () => {
  expect(ids(cardsOf(WAITING, FOLDED))).toEqual(["a4", "a3", "a2"]);
  const hidden = new Set([turnOf(action({ id: "a3" }))]);
  expect(ids(cardsOf(WAITING, { ...FOLDED, hidden }))).toEqual(["a4", "a2", "a1"]);
});

it("[AX1] shows none on a small screen, and all once somebody asked for them", () => {
  expect(cardsOf(WAITING, { ...FOLDED, at_most: 0 })).toEqual([]);
  expect(ids(cardsOf(WAITING, { ...FOLDED, at_most: 0, is_unfolded: true }))).toEqual(["a4", "a3", "a2", "a1"]);
});

it("[AX1] counts behind the lightning what wants somebody, and nothing that goes by itself", () => {
  const sent = [
    shown({ id: "a5", status: "waiting_to_retry" }),
    shown({ id: "a6", status: "sent" }),
    shown({ id: "a7", status: "unknown" }),
  ];
  expect(behindOf([...WAITING, ...sent], WAITING.slice(0, 3))).toBe(2);
  expect(behindOf([...WAITING, ...sent], [...WAITING, ...sent])).toBe(0);
});

it("[AX1] what was hidden stays so until it wants somebody again", () => {
  const turn = (change: Partial<ActionView>): string => turnOf(action(change));
  expect(turn({ status: "awaiting_approval" })).toBe(turn({ status: "draft" }));
  const queued = turn({ status: "queued", fired_ms: 1 });
  expect(turn({ status: "sent", fired_ms: 1 })).toBe(queued);
  const others = [{ status: "draft" }, { status: "unknown" }, { status: "failed" }] as const;
  expect(others.map((each) => turn({ ...each, fired_ms: 1 }))).not.toContain(queued);
  expect(turn({ status: "queued", fired_ms: 2 })).not.toBe(queued);
});
