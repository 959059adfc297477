import type { ConnectionView } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";

interface DeleteDialogProps {
  connection: ConnectionView;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before credentials and delivery log are gone for good. */
export function DeleteDialog({ connection, onClose, onDeleted }: DeleteDialogProps) {
  return (
    <AskDialog
      title={`Delete ${connection.name}?`}
      button="Delete"
      cancel="Keep it"
      method="DELETE"
      path={`/api/connections/${connection.id}`}
      is_grave
      onClose={onClose}
      onDone={onDeleted}
    >
      Its credentials and its delivery log are gone for good. Actions that name it wait until there is one of this name
      again. To stop it for a while, disable it.
    </AskDialog>
  );
}
