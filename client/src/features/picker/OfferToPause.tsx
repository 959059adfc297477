/** A second Session begins while another one runs: the first may be paused before. */

import { Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";
import { titleOf } from "../../lib/openSessions";
import type { LiveSession } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";

interface OfferToPauseProps {
  /** Those that ran when it was asked: the question stays the same while they are paused. */
  running: readonly LiveSession[];
  onClose: () => void;
  onStart: () => void;
}

export function OfferToPause({ running: found, onClose, onStart }: OfferToPauseProps) {
  const sync = useSync();
  const [running] = useState(found);
  const [is_busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const is_one = running.length === 1;
  const names = running.map((session) => `“${titleOf(session)}”`).join(", ");

  const pauseAndStart = async (): Promise<void> => {
    setBusy(true);
    const done = await Promise.all(running.map(({ session_id }) => sync.actOn(session_id, { type: "pause" })));
    setBusy(false);
    if (done.every(Boolean)) onStart();
    else setFailed(true);
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={is_one ? "Another Session is running" : "Other Sessions are running"}
      size="lg"
    >
      <Text size="sm">
        {names} {is_one ? "goes" : "go"} on while this one starts.
      </Text>
      {failed && (
        <Text role="alert" size="sm" mt="xs" c="var(--sc-wrong)">
          {is_one ? "It" : "They"} could not be paused.
        </Text>
      )}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button variant="default" disabled={is_busy} onClick={onStart}>
          Start beside it
        </Button>
        <Button data-autofocus loading={is_busy} onClick={() => void pauseAndStart()}>
          Pause {is_one ? "it" : "them"} and start
        </Button>
      </Group>
    </Modal>
  );
}
