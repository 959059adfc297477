/** Asked once before completing: what required Fields are empty. Finishing anyway is recorded. */

import { Button, Group, Modal, Text } from "@mantine/core";
import type { Key } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";

/** A dialog that closes gives the focus back; what is opened takes it after that. */
const FOCUS_BACK_MS = 50;

interface MissingDialogProps {
  opened: boolean;
  onClose: () => void;
  onOpenField: (key: Key) => void;
}

export function MissingDialog({ opened, onClose, onOpenField }: MissingDialogProps) {
  const { missing, act } = useLive();
  return (
    <Modal
      opened={opened && missing.length > 0}
      onClose={onClose}
      title={missing.length === 1 ? "A required Field is empty" : `${missing.length} required Fields are empty`}
      size="md"
    >
      <Text size="sm" c="var(--sc-soft)">
        Fill them in, or finish anyway: the record then shows them as left empty.
      </Text>
      <ul className={classes.sections}>
        {missing.map((field, place) => (
          <li key={field.key} className={classes.row}>
            <button
              type="button"
              className={classes.section}
              data-autofocus={place === 0 || undefined}
              onClick={() => {
                onClose();
                setTimeout(() => onOpenField(field.key), FOCUS_BACK_MS);
              }}
            >
              {field.label}
            </button>
          </li>
        ))}
      </ul>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Back to the call
        </Button>
        <DeliberateButton
          onPress={() => {
            act({ type: "complete", anyway: true });
            onClose();
          }}
        >
          Finish anyway
        </DeliberateButton>
      </Group>
    </Modal>
  );
}
