// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { firstPins, usePins } from "./pins";
import { groupOffers, sortOffers } from "./recent";

function offer(key: string, category = "Support"): WorkflowOffer {
  return {
    version_id: `${key}@1`,
    key,
    name: key,
    description: "",
    category,
    sections: 3,
    incomplete: false,
    example: false,
  };
}

const OFFERS = [offer("cable"), offer("billing"), offer("refund", "Library / Money")];

beforeEach(() => localStorage.clear());
afterEach(cleanup);

describe("pinned Workflows", () => {
  it("are those beside a library, until somebody chooses", () => {
    expect([...firstPins(OFFERS)]).toEqual(["cable", "billing"]);
    expect([...firstPins(OFFERS.slice(0, 2))]).toEqual([]);
  });

  it("are kept on this computer, none at all too", () => {
    const { result } = renderHook(() => usePins(OFFERS));
    for (const key of ["refund", "cable", "billing", "refund"]) act(() => result.current[1](key));
    expect([...renderHook(() => usePins(OFFERS)).result.current[0]]).toEqual([]);

    act(() => result.current[1]("refund"));

    expect([...renderHook(() => usePins(OFFERS)).result.current[0]]).toEqual(["refund"]);
  });

  it("come first, then the recent ones, then the rest by name", () => {
    const keys = sortOffers(
      [offer("a"), offer("b"), offer("c"), offer("d"), offer("e")],
      ["e", "d"],
      new Set(["c", "d"]),
    ).map(({ key }) => key);
    expect(keys).toEqual(["d", "c", "e", "a", "b"]);
  });

  it("stand on top, whatever their category", () => {
    const [top] = groupOffers(sortOffers(OFFERS, [], new Set(["refund"])), [], new Set(["refund"]));
    expect(top?.offers.map(({ key }) => key)).toEqual(["refund", "billing", "cable"]);
  });
});
