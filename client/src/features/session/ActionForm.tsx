/** All values of an Action, each in the control of its type; drawn from what the server says of it, for any Integration. */

import { IconLock } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { ActionStatus, Key, LeafView, ShownStatus } from "../../protocol/protocol.gen";
import classes from "./ActionForm.module.css";
import type { ShownAction } from "./actions";
import { LeafRow } from "./LeafRow";
import { useLive } from "./live";
import { useActionLock } from "./useActionLock";

interface ActionFormProps {
  shown: ShownAction;
  onOpenField?: (key: Key) => void;
}

const EDITABLE: ReadonlySet<ActionStatus> = new Set(["draft", "awaiting_approval", "declined", "failed", "not_fired"]);

const WENT_OUT: ReadonlySet<ShownStatus> = new Set(["sent", "unknown"]);

export function ActionForm({ shown: { action, template, name }, onOpenField }: ActionFormProps) {
  const { may_act } = useLive();
  const may_edit = may_act && EDITABLE.has(action.status);
  const { other, form } = useActionLock(action, may_edit);
  // Those that are neither asked for nor filled are folded; one that is filled there stays there.
  const [spare] = useState(() => new Set(action.leaves.filter((leaf) => !isSent(leaf)).map(({ path }) => path)));
  const [has_more, setMore] = useState(false);
  const row = (leaf: LeafView): ReactNode => (
    <LeafRow
      key={leaf.path}
      action={action}
      leaf={leaf}
      read_only={!may_edit || other !== null}
      onOpenField={onOpenField}
    />
  );
  return (
    <section className={classes.form} aria-label={`Values of ${name}`} {...form}>
      {other !== null && (
        <p className={classes.locked}>
          <IconLock size={15} aria-hidden="true" /> {other.name} is editing this
        </p>
      )}
      {may_edit && action.approval !== null && (
        <p className={classes.hint}>A second person approves it as it is: whoever changes it asks anew.</p>
      )}
      {action.leaves.filter(({ path }) => !spare.has(path)).map(row)}
      {spare.size > 0 && may_edit && (
        <details className={classes.preview} onToggle={(event) => setMore(event.currentTarget.open)}>
          <summary>More values</summary>
          {has_more && (
            <div className={classes.more}>{action.leaves.filter(({ path }) => spare.has(path)).map(row)}</div>
          )}
        </details>
      )}
      <details className={classes.preview}>
        <summary>{WENT_OUT.has(action.shown) ? "As it was sent" : "As it will be sent"}</summary>
        <dl className={classes.values}>
          {action.leaves
            .filter((leaf) => isSent(leaf) && !leaf.path.includes("."))
            .map((leaf) => (
              <div key={leaf.path} className={classes.value}>
                <dt>{leaf.path}</dt>
                <dd>{previewText(leaf)}</dd>
              </div>
            ))}
          {Object.entries(nestedOf(action.leaves)).map(([key, value]) => (
            <div key={key} className={classes.value}>
              <dt>{key}</dt>
              <dd className={classes.json}>{JSON.stringify(value, null, 2)}</dd>
            </div>
          ))}
        </dl>
        {template.connection !== null && <p className={classes.hint}>Over {template.connection}</p>}
      </details>
    </section>
  );
}

/** What nobody filled in and nobody asks for is left out. */
function isSent({ text, masked, required, problem, edited }: LeafView): boolean {
  return masked || edited || required || problem !== null || (text !== null && text !== "");
}

/** Values inside of others, put together as the JSON that they stand in. */
function nestedOf(leaves: readonly LeafView[]): Record<string, Nested> {
  const whole: { [key: string]: Nested } = {};
  for (const leaf of leaves) {
    const steps = leaf.path.split(".");
    let at: { [key: string]: Nested } = whole;
    for (const [place, step] of steps.slice(0, -1).entries()) {
      const inner = at[step] ?? (/^\d+$/.test(steps[place + 1] ?? "") ? [] : {});
      at[step] = inner;
      at = inner as { [key: string]: Nested };
    }
    if (steps.length > 1) at[steps.at(-1) ?? ""] = leaf.masked ? "hidden" : leaf.text;
  }
  return whole;
}

type Nested = string | null | Nested[] | { [key: string]: Nested };

function previewText({ masked, text }: LeafView): string {
  if (masked) return "hidden";
  return text === null || text === "" ? "(nothing)" : text;
}
