import { Alert, Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import type { ConnectionMade, ConnectionView, Rotation, Setting } from "../../protocol/protocol.gen";
import { secretText } from "./words";

interface RotateDialogProps {
  connection: ConnectionView;
  setting: Setting;
  onClose: () => void;
  onRotated: (made: ConnectionMade) => void;
}

/** Replaces a signing secret, with what that means for the receiver. */
export function RotateDialog({ connection, setting, onClose, onRotated }: RotateDialogProps) {
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const rotate = async (): Promise<void> => {
    setSending(true);
    const body: Rotation = { setting: setting.key, secret: secret.trim() };
    const sent = await send<ConnectionMade>("POST", `/api/connections/${connection.id}/rotate`, body);
    setSending(false);
    if (sent.is_done) onRotated(sent.value);
    else setProblem(sent.expected);
  };
  return (
    <Modal opened onClose={onClose} title={`Rotate the secret of ${connection.name}?`}>
      <Stack gap="sm">
        <Text size="sm">
          For 24 hours both secrets sign, so that the receiver can change over without missing anything. Then the old
          one is gone.
        </Text>
        <PasswordInput
          label="New secret"
          description="Leave empty to have one drawn; it is then shown once."
          placeholder={`Now: ${secretText(connection.secrets[setting.key])}`}
          autoComplete="new-password"
          maxLength={4_000}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        {problem !== null && (
          <Alert role="alert" color="red" title="Not rotated">
            {problem}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button loading={is_sending} onClick={() => void rotate()}>
            Rotate secret
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
