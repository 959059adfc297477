/**
 * Actions that need a second person, during the call: the driver reads that they wait, a supervisor who watches sees
 * the values and says yes or no, and what was said stands in the same place. Rule AX7.
 */

import { IconUserCheck } from "@tabler/icons-react";
import { useNow } from "../../lib/time";
import { ApprovalButtons } from "./ApprovalButtons";
import classes from "./ApprovalStrip.module.css";
import { approvalsNow, mayApprove, type ShownAction } from "./actions";
import { answerText } from "./actionWords";
import { useLive } from "./live";

export function ApprovalStrip() {
  const { actions, person, head, offset_ms } = useLive();
  const asked = approvalsNow(actions, useNow() + offset_ms);
  if (asked.length === 0) return null;
  return (
    <section className={classes.strip} aria-label="Approvals">
      {asked.map((shown) =>
        mayApprove(shown.action, head, person) ? (
          <Question key={shown.action.id} shown={shown} />
        ) : (
          <State key={shown.action.id} shown={shown} />
        ),
      )}
    </section>
  );
}

function State({ shown: { action, name } }: { shown: ShownAction }) {
  const answer = answerText(action);
  return (
    <p className={classes.state} data-answer={answer === "" ? undefined : action.approval?.approved ? "yes" : "no"}>
      <IconUserCheck size={17} aria-hidden="true" className={classes.icon} />
      <span>
        <strong>{name}</strong> · {answer === "" ? "Waiting for approval" : answer}
      </span>
    </p>
  );
}

function Question({ shown }: { shown: ShownAction }) {
  const { action, name } = shown;
  return (
    <article className={classes.question} aria-label={`Approve ${name}`}>
      <p className={classes.state}>
        <IconUserCheck size={17} aria-hidden="true" className={classes.icon} />
        <span>
          <strong>{name}</strong> needs your approval
        </span>
      </p>
      <dl className={classes.values}>
        {action.leaves
          .filter(({ text, masked }) => masked || (text !== null && text !== ""))
          .map(({ path, label, text, masked, edited }) => (
            <div key={path} className={classes.value}>
              <dt>{label}</dt>
              <dd>
                {masked ? "Hidden: sensitive" : text}
                {edited && <span className={classes.edited}> · edited by {action.edited_by?.name}</span>}
              </dd>
            </div>
          ))}
      </dl>
      <ApprovalButtons shown={shown} />
    </article>
  );
}
