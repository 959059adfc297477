import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ConnectionMade } from "../../protocol/protocol.gen";
import { CopyButton } from "../../ui/CopyButton";
import classes from "./IntegrationsPage.module.css";

/** Secrets that were drawn a moment ago: the one time that they are shown. */
export function DrawnSecrets({ made, onClose }: { made: ConnectionMade; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`Secret of ${made.connection.name}`} closeOnClickOutside={false}>
      <Stack gap="sm">
        <Text size="sm">Give it to the receiver now, who verifies by it that we sent something. It is shown once.</Text>
        {Object.entries(made.drawn).map(([key, secret]) => (
          <div key={key} className={classes.secret}>
            <code>{secret}</code>
            <CopyButton label="Copy the secret" text={() => secret} />
          </div>
        ))}
        <Group justify="flex-end">
          <Button onClick={onClose}>I have put it away</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
