/** What is asked before it is done: whether somebody checked, and why it is dismissed. */

import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import type { AttentionLine } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import classes from "./AttentionPage.module.css";
import { idOf } from "./useAttention";
import { titleOf } from "./words";

const NAMED_AT_MOST = 5;

interface CheckedDialogProps {
  lines: readonly AttentionLine[];
  opened: boolean;
  onClose: () => void;
  onSend: (again: boolean, lines: readonly AttentionLine[]) => void;
}

/** Some of them may have been sent: doing it twice is worse than asking once. */
export function CheckedDialog({ lines, opened, onClose, onSend }: CheckedDialogProps) {
  const unsure = lines.filter(({ kind }) => kind === "unknown");
  const sure = lines.filter(({ kind }) => kind !== "unknown");
  const is_one = unsure.length === 1;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={is_one ? "One of them may have been sent" : `${unsure.length} of them may have been sent`}
      size="lg"
    >
      <Text size="sm" c="var(--sc-soft)">
        Nobody knows whether {is_one ? "it" : "they"} arrived. Look first, or what was asked for may be done twice.
      </Text>
      <ul className={classes.named}>
        {unsure.slice(0, NAMED_AT_MOST).map((line) => (
          <li key={idOf(line)}>
            {line.name}, {titleOf(line)}
          </li>
        ))}
        {unsure.length > NAMED_AT_MOST && <li>and {unsure.length - NAMED_AT_MOST} more</li>}
      </ul>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        {sure.length > 0 && (
          <Button variant="default" onClick={() => onSend(false, sure)}>
            Send the others only
          </Button>
        )}
        <DeliberateButton onPress={() => onSend(true, lines)}>I checked: send again</DeliberateButton>
      </Group>
    </Modal>
  );
}

interface DismissDialogProps {
  count: number;
  opened: boolean;
  onClose: () => void;
  onDismiss: (reason: string) => void;
}

export function DismissDialog({ count, opened, onClose, onDismiss }: DismissDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={count === 1 ? "Dismiss this Action" : `Dismiss ${count} Actions`}
      size="md"
    >
      <DismissForm onClose={onClose} onDismiss={onDismiss} />
    </Modal>
  );
}

function DismissForm({ onClose, onDismiss }: Pick<DismissDialogProps, "onClose" | "onDismiss">) {
  const [reason, setReason] = useState("");
  const is_said = reason.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (is_said) onDismiss(reason.trim());
      }}
    >
      <Text size="sm" c="var(--sc-soft)" mb="sm">
        Nothing is sent. The reason is kept in the record with your name.
      </Text>
      <TextInput
        label="Why it needs no attention any more"
        required
        data-autofocus
        maxLength={255}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!is_said}>
          Dismiss
        </Button>
      </Group>
    </form>
  );
}
