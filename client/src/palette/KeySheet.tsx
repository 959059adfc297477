/** The list of shortcuts that count on this screen; `?` opens it. */

import { Kbd, Modal, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { usePreference } from "../lib/preferences";
import type { Entry } from "./match";
import { allEntries, SINGLE_KEYS, usePalette } from "./palette";
import classes from "./palette.module.css";

export function KeySheet() {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [single_keys, setSingleKeys] = usePreference(SINGLE_KEYS, "digits");
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
      <dl className={classes.keys}>
        {entries?.map((entry) => (
          <div key={entry.id} className={classes.key}>
            <dt>{entry.label}</dt>
            <dd>
              <Kbd>{keysText(entry.keys, single_keys)}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
      <p id="single-keys" className={classes.single_keys}>
        Single keys: Answers are chosen by
      </p>
      <SegmentedControl
        fullWidth
        aria-labelledby="single-keys"
        value={single_keys}
        onChange={setSingleKeys}
        data={[
          { value: "digits", label: "1 to 9" },
          { value: "letters", label: "A to I" },
          { value: "off", label: "No single keys" },
        ]}
      />
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
