/** Countries and time zones, as this browser knows them, in the words of this page's person. */

import { locale } from "./locale";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Codes that have a name and are no countries of ISO 3166-1. */
const NO_COUNTRY = new Set(["EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "UK"]);

/** Names of all countries, in order. */
export function countryNames(): readonly string[] {
  const { language } = locale();
  const names = new Intl.DisplayNames(language, { type: "region", fallback: "none" });
  const codes = [...LETTERS].flatMap((one) => [...LETTERS].map((two) => one + two));
  return codes
    .filter((code) => !NO_COUNTRY.has(code))
    .flatMap((code) => names.of(code) ?? [])
    .toSorted(new Intl.Collator(language).compare);
}

/** Time zones to choose from: the person's own and the one in use first. */
export function zones(in_use: string): readonly { value: string; label: string }[] {
  const all = new Set([locale().time_zone, in_use, ...Intl.supportedValuesOf("timeZone")]);
  return [...all].map((value) => ({ value, label: value.replaceAll("_", " ") }));
}
