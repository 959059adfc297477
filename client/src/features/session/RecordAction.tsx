/** One Action of a record: what became of it, each try, and what may be done about it now. */

import { IconChevronRight } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { formatClock, useNow } from "../../lib/time";
import type { ActionView, AttemptView } from "../../protocol/protocol.gen";
import { ActionBadge } from "../../ui/ActionBadge";
import { ActionForm } from "./ActionForm";
import { ApprovalButtons } from "./ApprovalButtons";
import { isOutOfDate, isSendable, isUnfired, lockedByOther, missingOf, type ShownAction } from "./actions";
import { attemptText, capital, statusText } from "./actionWords";
import { useLive } from "./live";
import { OutOfDate } from "./OutOfDate";
import { RecordActionButtons, SendButton } from "./RecordActionButtons";
import classes from "./RecordActions.module.css";
import { buttonId } from "./recordIds";

interface RecordActionProps {
  shown: ShownAction;
  /** Unfolded at first. */
  opens: boolean;
  /** A link led here: it is brought into view. */
  is_linked: boolean;
  can_look_up: boolean;
}

export function RecordAction({ shown, opens, is_linked, can_look_up }: RecordActionProps) {
  const { actions, guide, may_act, person, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const { action, name, target } = shown;
  const [is_open, setOpen] = useState(opens);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (is_linked) row.current?.scrollIntoView({ block: "center" });
  }, [is_linked]);
  const other = lockedByOther(action, person.id, now_ms);
  const nameOf = (id: string): string => actions.find((each) => each.action.id === id)?.name ?? "another Action";
  const needed = missingOf(action);
  const text = statusText(shown, nameOf, now_ms);
  const panel_id = `record-${action.id}`;
  return (
    <li ref={row} className={classes.line} data-status={action.status} data-shown={action.shown}>
      <div className={classes.row}>
        <button
          id={buttonId(action.id)}
          type="button"
          className={classes.open}
          aria-expanded={is_open}
          aria-controls={panel_id}
          onClick={() => setOpen(!is_open)}
        >
          <IconChevronRight size={17} aria-hidden="true" className={classes.chevron} />
          <span className={classes.what}>
            <strong className={classes.name}>{name}</strong>
            {target !== "" && <span className={classes.target}>to {target}</span>}
          </span>
          <span className={classes.marks}>
            {isOutOfDate(action, actions) && <span className={classes.old}>Out of date</span>}
            {action.status !== "removed" && <ActionBadge status={action.shown} />}
          </span>
          {text !== "" && <span className={classes.text}>{text}</span>}
          {isUnfired(action) && needed.length > 0 && (
            <span className={classes.text}>
              Needs {needed.map((key) => guide.fields.get(key)?.label ?? key).join(", ")}
            </span>
          )}
          {other !== null && <span className={classes.text}>{other.name} is editing this</span>}
          <Remarks action={action} nameOf={nameOf} />
        </button>
        {!is_open && may_act && isSendable(action) && <SendButton shown={shown} />}
      </div>
      <div id={panel_id} hidden={!is_open}>
        {is_open && (
          <div className={classes.inside}>
            {action.out_of_date && <OutOfDate shown={shown} />}
            <ActionForm shown={shown} />
            <Attempts attempts={action.attempts} />
            <ApprovalButtons shown={shown} />
            <RecordActionButtons shown={shown} can_look_up={can_look_up} />
          </div>
        )}
      </div>
    </li>
  );
}

function Remarks({ action, nameOf }: { action: ActionView; nameOf: (id: string) => string }) {
  const { dismissed_by, reason, corrects, compensates } = action;
  return (
    <>
      {dismissed_by !== null && (
        <span className={classes.text}>
          Dismissed by {dismissed_by.name}
          {reason !== null && `: ${reason}`}
        </span>
      )}
      {corrects !== null && <span className={classes.text}>Corrects an earlier send</span>}
      {compensates !== null && <span className={classes.text}>Makes up for “{nameOf(compensates)}”</span>}
    </>
  );
}

function Attempts({ attempts }: { attempts: readonly AttemptView[] }) {
  if (attempts.length === 0) return null;
  return (
    <div>
      <h3 className={classes.small}>Attempts</h3>
      <ol className={classes.attempts}>
        {attempts.map(({ number, started_ms, finished_ms, kind, message, status }) => (
          <li key={number} className={classes.attempt}>
            <span className="tabular">{formatClock(started_ms)}</span>
            <span>
              {attemptText(kind, finished_ms !== null)}
              {status !== null && ` (${status})`}
              {message !== "" && <span className={classes.message}>{capital(message)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
