import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import type { ConnectionView } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";

interface DeleteDialogProps {
  connection: ConnectionView;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before credentials and delivery log are gone for good. */
export function DeleteDialog({ connection, onClose, onDeleted }: DeleteDialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const remove = async (): Promise<void> => {
    setSending(true);
    const sent = await send("DELETE", `/api/connections/${connection.id}`);
    setSending(false);
    if (sent.is_done) onDeleted();
    else setProblem(sent.expected);
  };
  return (
    <Modal opened onClose={onClose} title={`Delete ${connection.name}?`}>
      <Stack gap="sm">
        <Text size="sm">
          Its credentials and its delivery log are gone for good. Actions that name it wait until there is one of this
          name again. To stop it for a while, disable it.
        </Text>
        {problem !== null && (
          <Alert role="alert" color="red" title="Not deleted">
            {problem}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep it
          </Button>
          <DeliberateButton color="red.8" loading={is_sending} onPress={() => void remove()}>
            Delete
          </DeliberateButton>
        </Group>
      </Stack>
    </Modal>
  );
}
