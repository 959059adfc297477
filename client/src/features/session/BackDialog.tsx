import { Button, Group, Modal, Text } from "@mantine/core";
import type { VisitId } from "../../protocol/protocol.gen";
import classes from "./ActionList.module.css";
import { whatBackDoes } from "./actions";
import { useLive } from "./live";

interface BackDialogProps {
  /** Null: nobody asked to go back. */
  to_visit_id: VisitId | null;
  onClose: () => void;
}

/** Asked once before going back, if something was triggered on the way: what is withdrawn, and what went out already. */
export function BackDialog({ to_visit_id, onClose }: BackDialogProps) {
  const { view, guide, act } = useLive();
  if (to_visit_id === null) return null;
  const { withdrawn, sent } = whatBackDoes(view, guide, to_visit_id);
  const section = guide.sections.get(view.visits[to_visit_id]?.section_key ?? "");
  return (
    <Modal opened onClose={onClose} title={`Back to ${section?.name ?? "the Section"}`} size="md">
      {withdrawn.length > 0 && (
        <>
          <Text size="sm">Withdrawn, until the call comes here again:</Text>
          <ul className={classes.list}>
            {withdrawn.map(({ action, name }) => (
              <li key={action.id}>{name}</li>
            ))}
          </ul>
        </>
      )}
      {sent.length > 0 && (
        <>
          <Text size="sm">Sent already, which going back does not undo:</Text>
          <ul className={classes.list}>
            {sent.map(({ sent: { action, name }, made_up_by }) => (
              <li key={action.id}>
                {name}
                {made_up_by !== null && <span className={classes.soft}> · “{made_up_by}” makes up for it</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Stay here
        </Button>
        <Button
          data-autofocus
          onClick={() => {
            act({ type: "back", to_visit_id });
            onClose();
          }}
        >
          Go back
        </Button>
      </Group>
    </Modal>
  );
}
