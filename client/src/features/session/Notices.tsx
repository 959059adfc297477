/** What was not accepted and has no Field to stay in, and what the server lost. */

import { Button, CloseButton, Group, Modal } from "@mantine/core";
import type { Command } from "../../protocol/protocol.gen";
import { insertedText, type RefusedInput } from "../../sync";
import { CopyButton } from "../../ui/CopyButton";
import { type Guide, isOpen, useLive } from "./live";
import classes from "./Notices.module.css";
import { SuggestInstead } from "./seatParts";
import { commandText, enteredText, isRecalled, refusalText } from "./words";

/** Over the foot of the screen, so that nothing moves; each stays until it is dismissed. */
export function Notices() {
  const { model, guide, view, section, head } = useLive();
  const is_open = isOpen(head);
  const has_place = (refusal: RefusedInput): boolean =>
    is_open &&
    (isRecalled(refusal) ||
      (refusal.code === "review_changed" && refusal.command.type === "complete" && head.status === "reviewing") ||
      (refusal.command.type === "set_field" && section.fields.includes(refusal.command.field_key)));
  const refusals = model.refusals.filter((refusal) => !has_place(refusal));
  return (
    <div className={classes.notices} role="status">
      {refusals.length > 0 && (
        <div className={classes.notice}>
          <ul className={classes.refusals}>
            {refusals.map((refusal) => (
              <li key={refusal.id} className={classes.refusal}>
                <p className={classes.text}>
                  <strong>Not done: {commandText(refusal.command, guide, view)}.</strong> {refusalText(refusal.code)}
                </p>
                {isTyped(refusal, guide) && (
                  <CopyButton label="Copy what was entered" text={() => typedText(refusal.command, guide)} />
                )}
                <SuggestInstead refusal={refusal} onDone={() => model.dismissRefusal(refusal.id)} />
                <CloseButton aria-label="Dismiss" onClick={() => model.dismissRefusal(refusal.id)} />
              </li>
            ))}
          </ul>
          {refusals.length > 1 && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => {
                for (const { id } of refusals) model.dismissRefusal(id);
              }}
            >
              Dismiss all {refusals.length}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Whether it holds something that a person entered and may want back. */
function isTyped({ command, code }: RefusedInput, guide: Guide): boolean {
  if (code === "not_kept") return false;
  if (command.type === "set_field") return guide.fields.get(command.field_key)?.type !== "masked";
  if (command.type === "edit_action") return command.text !== null;
  return command.type === "edit_notes" || command.type === "annotate_pause" || command.type === "explain_take";
}

async function typedText(command: Command, guide: Guide): Promise<string> {
  if (command.type === "edit_notes") return insertedText(await import("yjs"), command.update);
  return enteredText(command, guide);
}

/** The server lost what it had acknowledged: say so, and say what. */
export function LostDialog() {
  const { model, guide, view } = useLive();
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
            <li key={index}>{commandText(command, guide, view)}</li>
          ))}
        </ul>
      )}
      <Group mt="md" gap="xs">
        <Button onClick={model.dismissLost}>I have read this</Button>
        {commands.length > 0 && (
          <CopyButton
            label="Copy the list"
            size={36}
            text={() => commands.map((command) => commandText(command, guide, view)).join("\n")}
          />
        )}
      </Group>
    </Modal>
  );
}
