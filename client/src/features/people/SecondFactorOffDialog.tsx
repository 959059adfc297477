import type { PersonLine } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";

interface SecondFactorOffDialogProps {
  person: PersonLine;
  onClose: () => void;
  onDone: () => void;
}

/** For who lost both the app and the recovery codes. Rule TF5. */
export function SecondFactorOffDialog({ person, onClose, onDone }: SecondFactorOffDialogProps) {
  return (
    <AskDialog
      title={`Switch off the second step of ${person.name}?`}
      button="Switch it off"
      method="DELETE"
      path={`/api/people/${person.id}/second-factor`}
      onClose={onClose}
      onDone={onDone}
    >
      Their password alone lets them in then. Do this only if you are sure that it is {person.name} who asks.
    </AskDialog>
  );
}
