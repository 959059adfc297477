import { Group, Kbd, Modal, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { usePreference } from "../lib/preferences";
import type { Entry } from "./match";
import { allEntries, usePalette } from "./palette";

/** Name of the preference that single keys, such as numbers, do something. WCAG 2.1.4. */
export const SINGLE_KEYS = "single_keys";

/** The list of shortcuts that count on this screen; `?` opens it. */
export function KeySheet() {
  const [entries, setEntries] = useState<readonly Entry[] | null>(null);
  const [single_keys, setSingleKeys] = usePreference(SINGLE_KEYS, "on");
  usePalette([
    {
      id: "key_sheet",
      label: "Show this list",
      keys: ["?"],
      places: ["answers", "elsewhere"],
      run: () => setEntries(allEntries()),
    },
  ]);
  return (
    <Modal opened={entries !== null} onClose={() => setEntries(null)} title="Keyboard" size="sm">
      <Stack gap="xs">
        {entries?.map((entry) => (
          <Group key={entry.id} justify="space-between" wrap="nowrap">
            <Text size="sm">{entry.label}</Text>
            <Group gap={4} wrap="nowrap">
              {spread(entry.keys).map((keys) => (
                <Kbd key={keys}>{keys}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
        <Switch
          mt="sm"
          label="Number keys select Answers"
          checked={single_keys === "on"}
          onChange={(event) => setSingleKeys(event.currentTarget.checked ? "on" : "off")}
        />
      </Stack>
    </Modal>
  );
}

/** `1, 2 … 9` as a range, `Mod` as people know it. */
function spread(keys: readonly string[]): string[] {
  const first = keys[0] ?? "";
  const last = keys.at(-1) ?? "";
  const shown = keys.length > 2 ? `${first} – ${last}` : keys.join(", ");
  return [shown.replaceAll("Mod", "Ctrl").replaceAll("Escape", "Esc").replaceAll("+", " + ")];
}
