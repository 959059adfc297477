/** A finished Session, read-only: how it ended, the way it took, its Fields and Notes. */

import { formatElapsed, formatMoment } from "../../lib/time";
import type { Key, VisitView } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import { NotesPanel } from "./NotesPanel";
import { allVisits } from "./path";
import classes from "./RecordScreen.module.css";
import { SessionHeader } from "./SessionHeader";
import { heldText } from "./words";

export function RecordScreen() {
  const { head, view, guide } = useLive();
  const outcome = head.status === "ended" ? "Ended early" : head.won ? "WON" : "Completed";
  return (
    <div className={classes.record}>
      <SessionHeader />
      <div className={classes.outcome} data-outcome={head.won ? "won" : head.status} role="status">
        <strong>{outcome}</strong>
        <span>
          in {formatElapsed(head.changed_ms - head.started_ms)} by {head.owner.name}
        </span>
        {head.end_reason !== null && <span className={classes.reason}>{head.end_reason}</span>}
      </div>
      <main className={classes.body}>
        <section className={classes.way} aria-labelledby="way">
          <h1 id="way" className={classes.heading}>
            What happened
          </h1>
          <ol className={classes.visits}>
            {allVisits(view).map((visit) => (
              <RecordVisit key={visit.id} visit={visit} />
            ))}
          </ol>
        </section>
        <div className={classes.side}>
          <section className={classes.card} aria-labelledby="entered">
            <h2 id="entered" className={classes.heading}>
              Fields
            </h2>
            <dl className={classes.fields}>
              {guide.document.fields.map((field) => (
                <RecordField key={field.key} field_key={field.key} />
              ))}
            </dl>
          </section>
          <div className={classes.notes}>
            <NotesPanel read_only />
          </div>
        </div>
      </main>
    </div>
  );
}

function RecordVisit({ visit }: { visit: VisitView }) {
  const { guide, offset_ms, head } = useLive();
  const section = guide.sections.get(visit.section_key);
  const answer = section?.answers.find((each) => each.key === visit.answer_key);
  const left_ms = visit.left_ms ?? head.changed_ms;
  return (
    <li className={classes.visit} data-abandoned={visit.abandoned || undefined}>
      <span className={classes.at}>{formatMoment(visit.entered_ms - offset_ms, head.changed_ms - offset_ms)}</span>
      <span className={classes.what}>
        <span className={classes.name}>{section?.name ?? visit.section_key}</span>
        {answer !== undefined && <span className={classes.answer}>{answer.label}</span>}
        {visit.abandoned && <span className={classes.answer}>Left behind</span>}
      </span>
      <span className={classes.took}>{formatElapsed(left_ms - visit.entered_ms)}</span>
    </li>
  );
}

function RecordField({ field_key }: { field_key: Key }) {
  const { guide, view } = useLive();
  const field = guide.fields.get(field_key);
  if (field === undefined) return null;
  const held = view.fields[field_key];
  const text = heldText(field, held);
  return (
    <div className={classes.field}>
      <dt>{field.label}</dt>
      <dd data-empty={held === undefined || undefined}>
        {held?.masked === true ? (held.valid ? "hidden · valid" : "hidden · not valid") : text || "Not Provided"}
        {held !== undefined && !held.masked && !held.valid && (
          <span className={classes.wrong}> Not valid: expected {held.problem?.expected}</span>
        )}
      </dd>
    </div>
  );
}
