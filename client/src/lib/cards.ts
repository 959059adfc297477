/** Digits that look like the number of a payment card (ISO/IEC 7812: 13 to 19 digits, check digit by Luhn). */

/** Digits in a row, or with single spaces, dashes or dots between them. */
const RUN = /\d(?:[ \u00a0.-]?\d){12,}/g;

/** How the numbers of the known kinds begin, and how long they are: the fewer, the fewer false alarms. */
const KINDS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(?:5[1-5]|2[2-7])/, [16]],
  [/^3[47]/, [15]],
  [/^3[0689]/, [14]],
  [/^35/, [16]],
  [/^(?:5[0678]|6)/, [16, 17, 18, 19]],
];

/** Whether a card's number is anywhere in the text, also right behind or before other digits. */
export function hasCardNumber(text: string): boolean {
  return [...text.matchAll(RUN)].some(([run]) => holdsCard(run.replaceAll(/\D/g, "")));
}

function holdsCard(digits: string): boolean {
  for (let start = 0; start < digits.length; start++) {
    const rest = digits.slice(start, start + 19);
    const lengths = KINDS.find(([begins]) => begins.test(rest))?.[1] ?? [];
    if (lengths.some((length) => rest.length >= length && isLuhn(rest.slice(0, length)))) return true;
  }
  return false;
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
