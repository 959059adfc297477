/**
 * Actions that need a second person, during the call: the driver reads that they wait, a supervisor who watches sees
 * the values and says yes or no. Rule AX7.
 */

import { IconUserCheck } from "@tabler/icons-react";
import { ApprovalButtons } from "./ApprovalButtons";
import classes from "./ApprovalStrip.module.css";
import { mayApprove, type ShownAction } from "./actions";
import { useLive } from "./live";

export function ApprovalStrip() {
  const { actions, person, head } = useLive();
  const asked = actions.filter(({ action }) => action.status === "awaiting_approval" || action.status === "declined");
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
  const { approval } = action;
  return (
    <p className={classes.state} data-declined={action.status === "declined" || undefined}>
      <IconUserCheck size={17} aria-hidden="true" className={classes.icon} />
      <span>
        <strong>{name}</strong>{" "}
        {action.status === "declined"
          ? `· ${approval?.by?.name ?? "The second person"} declined${approval?.reason ? `: ${approval.reason}` : ""}`
          : "· Waiting for approval"}
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
