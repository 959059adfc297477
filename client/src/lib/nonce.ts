/** What every style sheet that code makes must carry, or the page's Content Security Policy ignores it. */

/** Undefined where the page came without one: in development, and in tests. */
export function styleNonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce || undefined;
}
