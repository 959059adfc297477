/** For some seconds after completing: taking it back. */

import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useNow } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import { useLive } from "./live";

/** Counted by the server's clock; only who drove can undo. */
export function UndoBar() {
  const { head, person, offset_ms, act } = useLive();
  const left_ms = (head.undo_until_ms ?? 0) - offset_ms - useNow();
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
