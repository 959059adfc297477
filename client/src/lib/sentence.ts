/** `name: expected another one` as `Expected another one.`: what a server wrote, where a person reads it. */
export function sentence(text: string): string {
  const [first = "", ...rest] = text.replace(/^[a-z_]+: /, "");
  const whole = first.toUpperCase() + rest.join("");
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}
