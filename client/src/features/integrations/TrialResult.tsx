import { Fragment } from "react";
import type { Trial } from "../../protocol/protocol.gen";
import classes from "./IntegrationsPage.module.css";
import { OUTCOME_WORDS } from "./words";

/** What came of trying a Connection out, with the answer for who may read it. */
export function TrialResult({ trial, works }: { trial: Trial; works: string }) {
  const is_good = trial.kind === "sent";
  const facts = [trial.status, `${trial.duration_ms} ms`].filter((fact) => fact !== null).join(" · ");
  const fields = Object.entries(trial.field_messages);
  return (
    <div className={classes.trial} role="status" data-good={is_good || undefined}>
      <p>
        <strong>{is_good ? works : OUTCOME_WORDS[trial.kind]}</strong> <span className={classes.sub}>{facts}</span>
      </p>
      {trial.message !== "" && <p>{trial.message}</p>}
      {fields.length > 0 && (
        <dl className={classes.facts}>
          {fields.map(([path, text]) => (
            <Fragment key={path}>
              <dt>{path}</dt>
              <dd>{text}</dd>
            </Fragment>
          ))}
        </dl>
      )}
      {trial.excerpt !== "" && <pre className={classes.excerpt}>{trial.excerpt}</pre>}
    </div>
  );
}
