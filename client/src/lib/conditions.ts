/**
 * Whether a condition holds, as the engine judges it (`session_engine/conditions.py`).
 *
 * A value that is withheld from this person makes a comparison unknown: null.
 * What is unknown is shown, and the server decides. Rules CD1 to CD3.
 */

import type { Condition, FieldContent, FieldDefinition, FieldType, FieldView, Key } from "../protocol/protocol.gen";

type HeldOf = (
  key: Key,
) => { readonly held: FieldContent | { readonly withheld: true }; readonly type: FieldType } | undefined;

/** Judges conditions over a view's Fields. */
export function judgeOf(
  fields: Readonly<Record<string, FieldView>>,
  definitions: ReadonlyMap<Key, Pick<FieldDefinition, "type">>,
): (condition: Condition) => boolean | null {
  const heldOf: HeldOf = (key) => {
    const definition = definitions.get(key);
    if (definition === undefined) return undefined;
    const field = fields[key];
    if (field === undefined) return { held: null, type: definition.type };
    return { held: field.masked ? { withheld: true } : field.content, type: definition.type };
  };
  return (condition) => judge(condition, heldOf);
}

function judge(condition: Condition, heldOf: HeldOf): boolean | null {
  switch (condition.type) {
    case "all": {
      const parts = condition.of.map((part) => judge(part, heldOf));
      if (parts.includes(false)) return false;
      return parts.includes(null) ? null : true;
    }
    case "any": {
      const parts = condition.of.map((part) => judge(part, heldOf));
      if (parts.includes(true)) return true;
      return parts.includes(null) ? null : false;
    }
    case "not": {
      const part = judge(condition.of, heldOf);
      return part === null ? null : !part;
    }
    case "field": {
      const found = heldOf(condition.field);
      if (found === undefined) return null;
      const { held, type } = found;
      if (isWithheld(held)) {
        if (condition.op === "filled") return true;
        return condition.op === "empty" ? false : null;
      }
      return compare(held as FieldContent, condition.op, condition.value ?? null, type);
    }
  }
}

function isWithheld(held: unknown): held is { readonly withheld: true } {
  return typeof held === "object" && held !== null && "withheld" in held;
}

type Op = Extract<Condition, { type: "field" }>["op"];

function compare(content: FieldContent, op: Op, value: FieldContent, type: FieldType): boolean {
  switch (op) {
    case "empty":
      return content === null;
    case "filled":
      return content !== null;
    case "eq":
      return isEqual(content, value, type);
    case "ne":
      return !isEqual(content, value, type);
    case "contains":
      return contains(content, value);
  }
  const one = ordered(content, type);
  const other = ordered(value, type);
  if (one === null || other === null) return false;
  const sign = signOf(one, other);
  switch (op) {
    case "lt":
      return sign < 0;
    case "le":
      return sign <= 0;
    case "gt":
      return sign > 0;
    case "ge":
      return sign >= 0;
  }
}

function isEqual(content: FieldContent, value: FieldContent, type: FieldType): boolean {
  if (content === null) return false;
  if (isMany(content)) {
    const wanted = isMany(value) ? value : [value];
    return new Set(content).size === new Set(wanted).size && wanted.every((each) => content.includes(each as string));
  }
  const one = ordered(content, type);
  const other = ordered(value, type);
  if (one === null || other === null) return content === value;
  return signOf(one, other) === 0;
}

function contains(content: FieldContent, value: FieldContent): boolean {
  const wanted = isMany(value) ? value : [value];
  if (isMany(content)) return wanted.every((each) => content.includes(each as string));
  if (typeof content !== "string") return false;
  return wanted.every((part) => typeof part === "string" && content.toLowerCase().includes(part.toLowerCase()));
}

function isMany(content: FieldContent): content is readonly string[] {
  return Array.isArray(content);
}

/** Digits before and after the point, signed: compared without losing any. */
interface Decimal {
  readonly scaled: bigint;
  readonly scale: number;
}
type Ordered = Decimal | number;

/** The content as something that has an order; null if its type has none or it is not in its plain form. */
function ordered(content: FieldContent, type: FieldType): Ordered | null {
  if (typeof content !== "string") return null;
  switch (type) {
    case "number":
      return decimal(content);
    case "money":
      return decimal(content.split(" ")[0] ?? "");
    case "date":
      return moment(`${content}T00:00Z`);
    case "time":
      return /^\d\d:\d\d$/.test(content) ? moment(`2000-01-01T${content}Z`) : null;
    case "date_time":
      return moment(content.split("[")[0] ?? "");
    default:
      return null;
  }
}

const MOMENT =
  /^([1-9]\d{3})-(\d\d)-(\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?(?:Z|([+-])((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?)$/;

/** Milliseconds; by one pattern, since what `Date.parse` takes besides is up to each browser. */
function moment(text: string): number | null {
  const [matched, year, month, day, clock = "", second = "", sign, ahead = "", ahead_second = ""] =
    MOMENT.exec(text) ?? [];
  if (matched === undefined) return null;
  const date_ms = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // 31 February would be in March.
  if (new Date(date_ms).getUTCDate() !== Number(day) || Number(month) < 1 || Number(month) > 12) return null;
  const ahead_ms = clockMs(ahead + ahead_second);
  return date_ms + clockMs(clock + second) - (sign === "-" ? -ahead_ms : ahead_ms);
}

function clockMs(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

function decimal(text: string): Decimal | null {
  const parts = /^([+-]?)(\d*)\.?(\d*)$/.exec(text);
  if (parts === null || (parts[2] ?? "") + (parts[3] ?? "") === "") return null;
  const [, sign, whole = "", fraction = ""] = parts;
  const scaled = BigInt(whole + fraction);
  return { scaled: sign === "-" ? -scaled : scaled, scale: fraction.length };
}

function signOf(one: Ordered, other: Ordered): number {
  if (typeof one === "object" && typeof other === "object") {
    const scale = Math.max(one.scale, other.scale);
    const difference = rescaled(one, scale) - rescaled(other, scale);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}

function rescaled({ scaled, scale }: Decimal, to: number): bigint {
  return scaled * 10n ** BigInt(to - scale);
}
