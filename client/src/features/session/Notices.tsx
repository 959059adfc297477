/** What was not accepted and has no Field to stay in, and what the server lost. */

import { Button, CloseButton, Modal } from "@mantine/core";
import { useLive } from "./live";
import classes from "./Notices.module.css";
import { commandText, refusalText } from "./words";

/** Over the foot of the screen, so that nothing moves; each stays until it is dismissed. */
export function Notices() {
  const { model, guide } = useLive();
  const refusals = model.refusals.filter(({ command }) => command.type !== "set_field");
  return (
    <div className={classes.notices} role="status">
      {refusals.map((refusal) => (
        <div key={refusal.id} className={classes.notice}>
          <p className={classes.text}>
            <strong>Not done: {commandText(refusal.command, guide)}.</strong> {refusalText(refusal.code)}
          </p>
          <CloseButton aria-label="Dismiss" onClick={() => model.dismissRefusal(refusal.id)} />
        </div>
      ))}
    </div>
  );
}

/** The server lost what it had acknowledged: say so, and say what. */
export function LostDialog() {
  const { model, guide } = useLive();
  const commands = model.lost?.commands ?? [];
  return (
    <Modal
      opened={model.lost !== null}
      onClose={model.dismissLost}
      title="Saved work was lost on the server"
      size="md"
      withCloseButton={false}
    >
      <p className={classes.lost}>
        The server went back to an earlier state of this Session.{" "}
        {commands.length > 0
          ? "This was saved from this page, and is missing now. Please check it and enter it again:"
          : "As far as this page knows, nothing of yours is missing. Please check what you see."}
      </p>
      {commands.length > 0 && (
        <ul className={classes.commands}>
          {commands.map((command, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes while it is shown
            <li key={index}>{commandText(command, guide)}</li>
          ))}
        </ul>
      )}
      <Button mt="md" onClick={model.dismissLost}>
        I have read this
      </Button>
    </Modal>
  );
}
