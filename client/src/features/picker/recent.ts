/** The Workflows that this person used last on this computer, latest first, and the order in which all are offered. */

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

/** Pinned ones first, then recent ones, the last used on top; the others, and those that are equal, by name. */
export function sortOffers(
  offers: readonly WorkflowOffer[],
  recent: readonly string[],
  pinned: ReadonlySet<string> = new Set(),
): WorkflowOffer[] {
  const place = ({ key }: WorkflowOffer): number => {
    const found = recent.indexOf(key);
    return (found === -1 ? recent.length : found) - (pinned.has(key) ? KEPT + 1 : 0);
  };
  return offers.toSorted((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
}

/** The first part of a category such as `Sample library / Account Access`. */
export function libraryOf({ category }: WorkflowOffer): string {
  return category.split(" / ")[0] ?? "";
}

/** Whether its category has parts: one of many alike. */
export function isOfLibrary({ category }: WorkflowOffer): boolean {
  return category.includes(" / ");
}

export interface OfferGroup {
  /** "" for what stands on its own, at the top. */
  readonly title: string;
  readonly offers: readonly WorkflowOffer[];
}

/** What is no part of a library, is pinned or was used lately stays on top; libraries follow, a group for each part. */
export function groupOffers(
  offers: readonly WorkflowOffer[],
  recent: readonly string[],
  pinned: ReadonlySet<string> = new Set(),
): readonly OfferGroup[] {
  const groups = new Map<string, WorkflowOffer[]>([["", []]]);
  for (const offer of offers) {
    const is_on_top = pinned.has(offer.key) || recent.includes(offer.key) || !isOfLibrary(offer);
    const title = is_on_top ? "" : offer.category;
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
