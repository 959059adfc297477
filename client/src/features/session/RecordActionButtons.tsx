/** What may be done about an Action of a record, by where it stands. What cannot be taken back asks once more. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ActionStatus } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import type { ShownAction } from "./actions";
import { useLive } from "./live";
import classes from "./RecordActions.module.css";
import { useSendAction } from "./useSendAction";

interface RecordActionButtonsProps {
  shown: ShownAction;
  can_look_up: boolean;
}

type Question = "send_again" | "mark_sent" | "dismiss";

const CANCELLABLE: ReadonlySet<ActionStatus> = new Set([
  "held",
  "waiting_for_result",
  "queued",
  "waiting_to_retry",
  "waiting_for_connection",
]);

export function RecordActionButtons({ shown, can_look_up }: RecordActionButtonsProps) {
  const { act, may_act, person } = useLive();
  const [question, setQuestion] = useState<Question | null>(null);
  const { action, name, template } = shown;
  const action_id = action.id;
  if (question !== null) return <Asked question={question} shown={shown} onDone={() => setQuestion(null)} />;
  if (!may_act) return action.blocked ? <Unlock /> : null;
  const ask = (next: Question) => () => setQuestion(next);
  const is_unfired = action.status === "draft" || action.status === "failed" || action.status === "not_fired";
  return (
    <div className={classes.buttons}>
      {is_unfired && <SendButton shown={shown} />}
      {action.blocked && person.roles.includes("admin") && (
        <Button size="compact-md" variant="default" onClick={() => act({ type: "unlock_action", action_id })}>
          Unlock
        </Button>
      )}
      {action.status === "unknown" && (
        <>
          {can_look_up && (
            <Button size="compact-md" onClick={() => act({ type: "look_up_action", action_id })}>
              Look up
            </Button>
          )}
          <Button size="compact-md" variant="default" onClick={ask("send_again")}>
            Send again…
          </Button>
          <Button size="compact-md" variant="default" onClick={ask("mark_sent")}>
            Mark as sent…
          </Button>
        </>
      )}
      {CANCELLABLE.has(action.status) && (
        <Button
          size="compact-md"
          variant="default"
          aria-label={`Cancel ${name}`}
          onClick={() => act({ type: "cancel_action", action_id })}
        >
          Cancel
        </Button>
      )}
      {action.dismissed_by === null && (is_unfired || action.status === "unknown") && (
        <Button size="compact-md" variant="subtle" color="gray" onClick={ask("dismiss")}>
          Dismiss…
        </Button>
      )}
      {is_unfired && template.removable && (
        <Button
          size="compact-md"
          variant="subtle"
          color="red"
          aria-label={`Remove ${name}`}
          onClick={() => act({ type: "remove_action", action_id, removed: true })}
        >
          Remove
        </Button>
      )}
      {action.status === "removed" && (
        <Button
          size="compact-md"
          variant="default"
          aria-label={`Put back ${name}`}
          onClick={() => act({ type: "remove_action", action_id, removed: false })}
        >
          Put back
        </Button>
      )}
      {action.blocked && <Unlock />}
    </div>
  );
}

function Unlock() {
  return <p className={classes.small}>It failed more than 3 times. An administrator may unlock it.</p>;
}

/** Sends it; asks a second person first, if it needs one. */
export function SendButton({ shown }: { shown: ShownAction }) {
  const { act } = useLive();
  const { may_send, send } = useSendAction(shown);
  const { action, name } = shown;
  if (action.approval !== null && action.approval.approved !== true) {
    return (
      <Button
        size="compact-md"
        disabled={!action.valid || action.blocked}
        onClick={() => act({ type: "send_action", action_id: action.id })}
      >
        Ask a second person
      </Button>
    );
  }
  return (
    <DeliberateButton size="compact-md" disabled={!may_send} aria-label={`Send ${name}`} onPress={() => send()}>
      Send
    </DeliberateButton>
  );
}

const WORDS: Record<Question, { text: string; button: string }> = {
  send_again: { text: "It may have been sent before, and may then arrive twice. You checked?", button: "Send again" },
  mark_sent: { text: "You checked, and it was sent?", button: "Mark as sent" },
  dismiss: { text: "It stays as it is, and needs no attention any more.", button: "Dismiss" },
};

function Asked({ question, shown, onDone }: { question: Question; shown: ShownAction; onDone: () => void }) {
  const { act } = useLive();
  const { send } = useSendAction(shown);
  const [reason, setReason] = useState("");
  const { text, button } = WORDS[question];
  const action_id = shown.action.id;
  const go = (): void => {
    switch (question) {
      case "send_again":
        send(true);
        break;
      case "mark_sent":
        act({ type: "mark_action", action_id, sent: true, reason: reason.trim() || null });
        break;
      case "dismiss":
        act({ type: "mark_action", action_id, sent: false, reason: reason.trim() || null });
        break;
    }
    onDone();
  };
  return (
    <fieldset className={classes.asked} aria-label={button}>
      <p className={classes.small}>{text}</p>
      {question !== "send_again" && (
        <TextInput
          size="sm"
          label="Why (optional)"
          maxLength={255}
          autoFocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
      <div className={classes.buttons}>
        <DeliberateButton size="compact-md" onPress={go}>
          {button}
        </DeliberateButton>
        <Button size="compact-md" variant="default" autoFocus={question === "send_again"} onClick={onDone}>
          Back
        </Button>
      </div>
    </fieldset>
  );
}
