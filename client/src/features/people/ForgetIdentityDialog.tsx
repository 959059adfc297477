import type { PersonLine } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";

interface ForgetIdentityDialogProps {
  person: PersonLine;
  onClose: () => void;
  onDone: () => void;
}

/** For whoever has another account at the company now. Rule OI12. */
export function ForgetIdentityDialog({ person, onClose, onDone }: ForgetIdentityDialogProps) {
  return (
    <AskDialog
      title={`Forget the company account of ${person.name}?`}
      button="Forget it"
      method="DELETE"
      path={`/api/people/${person.id}/identity`}
      onClose={onClose}
      onDone={onDone}
    >
      Whoever signs in with it is signed out. The next company account with the verified e-mail address {person.email}{" "}
      is taken to be {person.name}: do this when they got another account, or another address.
    </AskDialog>
  );
}
