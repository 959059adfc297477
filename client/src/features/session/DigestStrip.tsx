/** What happened so far, above the Section of who watches: folded away by a click, and never over anything. */

import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { formatElapsed, formatMoment } from "../../lib/time";
import { ActionBadge } from "../../ui/ActionBadge";
import { Elapsed } from "../../ui/Elapsed";
import classes from "./DigestStrip.module.css";
import { digestOf } from "./digest";
import { useLive } from "./live";

/** Where it would leave the Section no room. */
const NARROW = "(max-width: 699px)";

/** Rules DG1 to DG3. */
export function DigestStrip({ folded_where = NARROW }: { folded_where?: string }) {
  const { head, person } = useLive();
  return head.driver.id === person.id ? null : <OfWatcher folded_where={folded_where} />;
}

function OfWatcher({ folded_where }: { folded_where: string }) {
  const { view, guide, actions, head, person, offset_ms } = useLive();
  // Whose call it is was there: to them it is one press away, and moves less.
  const [is_open, setOpen] = useState(() => head.owner.id !== person.id && !window.matchMedia(folded_where).matches);
  const digest = useMemo(() => digestOf(view, guide, actions), [view, guide, actions]);
  const moment = (at_ms: number): string => formatMoment(at_ms, Date.now() + offset_ms);
  const { steps, values, said, actions: triggered } = digest;
  return (
    <section className={classes.digest} aria-label="So far">
      <button
        type="button"
        className={classes.toggle}
        aria-expanded={is_open}
        aria-controls="digest"
        onClick={() => setOpen(!is_open)}
      >
        <IconChevronDown size={16} className={classes.chevron} aria-hidden="true" />
        <strong>So far</strong>
        <span className={classes.facts}>
          {counted(steps.length, "Section")} · {head.driver.name} drives since {moment(head.seated_ms)}
        </span>
      </button>
      {is_open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must be able to do that
        <section id="digest" className={classes.body} tabIndex={0} aria-label="Digest">
          <Part title="Path, newest first" count={steps.length} empty="">
            <ol className={classes.list} reversed>
              {steps.toReversed().map(({ id, name, answer, entered_ms, left_ms }) => (
                <li key={id} className={classes.row} data-current={left_ms === null || undefined}>
                  <span className={classes.at}>{moment(entered_ms)}</span>
                  <span className={classes.what}>
                    {name}
                    {answer !== "" && <span className={classes.soft}> → {answer}</span>}
                  </span>
                  <span className={classes.took}>
                    {left_ms === null ? (
                      <Elapsed since_ms={entered_ms} offset_ms={offset_ms} />
                    ) : (
                      formatElapsed(left_ms - entered_ms)
                    )}
                  </span>
                </li>
              ))}
            </ol>
          </Part>
          <Part title="Fields" count={values.length} empty="Nothing is filled in yet.">
            <dl className={classes.list}>
              {values.map(({ key, label, text, is_valid }) => (
                <div key={key} className={classes.row}>
                  <dt className={classes.label}>{label}</dt>
                  <dd className={classes.what}>
                    {text}
                    {!is_valid && <span className={classes.invalid}> not valid</span>}
                  </dd>
                </div>
              ))}
            </dl>
          </Part>
          <Part title="Said and sent" count={said.length + triggered.length} empty="No Response and no Action yet.">
            <ul className={classes.list}>
              {said.map(({ id, name, at_ms }) => (
                <li key={id} className={classes.row}>
                  <span className={classes.at}>{moment(at_ms)}</span>
                  <span className={classes.what}>{name}</span>
                </li>
              ))}
              {triggered.map(({ id, name, status }) => (
                <li key={id} className={classes.row}>
                  <span className={classes.what}>{name}</span>
                  <ActionBadge status={status} />
                </li>
              ))}
            </ul>
          </Part>
        </section>
      )}
    </section>
  );
}

function Part({ title, count, empty, children }: { title: string; count: number; empty: string; children: ReactNode }) {
  return (
    <div>
      <h2 className={classes.heading}>{title}</h2>
      {count === 0 ? <p className={classes.empty}>{empty}</p> : children}
    </div>
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
