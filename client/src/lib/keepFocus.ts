/**
 * The keyboard does not get lost with what had it: it goes back to what led to the dialog that went, or to the
 * heading that takes it. Rule AX1.
 */

const OVER = "[role=dialog], [role=menu]";
/** They see to it themselves. */
const CARDS = "[data-card], [data-sent-card]";
/** Whoever knows better where the focus belongs has put it there by then. */
const GRACE_MS = 50;

/** Starts watching over the page; returns how to stop. */
export function keepFocus(page: Document): () => void {
  let latest: HTMLElement | null = null;
  /** What led to a dialog. */
  let below: HTMLElement | null = null;
  const follow = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return;
    latest = target;
    if (target.closest(OVER) === null) below = target;
  };
  const restore = (gone: HTMLElement): void => {
    if (latest !== gone || page.activeElement !== page.body) return;
    latest = null;
    if (gone.closest(OVER) !== null && below?.isConnected) below.focus();
    if (page.activeElement === page.body) headingOf(page)?.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(() => {
    const gone = latest;
    if (gone === null || gone.isConnected || gone.closest(CARDS) !== null) return;
    setTimeout(() => restore(gone), GRACE_MS);
  });
  page.addEventListener("focusin", follow);
  observer.observe(page.body, { childList: true, subtree: true });
  return () => {
    page.removeEventListener("focusin", follow);
    observer.disconnect();
  };
}

function headingOf(page: Document): HTMLElement | undefined {
  return [...page.querySelectorAll<HTMLElement>('h1[tabindex="-1"]')].find((each) => each.checkVisibility());
}
