/** Digits that look like the number of a payment card (ISO/IEC 7812: 13 to 19 digits, check digit by Luhn). */

const RUN = /(?:\d[ -]?){12,18}\d/g;

export function hasCardNumber(text: string): boolean {
  return [...text.matchAll(RUN)].some(([run]) => isLuhn(run.replaceAll(/[ -]/g, "")));
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits);
}
