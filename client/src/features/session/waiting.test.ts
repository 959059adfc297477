import { expect, it } from "vitest";
import { action } from "../../sync/testing";
import type { ShownAction } from "./actions";
import { cardsOf } from "./waiting";

const WAITING = ["a4", "a3", "a2", "a1"].map((id) => ({ action: action({ id }) }) as ShownAction);
const FOLDED = { hidden: new Set<string>(), is_unfolded: false, at_most: 3 };

function ids(cards: readonly ShownAction[]): string[] {
  return cards.map((each) => each.action.id);
}

it("[AX1] shows the newest three, and none that were hidden", () => {
  expect(ids(cardsOf(WAITING, FOLDED))).toEqual(["a4", "a3", "a2"]);
  expect(ids(cardsOf(WAITING, { ...FOLDED, hidden: new Set(["a3"]) }))).toEqual(["a4", "a2", "a1"]);
});

it("[AX1] shows none on a small screen, and all once somebody asked for them", () => {
  expect(cardsOf(WAITING, { ...FOLDED, at_most: 0 })).toEqual([]);
  expect(ids(cardsOf(WAITING, { ...FOLDED, at_most: 0, is_unfolded: true }))).toEqual(["a4", "a3", "a2", "a1"]);
});
