import { afterEach, describe, expect, it } from "vitest";
import type { FieldType } from "../protocol/protocol.gen";
import { dateTimeWords, editText, setLocale, shownText } from "./locale";

const LONDON = { language: "en-GB", country: "GB", currency: "GBP", time_zone: "Europe/London" };
const BERLIN = { language: "de-DE", country: "DE", currency: "EUR", time_zone: "Europe/Berlin" };
const NEW_YORK = { language: "en-US", country: "US", currency: "USD", time_zone: "America/New_York" };
const CALL = "2026-04-03T15:00:00+01:00[Europe/London]";

describe.each([
  ["number", "1234.5", "1,234.5", "1.234,5"],
  ["number", "12345678901234567890.1", "12,345,678,901,234,567,890.1", "12.345.678.901.234.567.890,1"],
  ["number", "many", "many", "many"],
  ["money", "1234.50 GBP", "£1,234.50", "1.234,50 £"],
  ["money", "about 5", "about 5", "about 5"],
  ["date", "2026-04-03", "Fri, 3 Apr 2026", "Fr., 3. Apr. 2026"],
  ["date", "31/2/2026", "31/2/2026", "31/2/2026"],
  ["date", "2026-02-31", "2026-02-31", "2026-02-31"],
  ["date", "2026-13-45", "2026-13-45", "2026-13-45"],
  ["time", "15:00", "15:00", "15:00"],
  ["time", "25:61", "25:61", "25:61"],
  [
    "date_time",
    CALL,
    "Fri, 3 Apr 2026, 15:00 (Europe/London)",
    "Fr., 3. Apr. 2026, 15:00 (Europe/London), 3. Apr., 16:00 for you",
  ],
  ["date_time", "soon", "soon", "soon"],
  ["date_time", "2026-13-45T25:61[UTC]", "2026-13-45T25:61[UTC]", "2026-13-45T25:61[UTC]"],
  ["country", "DE", "Germany", "Deutschland"],
  ["country", "Atlantis", "Atlantis", "Atlantis"],
  ["postcode", "SW1A 1AA", "SW1A 1AA", "SW1A 1AA"],
] satisfies [FieldType, string, string, string][])("a %s of %s", (type, content, in_london, in_berlin) => {
  afterEach(() => setLocale(LONDON));

  it("is shown as its reader writes", () => {
    const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, " ");
    expect(plain(shownText({ type }, content))).toBe(in_london);
    setLocale(BERLIN);
    expect(plain(shownText({ type }, content))).toBe(in_berlin);
  });
});

describe("where people count hours to twelve", () => {
  afterEach(() => setLocale(LONDON));

  it.each([
    ["time", "15:00", "3:00 PM"],
    ["time", "00:05", "12:05 AM"],
    ["time", "soon", "soon"],
    ["date_time", CALL, "Fri, Apr 3, 2026, 3:00 PM (Europe/London), Apr 3, 10:00 AM for you"],
  ] satisfies [FieldType, string, string][])("a %s of %s is %s", (type, content, text) => {
    setLocale(NEW_YORK);
    expect(shownText({ type }, content)).toBe(text);
  });
});

describe("while it is edited", () => {
  afterEach(() => setLocale(LONDON));

  it.each([
    ["number", "1234.5", "1234,5"],
    ["money", "1234.50 EUR", "1234,50 EUR"],
    ["money", "500 JPY", "500 JPY"],
    ["date", "2026-04-03", "2026-04-03"],
    ["date_time", CALL, "2026-04-03 15:00 [Europe/London]"],
    ["country", "DE", "Deutschland"],
  ] satisfies [FieldType, string, string][])("a %s is written as the server reads it", (type, content, text) => {
    setLocale(BERLIN);
    expect(editText({ type }, content)).toBe(text);
  });

  it("a date-time in one's own zone needs no zone", () => {
    expect(editText({ type: "date_time" }, CALL)).toBe("2026-04-03 15:00");
  });
});

it("tells a date-time in parts, where one line has no room for it", () => {
  setLocale(LONDON);
  expect(dateTimeWords(CALL)).toEqual({ there: "Fri, 3 Apr 2026, 15:00", zone: "Europe/London", here: "" });
  setLocale(NEW_YORK);
  expect(dateTimeWords(CALL)).toMatchObject({ zone: "Europe/London", here: "Apr 3, 10:00 AM for you" });
  expect([dateTimeWords("soon"), dateTimeWords(null)]).toEqual([null, null]);
});
