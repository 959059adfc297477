import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { DeliberateButton } from "../../ui/DeliberateButton";
import { useLive } from "./live";

/** Asks once before a Session is finished early. */
export function EndDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { act } = useLive();
  const [reason, setReason] = useState("");
  return (
    <Modal opened={opened} onClose={onClose} title="End this Session early?" size="md">
      <Text size="sm" c="var(--sc-soft)" mb="md">
        It becomes a record that can be read, and is not completed. This cannot be taken back.
      </Text>
      <TextInput
        label="Reason (optional)"
        data-autofocus
        maxLength={255}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Keep going
        </Button>
        <DeliberateButton
          color="red.8"
          onPress={() => {
            act({ type: "end", reason: reason.trim() === "" ? null : reason.trim() });
            onClose();
          }}
        >
          End Session
        </DeliberateButton>
      </Group>
    </Modal>
  );
}
