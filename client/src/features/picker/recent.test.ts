import { beforeEach, describe, expect, it } from "vitest";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { filterOffers, readRecent, rememberRecent, sortOffers } from "./recent";

function offer(key: string, category = "Support"): WorkflowOffer {
  return {
    version_id: `${key}@1`,
    key,
    name: key,
    description: `About ${key}`,
    category,
    sections: 3,
    incomplete: false,
  };
}

const OFFERS = [offer("cable"), offer("billing", "Money"), offer("anything")];

beforeEach(() => localStorage.clear());

describe("recent Workflows", () => {
  it("come first, the last used on top, and the rest by name", () => {
    rememberRecent("billing");
    rememberRecent("cable");
    expect(sortOffers(OFFERS, readRecent()).map(({ key }) => key)).toEqual(["cable", "billing", "anything"]);
  });

  it("are listed once, however often they are used", () => {
    for (const key of ["cable", "billing", "cable"]) rememberRecent(key);
    expect(readRecent()).toEqual(["cable", "billing"]);
  });
});

describe("filterOffers", () => {
  it("finds words in name, description and category", () => {
    expect(filterOffers(OFFERS, "about money", "").map(({ key }) => key)).toEqual(["billing"]);
  });

  it("keeps to the category", () => {
    expect(filterOffers(OFFERS, "", "Support")).toHaveLength(2);
  });
});
