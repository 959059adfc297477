/** One Action in the review: a line, and its form and its trash below, once it is opened. */

import { Button } from "@mantine/core";
import { IconChevronRight, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useNow } from "../../lib/time";
import type { Key } from "../../protocol/protocol.gen";
import { ActionBadge } from "../../ui/ActionBadge";
import { ActionForm } from "./ActionForm";
import { ApprovalButtons } from "./ApprovalButtons";
import { isInvalid, lockedByOther, mayApprove, missingOf, type ShownAction } from "./actions";
import { statusText } from "./actionWords";
import { useLive } from "./live";
import { MissingFields } from "./MissingFields";
import classes from "./ReviewPanel.module.css";

interface ReviewLineProps {
  shown: ShownAction;
  is_changed: boolean;
  onOpenField: (key: Key) => void;
}

export function ReviewLine({ shown, is_changed, onOpenField }: ReviewLineProps) {
  const { action, name, target } = shown;
  const { head, person } = useLive();
  const is_wrong = isInvalid(action);
  const is_wanted = is_wrong || mayApprove(action, head, person);
  // One that comes to want something of this person opens; one that was dealt with stays open under the hands.
  const [is_open, setOpen] = useState(is_wanted);
  const [was_wanted, setWasWanted] = useState(is_wanted);
  if (was_wanted !== is_wanted) {
    setWasWanted(is_wanted);
    if (is_wanted) setOpen(true);
  }
  const is_removed = action.status === "removed";
  const panel_id = `review-${action.id}`;
  return (
    <li
      className={classes.line}
      data-wrong={is_wrong || undefined}
      data-removed={is_removed || undefined}
      data-review-line={action.id}
    >
      <div className={classes.top}>
        <button
          type="button"
          className={classes.open}
          aria-expanded={is_open && !is_removed}
          aria-controls={panel_id}
          disabled={is_removed}
          onClick={() => setOpen(!is_open)}
        >
          <IconChevronRight size={17} aria-hidden="true" className={classes.chevron} />
          <span className={classes.words}>
            <span className={classes.what}>
              <strong className={classes.name}>{name}</strong>
              {target !== "" && <span className={classes.target}>to {target}</span>}
            </span>
            <span className={classes.state}>
              {is_changed && <span className={classes.mark}>Changed</span>}
              <Standing shown={shown} />
            </span>
          </span>
        </button>
        {is_removed && <PutBack shown={shown} />}
      </div>
      <div id={panel_id} hidden={!is_open || is_removed}>
        {is_open && !is_removed && (
          <div className={classes.inside}>
            {is_wrong && <Instructions shown={shown} onOpenField={onOpenField} />}
            <ActionForm shown={shown} onOpenField={onOpenField} />
            <ApprovalButtons shown={shown} />
            <Trash shown={shown} />
          </div>
        )}
      </div>
    </li>
  );
}

function Standing({ shown }: { shown: ShownAction }) {
  const { actions, person, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const { action } = shown;
  const other = lockedByOther(action, person.id, now_ms);
  if (other !== null) return <span className={classes.standing}>{other.name} is editing this</span>;
  if (isInvalid(action)) return <span className={classes.wrong}>Cannot be sent yet</span>;
  const text = statusText(shown, (id) => actions.find((each) => each.action.id === id)?.name ?? "another", now_ms);
  const is_ready = action.status === "draft";
  return (
    <>
      {text !== "" && <span className={classes.standing}>{text}</span>}
      {is_ready && text === "" && <span className={classes.ready}>Ready</span>}
      {action.shown !== "not_fired" && <ActionBadge status={action.shown} />}
    </>
  );
}

function Instructions({ shown: { action }, onOpenField }: Omit<ReviewLineProps, "is_changed">) {
  const missing = missingOf(action);
  return (
    <div className={classes.instructions}>
      {missing.length > 0 && <MissingFields keys={missing} onOpenField={onOpenField} />}
      <p>
        {action.blocked
          ? "It failed too often. An administrator may unlock it."
          : action.leaves.some(({ problem }) => problem !== null)
            ? "Fill in the Field, write the value here, or remove the Action. Left as it is, it is not fired."
            : "Its Integration is not installed here. Left as it is, it is not fired."}
      </p>
    </div>
  );
}

function Trash({ shown: { action, template, name } }: { shown: ShownAction }) {
  const { act, may_act } = useLive();
  if (!["draft", "awaiting_approval", "declined", "failed", "not_fired"].includes(action.status)) return null;
  if (!template.removable) return <p className={classes.always}>Always sent</p>;
  return (
    <Button
      variant="subtle"
      color="red"
      size="compact-md"
      disabled={!may_act}
      className={classes.trash ?? ""}
      leftSection={<IconTrash size={16} aria-hidden="true" />}
      aria-label={`Remove ${name}`}
      onClick={() => act({ type: "remove_action", action_id: action.id, removed: true })}
    >
      Remove
    </Button>
  );
}

function PutBack({ shown: { action, name } }: { shown: ShownAction }) {
  const { act, may_act } = useLive();
  if (!may_act) return null;
  return (
    <Button
      variant="default"
      size="compact-sm"
      aria-label={`Put back ${name}`}
      onClick={() => act({ type: "remove_action", action_id: action.id, removed: false })}
    >
      Put back
    </Button>
  );
}
