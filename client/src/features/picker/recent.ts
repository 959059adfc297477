/** The Workflows that this person used last on this computer, latest first. */

import { readPreference, writePreference } from "../../lib/preferences";
import type { WorkflowOffer } from "../../protocol/protocol.gen";

const NAME = "recent_workflows";
const KEPT = 8;

export function readRecent(): string[] {
  return readPreference(NAME, "").split(" ").filter(Boolean);
}

export function rememberRecent(key: string): void {
  const others = readRecent().filter((each) => each !== key);
  writePreference(NAME, [key, ...others].slice(0, KEPT).join(" "));
}

/** Recent ones first, in their order, the others by name. */
export function sortOffers(offers: readonly WorkflowOffer[], recent: readonly string[]): WorkflowOffer[] {
  const place = (offer: WorkflowOffer): number => {
    const found = recent.indexOf(offer.key);
    return found === -1 ? recent.length : found;
  };
  return offers.toSorted((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
}

/** Offers of the category, "" for all, in which every word of the query occurs. */
export function filterOffers(offers: readonly WorkflowOffer[], query: string, category: string): WorkflowOffer[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return offers.filter((offer) => {
    const text = `${offer.name} ${offer.description} ${offer.category}`.toLowerCase();
    return (category === "" || offer.category === category) && words.every((word) => text.includes(word));
  });
}
