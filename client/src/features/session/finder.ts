/** Finding one of many by typing: which of those found Enter means. None before something was typed or chosen. */

import { type ChangeEvent, type KeyboardEvent, useState } from "react";

export interface Finder<T> {
  readonly query: string;
  readonly found: readonly T[];
  /** What Enter means now. */
  readonly marked: T | undefined;
  readonly mark: (item: T) => void;
  /** For the input. */
  readonly input: {
    readonly value: string;
    readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

/** `find` tells what fits the words, in the order of the screen. */
export function useFinder<T>(find: (words: readonly string[]) => readonly T[]): Finder<T> {
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState<number | null>(null);
  const found = find(query.toLowerCase().split(/\s+/).filter(Boolean));
  return {
    query,
    found,
    mark: (item) => setPlace(found.indexOf(item)),
    marked: place === null ? undefined : found[Math.min(place, found.length - 1)],
    input: {
      value: query,
      onChange: ({ currentTarget: { value } }) => {
        setQuery(value);
        setPlace(value.trim() === "" ? null : 0);
      },
      onKeyDown: (event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        event.preventDefault();
        setPlace(nextPlace(place, event.key === "ArrowDown" ? 1 : -1, found.length));
      },
    },
  };
}

/** From none, down to the first or up to the last; round at the ends. */
function nextPlace(place: number | null, step: 1 | -1, count: number): number | null {
  if (count === 0) return null;
  if (place === null) return step === 1 ? 0 : count - 1;
  return (Math.min(place, count - 1) + step + count) % count;
}
