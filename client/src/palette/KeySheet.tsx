/** The list of shortcuts that count on this screen; `?` opens it. */

import { Modal } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { persistently } from "../lib/persistently";
import type { Entry } from "./match";
import { allEntries, usePalette } from "./palette";

const KeyList = lazy(() => persistently(() => import("./KeyList")).then((it) => ({ default: it.KeyList })));

export function KeySheet() {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  usePalette([
    {
      id: "key_sheet",
      label: "Show the keys of this screen",
      keys: ["?"],
      places: ["answers", "elsewhere"],
      run: () => setEntries(allEntries().filter((entry) => entry.keys.length > 0)),
    },
  ]);
  return (
    <Modal opened={entries !== null} onClose={() => setEntries(null)} title="Keyboard" size="md">
      <Suspense fallback={null}>{entries !== null && <KeyList entries={entries} />}</Suspense>
    </Modal>
  );
}

/** `1, 2 … 9` as a range, `Mod` as people know it. */
export function keysText(keys: readonly string[], single_keys: string): string {
  const first = keys[0] ?? "";
  const last = keys.at(-1) ?? "";
  if (keys.length > 2) return single_keys === "letters" ? "A – I" : `${first} – ${last}`;
  return keys
    .map((each) => (each.length === 1 ? each.toUpperCase() : each))
    .join(", ")
    .replaceAll("Mod", "Ctrl")
    .replaceAll("Escape", "Esc")
    .replaceAll("ArrowLeft", "←")
    .replaceAll("ArrowRight", "→")
    .replaceAll("+", " + ");
}
