/** Everything that can be done on this screen, found by typing: Ctrl+K. */

import { Kbd, Modal, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { usePreference } from "../lib/preferences";
import { keysText } from "./KeySheet";
import type { Entry } from "./match";
import { allEntries, SINGLE_KEYS, usePalette } from "./palette";
import classes from "./palette.module.css";

/** What needs a key to mean anything, or moves the focus within what is behind the palette. */
const KEYS_ONLY = new Set(["select_answer", "continue_from_answers", "next_field", "to_answers", "palette"]);

export function CommandPalette() {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const close = (): void => setEntries(null);
  usePalette([
    {
      id: "palette",
      label: "Find anything to do",
      keys: ["Mod+k"],
      places: ["answers", "one_line_field", "input", "elsewhere"],
      run: () =>
        setEntries(allEntries().filter(({ id, when }) => !KEYS_ONLY.has(id) && (when === undefined || when()))),
    },
  ]);
  return (
    <Modal opened={entries !== null} onClose={close} title="What next?" size="md">
      {entries !== null && <Finder entries={entries} onClose={close} />}
    </Modal>
  );
}

function Finder({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [place, setPlace] = useState(0);
  const [single_keys] = usePreference(SINGLE_KEYS, "digits");
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  const chosen = found[Math.min(place, found.length - 1)];
  const run = (entry: Entry): void => {
    onClose();
    // After the dialog gave the focus back, so that the entry may put it elsewhere.
    setTimeout(() => entry.run(null), 50);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== undefined) run(chosen);
      }}
    >
      <TextInput
        role="combobox"
        aria-label="Find anything to do"
        aria-expanded="true"
        aria-controls="palette-entries"
        aria-activedescendant={chosen && `palette-${chosen.id}`}
        placeholder="Type what you want to do…"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          const step = event.key === "ArrowDown" ? 1 : found.length - 1;
          setPlace((place + step) % Math.max(1, found.length));
        }}
      />
      <div id="palette-entries" role="listbox" aria-label="What can be done" className={classes.entries}>
        {found.map((entry) => (
          <div
            key={entry.id}
            id={`palette-${entry.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={entry === chosen}
            className={classes.entry}
            onClick={() => run(entry)}
            onKeyDown={() => undefined}
          >
            <span>{entry.label}</span>
            {entry.keys.length > 0 && <Kbd>{keysText(entry.keys, single_keys)}</Kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className={classes.none}>Nothing matches “{query}”.</p>}
    </form>
  );
}
