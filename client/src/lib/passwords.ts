/** What a password needs so far. Whether it may be chosen is the server's to say. Pure. */

const AT_LEAST = 12;

/** What is expected, while it is typed. */
export function passwordHint(password: string): string {
  const count = lengthOf(password);
  if (count === 0) return `At least ${AT_LEAST} characters; several words are good.`;
  if (count < AT_LEAST) return `${AT_LEAST - count} more ${AT_LEAST - count === 1 ? "character" : "characters"}.`;
  return "Long enough.";
}

export function isLongEnough(password: string): boolean {
  return lengthOf(password) >= AT_LEAST;
}

/** As the server counts: characters, not the signs they are made of. */
function lengthOf(password: string): number {
  return [...password.normalize("NFC")].length;
}
