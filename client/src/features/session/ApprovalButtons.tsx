/** The second person's yes or no; a no may say why. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import classes from "./ApprovalStrip.module.css";
import { mayApprove, type ShownAction } from "./actions";
import { useLive } from "./live";

export function ApprovalButtons({ shown: { action, name } }: { shown: ShownAction }) {
  const { act, head, model, person } = useLive();
  const [reason, setReason] = useState<string | null>(null);
  if (!mayApprove(action, head, person)) return null;
  const answer = (approved: boolean): void =>
    act({
      type: "approve_action",
      action_id: action.id,
      approved,
      reason: reason?.trim() || null,
      seen: model.seq,
    });
  if (reason === null) {
    return (
      <div className={classes.buttons}>
        <Button size="compact-md" aria-label={`Approve ${name}`} onClick={() => answer(true)}>
          Approve
        </Button>
        <Button size="compact-md" variant="default" aria-label={`Decline ${name}`} onClick={() => setReason("")}>
          Decline
        </Button>
      </div>
    );
  }
  return (
    <form
      className={classes.buttons}
      onSubmit={(event) => {
        event.preventDefault();
        answer(false);
      }}
    >
      <TextInput
        size="xs"
        label="Why (optional)"
        maxLength={255}
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button type="submit" size="compact-md" color="red.8">
        Decline
      </Button>
      <Button size="compact-md" variant="default" onClick={() => setReason(null)}>
        Back
      </Button>
    </form>
  );
}
