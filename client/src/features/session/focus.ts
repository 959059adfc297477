/** Where the focus goes on the Session's screen. The marks are set by the components: `data-answers`, `data-field`, `data-notes`, `data-complete`. */

/** To the selected Answer, else the first one, else the Section's name. */
export function focusAnswers(): void {
  const answers = document.querySelector("[data-answers]");
  const target =
    answers?.querySelector<HTMLElement>("input:checked") ??
    answers?.querySelector<HTMLElement>("input") ??
    document.querySelector<HTMLElement>("[data-section-name]");
  target?.focus();
}

export function focusAnswer(place: number): void {
  document.querySelectorAll<HTMLElement>("[data-answers] input")[place]?.focus();
}

export function focusComplete(): void {
  document.querySelector<HTMLElement>("[data-complete]")?.focus();
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

/** To the control of a Field: its chosen one, if it is a group. */
export function focusIn(field: HTMLElement): void {
  const control =
    field.querySelector<HTMLElement>("input:checked, [aria-pressed=true]") ??
    field.querySelector<HTMLElement>("input, textarea, select, [aria-pressed]");
  control?.focus();
  control?.scrollIntoView({ block: "nearest" });
}
