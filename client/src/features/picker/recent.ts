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

/** The first part of a category such as `Sample library / Account Access`. */
export function libraryOf({ category }: WorkflowOffer): string {
  return category.split(" / ")[0] ?? "";
}

export interface OfferGroup {
  /** "" for what stands on its own, at the top. */
  readonly title: string;
  readonly offers: readonly WorkflowOffer[];
}

/** What has a plain category, or was used lately, stays on top; libraries follow, a group for each of their parts. */
export function groupOffers(offers: readonly WorkflowOffer[], recent: readonly string[]): readonly OfferGroup[] {
  const groups = new Map<string, WorkflowOffer[]>([["", []]]);
  for (const offer of offers) {
    const title = recent.includes(offer.key) || !offer.category.includes(" / ") ? "" : offer.category;
    groups.set(title, [...(groups.get(title) ?? []), offer]);
  }
  return [...groups]
    .map(([title, group]) => ({ title, offers: group }))
    .filter((group) => group.offers.length > 0)
    .toSorted((one, two) => one.title.localeCompare(two.title));
}

/** Offers of the category, "" for all, in which every word of the query occurs. */
export function filterOffers(offers: readonly WorkflowOffer[], query: string, category: string): WorkflowOffer[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return offers.filter((offer) => {
    const text = `${offer.name} ${offer.description} ${offer.category}`.toLowerCase();
    return (category === "" || libraryOf(offer) === category) && words.every((word) => text.includes(word));
  });
}
