import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ConnectionMade } from "../../protocol/protocol.gen";
import { Copyable } from "../../ui/Copyable";

/** Secrets that were drawn a moment ago: the one time that they are shown. */
export function DrawnSecrets({ made, onClose }: { made: ConnectionMade; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`Secret of ${made.connection.name}`} closeOnClickOutside={false}>
      <Stack gap="sm">
        <Text size="sm">Give it to the receiver now, who verifies by it that we sent something. It is shown once.</Text>
        {Object.entries(made.drawn).map(([key, secret]) => (
          <Copyable key={key} label="Copy the secret" text={secret} />
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose}>I have put it away</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
