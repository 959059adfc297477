/** Asked once before completing: what required Fields are empty, what Actions stay not fired. Finishing anyway is recorded. */

import { Button, Group, Modal, Text } from "@mantine/core";
import type { Key } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import lists from "./ActionList.module.css";
import { missingOf, stayBehind } from "./actions";
import { counted } from "./actionWords";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";

/** A dialog that closes gives the focus back; what is opened takes it after that. */
const FOCUS_BACK_MS = 50;

interface MissingDialogProps {
  opened: boolean;
  onClose: () => void;
  onOpenField: (key: Key) => void;
  onFinish: () => void;
}

export function MissingDialog({ opened, onClose, onOpenField, onFinish }: MissingDialogProps) {
  const { missing, actions, guide, head } = useLive();
  const staying = stayBehind(actions);
  return (
    <Modal
      opened={opened && missing.length + staying.length > 0}
      onClose={onClose}
      title={titleText(missing.length, staying.length)}
      size="md"
    >
      {missing.length > 0 && (
        <>
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
        </>
      )}
      {staying.length > 0 && (
        <>
          <Text size="sm" c="var(--sc-soft)" mt={missing.length > 0 ? "md" : 0}>
            {staying.length === 1 ? "It" : "They"} can still be sent from the record:
          </Text>
          <ul className={lists.list}>
            {staying.map(({ action, name }) => (
              <li key={action.id}>
                {name}
                {missingOf(action).length > 0 && (
                  <span className={lists.soft}>
                    {" "}
                    · needs{" "}
                    {missingOf(action)
                      .map((key) => guide.fields.get(key)?.label ?? key)
                      .join(", ")}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" data-autofocus={missing.length === 0 || undefined} onClick={onClose}>
          {head.status === "reviewing" ? "Back to the review" : "Back to the call"}
        </Button>
        <DeliberateButton
          onPress={() => {
            onFinish();
            onClose();
          }}
        >
          Finish anyway
        </DeliberateButton>
      </Group>
    </Modal>
  );
}

function titleText(fields: number, actions: number): string {
  if (fields === 0) return `${counted(actions, "Action")} ${actions === 1 ? "stays" : "stay"} not fired`;
  const text = fields === 1 ? "A required Field is empty" : `${fields} required Fields are empty`;
  return actions === 0 ? text : `${text}, ${counted(actions, "Action")} not fired`;
}
