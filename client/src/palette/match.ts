/**
 * Which entry a key press means. Pure; `palette.ts` does the listening.
 *
 * A press happens at a place, and an entry names the places where it counts:
 * so typing a digit into a Field never selects an Answer, and nothing of the
 * screen behind reacts while a dialog is open.
 */

/**
 * Where the focus is when a key goes down. A `choice` is a Field that is chosen and not typed: whatever counts
 * `elsewhere` counts there too.
 */
export type Place = "answers" | "one_line_field" | "choice" | "input" | "overlay" | "elsewhere";

export interface Press {
  /** What it writes, or its name: `a`, `Enter`, `Space`. */
  readonly key: string;
  /** The key's place on the keyboard, whatever it writes there: `Digit1`. */
  readonly code: string;
  /** Ctrl, or Command on a Mac. */
  readonly mod: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  /** The key is held down. */
  readonly repeat: boolean;
  /** An input method is putting a character together. */
  readonly composing: boolean;
  readonly place: Place;
}

/** Something that a key does. The one form in which the keyboard of a screen is written. */
export interface Entry {
  readonly id: string;
  readonly label: string;
  /** As in `Enter`, `Mod+Enter`, `Mod+Shift+Enter`, `1`, `Alt+1` (with Alt digits only); none for what only the palette offers. */
  readonly keys: readonly string[];
  readonly places: readonly Place[];
  /** False while it makes no sense; the press then goes to whatever else wants it. */
  readonly when?: () => boolean;
  /** Gets the press, or null from the palette. */
  readonly run: (press: Press | null) => void;
}

/** How the Answers are chosen by keys. Single keys can be switched off (WCAG 2.1.4). */
export type SingleKeys = "digits" | "letters" | "off";

const LETTERS = "abcdefghi";

/** The press in which a letter stands for its number, where letters choose Answers; null if it counts for nothing. */
export function mapPress(press: Press, single_keys: SingleKeys): Press | null {
  if (press.mod || press.alt || press.key.length !== 1) return press;
  if (single_keys === "off" && press.place !== "overlay") return null;
  if (single_keys !== "letters" || press.place === "overlay") return { ...press, key: digitOf(press) ?? press.key };
  const place = LETTERS.indexOf(press.key.toLowerCase());
  if (place >= 0) return { ...press, key: String(place + 1) };
  return /\d/.test(press.key) ? null : press;
}

/** The number on a key that writes another sign unless Shift is held: `&` is where 1 is on a French keyboard. */
function digitOf({ key, code, shift }: Press): string | undefined {
  return shift || /\d/.test(key) ? undefined : /^(?:Digit|Numpad)([1-9])$/.exec(code)?.[1];
}

/** The first entry that the press means; held-down keys mean nothing, so that nothing happens twice. */
export function findEntry(entries: readonly Entry[], press: Press): Entry | undefined {
  if (press.repeat || press.composing) return undefined;
  return entries.find(
    (entry) =>
      counts(entry, press.place) &&
      entry.keys.some((keys) => isPressed(keys, press)) &&
      (entry.when === undefined || entry.when()),
  );
}

function counts({ places }: Entry, place: Place): boolean {
  return places.includes(place) || (place === "choice" && places.includes("elsewhere"));
}

function isPressed(keys: string, press: Press): boolean {
  const parts = keys.split("+");
  const key = parts.at(-1);
  const shift = parts.includes("Shift");
  // With Alt a key writes something else on every keyboard: its place counts, and AltGr is Ctrl and Alt.
  if (press.alt) return parts.includes("Alt") && !press.mod && press.shift === shift && press.code === `Digit${key}`;
  if (parts.includes("Alt")) return false;
  // With Shift a character's key writes another one, on each keyboard another: its place counts.
  const is_shifted = press.shift && press.code === "Period";
  if (key === "." && (shift || is_shifted)) return shift && is_shifted && press.mod;
  // On some keyboards a character such as `?` needs Shift and on others it does not.
  const is_character = press.key.length === 1;
  const pressed = is_character ? press.key.toLowerCase() : press.key;
  return key === pressed && parts.includes("Mod") === press.mod && (is_character || shift === press.shift);
}

/** Tells the place of an element by the marks that screens set: `data-answers`, `data-field`, dialogs and menus. */
export function placeOf(element: Element | null): Place {
  if (element === null) return "elsewhere";
  if (element.closest("[role=dialog], [role=menu], [role=listbox]") !== null) return "overlay";
  if (element.closest("[data-answers]") !== null) return "answers";
  if (element.closest("[data-field]") !== null) {
    if (element.matches("[type=radio], [type=checkbox], [aria-pressed]")) return "choice";
    if (element.matches("input, select")) return "one_line_field";
  }
  if (element.matches("input, textarea, select, [contenteditable=true]")) return "input";
  return "elsewhere";
}
