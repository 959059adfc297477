import { Button } from "@mantine/core";
import { IconPlayerPause } from "@tabler/icons-react";
import { useLive } from "./live";

/** Pauses at once; why, and when to call back, may be said on the band that comes up. */
export function PauseButton() {
  const { is_driving, act } = useLive();
  if (!is_driving) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconPlayerPause size={16} aria-hidden="true" />}
      aria-keyshortcuts="P"
      onClick={() => act({ type: "pause" })}
    >
      Pause
    </Button>
  );
}
