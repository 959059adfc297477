import type { PersonDeactivated, PersonLine } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";

interface DeactivateDialogProps {
  person: PersonLine;
  onClose: () => void;
  onDone: (person: PersonDeactivated) => void;
}

/** Says what happens before somebody is shut out. Rule PX8. */
export function DeactivateDialog({ person, onClose, onDone }: DeactivateDialogProps) {
  return (
    <AskDialog
      title={`Deactivate ${person.name}?`}
      button="Deactivate"
      method="POST"
      path={`/api/people/${person.id}/deactivate`}
      is_grave
      onClose={onClose}
      onDone={onDone}
    >
      They are signed out everywhere within seconds and cannot sign in. What they recorded stays, and open Sessions stay
      where they are for a supervisor to take. You can activate them again at any time.
    </AskDialog>
  );
}
