/** Where the focus goes on the Session's screen. The marks are set by the components: `data-answers`, `data-field`, `data-notes`, `data-complete`, `data-card`, `data-sent-card`, `data-card-buttons`, `data-lightning`. */

/** To the selected Answer, else the first one, else the Section's name. */
export function focusAnswers(options?: FocusOptions): void {
  const answers = document.querySelector("[data-answers]");
  // Behind a review the Section is out of sight.
  const names = [...document.querySelectorAll<HTMLElement>("[data-section-name]")];
  const target =
    answers?.querySelector<HTMLElement>("input:checked") ??
    answers?.querySelector<HTMLElement>("input") ??
    names.find((name) => name.checkVisibility());
  target?.focus(options);
}

export function focusAnswer(place: number): void {
  document.querySelectorAll<HTMLElement>("[data-answers] input")[place]?.focus();
}

export function focusComplete(): void {
  [...document.querySelectorAll<HTMLElement>("[data-complete]")].find((button) => button.checkVisibility())?.focus();
}

/** To what can be done with the newest Action that waits, else with one that was sent, or to the lightning. */
export function focusWaiting(): void {
  const button =
    document.querySelector<HTMLElement>("[data-card] [data-card-buttons] button:not(:disabled)") ??
    document.querySelector<HTMLElement>("[data-sent-card] button") ??
    document.querySelector<HTMLElement>("[data-lightning]");
  button?.focus();
}

/** To the card in this place, else the last one, else the Answers; what is on screen stays where it is. */
export function focusCard(place: number): void {
  const cards = [...document.querySelectorAll<HTMLElement>("[data-card] [data-card-buttons]")];
  const button = (cards[place] ?? cards.at(-1))?.querySelector<HTMLElement>("button:not(:disabled)");
  if (button == null) focusAnswers({ preventScroll: true });
  else button.focus();
}

export function focusFirstField(): void {
  const field = [...document.querySelectorAll<HTMLElement>("[data-field]")].find((each) => each.checkVisibility());
  if (field !== undefined) focusIn(field);
}

export function focusNotes(): void {
  document.querySelector<HTMLElement>("[data-notes] [contenteditable=true]")?.focus();
}

/** To the Field after the one that has the focus; after the last one, to the Answers. */
export function focusNextField(): void {
  const fields = [...document.querySelectorAll<HTMLElement>("[data-field]")].filter((field) => field.checkVisibility());
  const here = fields.findIndex((field) => field.contains(document.activeElement));
  const next = fields[here + 1];
  if (next === undefined) focusAnswers();
  else focusIn(next);
}

/** To the control of a Field: its chosen one, if it is a group; one line is selected, as by Tab. */
export function focusIn(field: HTMLElement): void {
  const control =
    field.querySelector<HTMLElement>("input:checked, [aria-pressed=true]") ??
    field.querySelector<HTMLElement>("input, textarea, select, [aria-pressed]");
  control?.focus();
  if (control instanceof HTMLInputElement) control.select();
  control?.scrollIntoView({ block: "nearest" });
}
