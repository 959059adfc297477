import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { send } from "../lib/http";
import { sentence } from "../lib/sentence";
import { DeliberateButton } from "./DeliberateButton";

interface AskDialogProps<Answer> {
  title: string;
  /** What happens then. */
  children: ReactNode;
  /** What is asked for, by its word and by its route. */
  button: string;
  method: "POST" | "DELETE";
  path: string;
  /** Sent along as JSON. */
  body?: unknown;
  cancel?: string;
  /** It takes something away: the focus is on the way back, and Enter alone does nothing. */
  is_grave?: boolean;
  onClose: () => void;
  onDone: (answer: Answer) => void;
}

/** Asks once before something is done; a refusal is told here, and can be tried again. */
export function AskDialog<Answer>(props: AskDialogProps<Answer>) {
  const { title, children, button, method, path, body, cancel = "Cancel", is_grave = false, onClose, onDone } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const go = async (): Promise<void> => {
    setSending(true);
    const sent = await send<Answer>(method, path, body);
    setSending(false);
    if (sent.is_done) onDone(sent.value);
    else setProblem(sentence(sent.expected));
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <Stack gap="sm">
        <Text size="sm" component="div">
          {children}
        </Text>
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus={is_grave || undefined} onClick={onClose}>
            {cancel}
          </Button>
          {is_grave ? (
            <DeliberateButton color="red.8" loading={is_sending} onPress={() => void go()}>
              {button}
            </DeliberateButton>
          ) : (
            <Button data-autofocus loading={is_sending} onClick={() => void go()}>
              {button}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
