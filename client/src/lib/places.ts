/** Countries, currencies, languages and time zones, as this browser knows them, in the words of this page's person. */

import { locale } from "./locale";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Codes that have a name and are no countries of ISO 3166-1. */
const NO_COUNTRY = new Set(["EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "UK"]);

interface Choice {
  value: string;
  label: string;
}

/** All countries by code, in the order of their names. */
export function countries(): readonly Choice[] {
  const names = new Intl.DisplayNames(locale().language, { type: "region", fallback: "none" });
  const codes = [...LETTERS].flatMap((one) => [...LETTERS].map((two) => one + two));
  return inOrder(codes.filter((code) => !NO_COUNTRY.has(code)).map((value) => ({ value, label: names.of(value) })));
}

/** All currencies by code. */
export function currencies(in_use: string): readonly Choice[] {
  const names = new Intl.DisplayNames(locale().language, { type: "currency" });
  const codes = new Set([in_use, ...Intl.supportedValuesOf("currency")]);
  return inOrder([...codes].map((value) => ({ value, label: `${names.of(value)} (${value})` })));
}

/** Languages with the region whose way of writing numbers and dates they stand for, in their own words. */
const LANGUAGES = (
  "en-GB en-IE en-US en-CA en-AU en-NZ en-IN en-ZA de-DE de-AT de-CH fr-FR fr-BE fr-CA fr-CH es-ES es-MX es-AR it-IT " +
  "nl-NL nl-BE pt-PT pt-BR da-DK sv-SE nb-NO fi-FI pl-PL cs-CZ hu-HU ro-RO el-GR tr-TR uk-UA ja-JP ko-KR"
).split(" ");

export function languages(in_use: string): readonly Choice[] {
  return inOrder(
    [...new Set([in_use, ...LANGUAGES])].map((value) => ({
      value,
      label: new Intl.DisplayNames(value, { type: "language", languageDisplay: "standard" }).of(value),
    })),
  );
}

function inOrder(choices: readonly { value: string; label: string | undefined }[]): readonly Choice[] {
  const { compare } = new Intl.Collator(locale().language);
  return choices
    .flatMap(({ value, label }) => (label === undefined ? [] : { value, label }))
    .toSorted((one, two) => compare(one.label, two.label));
}

/** Time zones to choose from: the person's own and the one in use first. */
export function zones(in_use: string): readonly Choice[] {
  const all = new Set([locale().time_zone, in_use, ...Intl.supportedValuesOf("timeZone")]);
  return [...all].map((value) => ({ value, label: value.replaceAll("_", " ") }));
}
