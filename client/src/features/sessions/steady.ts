/**
 * Rows that keep their places: while somebody is at work among them nothing
 * is inserted, nothing taken away and nothing sorted anew; what a row says is
 * always of now. Pure; the hook holds the time.
 */

export interface Keyed {
  readonly key: string;
}

export type Placed<T> = T & {
  /** It left the list while the rows were held still. */
  readonly is_gone: boolean;
};

export interface Steady<T> {
  readonly rows: readonly Placed<T>[];
  /** How many rows came or went, or just stand elsewhere now. */
  readonly waiting: number;
}

/** Those shown now, in the order in which they stand, as `fresh` tells them. */
export function hold<T extends Keyed>(shown: readonly Placed<T>[], fresh: readonly T[]): Steady<T> {
  const by_key = new Map(fresh.map((row, place) => [row.key, { row, place }]));
  let gone = 0;
  let moved = 0;
  let last = -1;
  const rows = shown.map((row): Placed<T> => {
    const now = by_key.get(row.key);
    if (now === undefined) {
      gone += 1;
      return row.is_gone ? row : { ...row, is_gone: true };
    }
    if (now.place < last) moved += 1;
    last = Math.max(last, now.place);
    return { ...now.row, is_gone: false };
  });
  const come = fresh.length - (shown.length - gone);
  return { rows, waiting: gone + come + moved };
}

export function release<T extends Keyed>(fresh: readonly T[]): Steady<T> {
  return { rows: fresh.map((row) => ({ ...row, is_gone: false })), waiting: 0 };
}
