/** The locale of the person of this page, and values written in it. Reading what is typed is the server's. */

import type { FieldContent, FieldDefinition, Locale, Policy } from "../protocol/protocol.gen";

let current: Locale = { language: "en-GB", country: "GB", currency: "GBP", time_zone: "Europe/London" };

/** Set once, when the page learns who is signed in. */
export function setLocale(locale: Locale): void {
  current = locale;
}

export function locale(): Locale {
  return current;
}

/** What the page learns of its person and its installation. */
export interface Me {
  readonly person: {
    readonly id: string;
    readonly name: string;
    /** Null for the people of a demo. */
    readonly email: string | null;
    readonly has_password: boolean;
    readonly roles: readonly string[];
    /** What was given besides roles: `hidden_watching`. */
    readonly permissions: readonly string[];
    readonly has_team: boolean;
    readonly locale: Locale;
  };
  /** How this browser was signed in: `oidc` with the company's OpenID provider. */
  readonly way: string;
  /** For `setProof`; null where none is asked for. */
  readonly csrf: string | null;
  /** What the installation is called. */
  readonly house: string;
  readonly demo: boolean;
  readonly policy: Policy;
}

/** Canonical text as this person reads it; text that is not canonical as it was typed. */
export function shownText(field: Pick<FieldDefinition, "type">, content: string): string {
  switch (field.type) {
    case "number":
      return numberText(content, {});
    case "money":
      return moneyText(content);
    case "date":
      return dateText(content);
    case "time":
      return timeText(content);
    case "date_time":
      return dateTimeText(content);
    case "country":
      return /^[A-Z]{2}$/.test(content) ? countryName(content) : content;
    default:
      return content;
  }
}

/** Canonical text in a form that the server reads back as the same: what stands in an input while it is edited. */
export function editText(field: Pick<FieldDefinition, "type">, content: string): string {
  switch (field.type) {
    case "number":
      return numberText(content, { useGrouping: false });
    case "money": {
      const [amount = "", currency = ""] = content.split(" ");
      const digits = /\.(\d+)$/.exec(amount)?.[1]?.length ?? 0;
      const text = numberText(amount, { useGrouping: false, minimumFractionDigits: digits });
      return currency === "" ? content : `${text} ${currency}`;
    }
    case "date_time": {
      const parts = dateTimeParts(content);
      if (parts === null) return content;
      const zone = parts.zone === current.time_zone ? "" : ` [${parts.zone}]`;
      return `${parts.date} ${parts.time}${zone}`;
    }
    case "country":
      return /^[A-Z]{2}$/.test(content) ? countryName(content) : content;
    default:
      return content;
  }
}

function countryName(code: string): string {
  return new Intl.DisplayNames(current.language, { type: "region", fallback: "code" }).of(code) ?? code;
}

/** `2026-04-03`, `15:00` and the zone of a canonical date-time, by the clock of its zone. */
export function dateTimeParts(content: FieldContent): { date: string; time: string; zone: string } | null {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[^[]*\[([^\]]+)\]$/.exec(typeof content === "string" ? content : "");
  if (parts === null) return null;
  const [, date = "", time = "", zone = ""] = parts;
  return { date, time, zone };
}

function numberText(content: string, options: Intl.NumberFormatOptions): string {
  if (!/^-?\d+(\.\d+)?$/.test(content)) return content;
  // A string keeps every digit; a number would not.
  return new Intl.NumberFormat(current.language, { maximumFractionDigits: 20, ...options }).format(
    content as unknown as number,
  );
}

function moneyText(content: string): string {
  const parts = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(content);
  if (parts === null) return content;
  const [, amount = "", currency = ""] = parts;
  return new Intl.NumberFormat(current.language, { style: "currency", currency }).format(amount as unknown as number);
}

/** With the month in letters, so that nobody takes the day for it. */
function dateText(content: string): string {
  const at = new Date(`${content}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(content) || !isThere(at, content)) return content;
  const format = new Intl.DateTimeFormat(current.language, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return format.format(at);
}

/** `15:00`, or `3:00 PM` where people count to twelve. */
function timeText(content: string): string {
  const at = new Date(`2000-01-01T${content}Z`);
  return /^\d\d:\d\d$/.test(content) && isThere(at, content) ? clockText(at, "UTC") : content;
}

/** Whether the calendar has what the text says: what was typed may look canonical, and be 25 o'clock or a 31 February. */
function isThere(at: Date, text: string): boolean {
  return !Number.isNaN(at.getTime()) && at.toISOString().includes(text);
}

/** With spaces that people can type: the server reads it as it is written. */
function clockText(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat(current.language, { timeStyle: "short", timeZone });
  return format.format(at).replaceAll(/[\u00a0\u202f]/g, " ");
}

function dateTimeText(content: string): string {
  const words = dateTimeWords(content);
  if (words === null) return content;
  const { there, zone, here } = words;
  return here === "" ? `${there} (${zone})` : `${there} (${zone}), ${here}`;
}

/** A canonical date-time in parts: by the clock of its zone, that zone, and what it is for this person, if that is another time. */
export function dateTimeWords(content: FieldContent): { there: string; zone: string; here: string } | null {
  const parts = dateTimeParts(content);
  const at = new Date(typeof content === "string" ? (content.split("[")[0] ?? "") : "");
  if (parts === null || Number.isNaN(at.getTime())) return null;
  const there = `${dateText(parts.date)}, ${timeText(parts.time)}`;
  const zone = parts.zone.replaceAll("_", " ");
  if (parts.zone === current.time_zone) return { there, zone, here: "" };
  const { time_zone: timeZone } = current;
  const day = new Intl.DateTimeFormat(current.language, { day: "numeric", month: "short", timeZone }).format(at);
  return { there, zone, here: `${day}, ${clockText(at, timeZone)} for you` };
}
