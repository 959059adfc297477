import type { Locale } from "../../protocol/protocol.gen";

/** `1.234,50 € · 31.12.2026, 15:00`: an amount and this moment, written that way. */
export function localeText({ language, currency, time_zone }: Locale): string {
  const amount = new Intl.NumberFormat(language, { style: "currency", currency }).format(1234.5);
  const moment = new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short", timeZone: time_zone });
  return `${amount} · ${moment.format(new Date())}`;
}
