// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { filterOffers, groupOffers, readRecent, rememberRecent, sortOffers } from "./recent";

function offer(key: string, category = "Support"): WorkflowOffer {
  return {
    version_id: `${key}@1`,
    key,
    name: key,
    description: `About ${key}`,
    category,
    sections: 3,
    incomplete: false,
    example: false,
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

describe("groupOffers", () => {
  const LIBRARY = [offer("reset", "Library / Access"), offer("cable"), offer("refund", "Library / Money")];

  it("puts libraries below, a group for each of their parts", () => {
    const groups = groupOffers(LIBRARY, []).map(({ title, offers }) => [title, ...offers.map(({ key }) => key)]);
    expect(groups).toEqual([
      ["", "cable"],
      ["Library / Access", "reset"],
      ["Library / Money", "refund"],
    ]);
  });

  it("keeps what was used lately on top, and finds a whole library by its name", () => {
    expect(groupOffers(LIBRARY, ["refund"])[0]?.offers.map(({ key }) => key)).toEqual(["cable", "refund"]);
    expect(filterOffers(LIBRARY, "", "Library")).toHaveLength(2);
  });
});
