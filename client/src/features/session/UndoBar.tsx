/** For some seconds after completing: taking it back. */

import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useNow } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import { useLive } from "./live";

/** Counted by the server's clock; only who drove can undo. */
export function UndoBar() {
  const { head, person, offset_ms, act } = useLive();
  const until_ms = head.undo_until_ms ?? 0;
  // The page's clock ticks once a second: right after completing it may be up to a second late.
  const left_ms = Math.min(until_ms - offset_ms - useNow(), until_ms - head.changed_ms);
  const may_undo = head.status === "completed" && head.driver.id === person.id && left_ms > 0;
  const undo = (): void => act({ type: "undo" });
  usePalette([
    {
      id: "undo",
      label: "Undo completing",
      keys: ["u", "Mod+z"],
      places: ["elsewhere"],
      when: () => may_undo,
      run: undo,
    },
  ]);
  if (!may_undo) return null;
  return (
    <Button
      variant="default"
      size="compact-md"
      leftSection={<IconArrowBackUp size={16} aria-hidden="true" />}
      aria-keyshortcuts="U"
      aria-label="Undo"
      onClick={undo}
    >
      Undo ({Math.ceil(left_ms / 1_000)} s)
    </Button>
  );
}
