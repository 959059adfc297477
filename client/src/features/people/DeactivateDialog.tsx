import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { PersonDeactivated, PersonLine } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";

interface DeactivateDialogProps {
  person: PersonLine;
  onClose: () => void;
  onDone: (person: PersonDeactivated) => void;
}

/** Says what happens before somebody is shut out. Rule PX8. */
export function DeactivateDialog({ person, onClose, onDone }: DeactivateDialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const deactivate = async (): Promise<void> => {
    setSending(true);
    const sent = await send<PersonDeactivated>("POST", `/api/people/${person.id}/deactivate`);
    setSending(false);
    if (sent.is_done) onDone(sent.value);
    else setProblem(sentence(sent.expected));
  };
  return (
    <Modal opened onClose={onClose} title={`Deactivate ${person.name}?`}>
      <Stack gap="sm">
        <Text size="sm">
          They are signed out everywhere within seconds and cannot sign in. What they recorded stays, and open Sessions
          stay where they are for a supervisor to take. You can activate them again at any time.
        </Text>
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <DeliberateButton color="red.8" loading={is_sending} onPress={() => void deactivate()}>
            Deactivate
          </DeliberateButton>
        </Group>
      </Stack>
    </Modal>
  );
}
