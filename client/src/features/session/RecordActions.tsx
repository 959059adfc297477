/** Actions of a record: how many stand where, and behind one button each of them, with what may still be done. Rules AX8 and AX9. */

import { Button } from "@mantine/core";
import { Fragment, useState } from "react";
import { useFetched } from "../../lib/http";
import type { IntegrationsAnswer, ShownStatus } from "../../protocol/protocol.gen";
import { STATUS_WORDS } from "../../ui/ActionBadge";
import { inStandingOrder, isInvalid, isUnfired, mayApprove, type ShownAction, totals } from "./actions";
import { useLive } from "./live";
import { RecordAction } from "./RecordAction";
import classes from "./RecordActions.module.css";

/** Where somebody can be asked. Under a key the same is sent again, which is what *Send again* does after its question. */
const ASKABLE: ReadonlySet<string> = new Set(["lookup", "natural"]);

/** What nobody should have to look for. */
const WANTING: ReadonlySet<ShownStatus> = new Set(["failed", "unknown"]);

export function RecordActions() {
  const { actions, head, person } = useLive();
  const unfired = actions.filter(({ action }) => isUnfired(action));
  // A link may lead to one of them.
  const [linked] = useState(() => window.location.hash.slice(1));
  const [is_open, setOpen] = useState(
    actions.some(
      ({ action }) => WANTING.has(action.shown) || action.id === linked || mayApprove(action, head, person),
    ) ||
      (head.status === "ended" && unfired.length > 0),
  );
  const ordered = actions.toSorted((one, two) => place(one) - place(two));
  const [standing] = useState(() => ordered.map(({ action }) => action.id));
  const safeties = useSafeties(actions.some(({ action }) => action.status === "unknown"));
  if (actions.length === 0) return null;
  return (
    <section className={classes.actions} aria-labelledby="actions">
      <div className={classes.top}>
        <h2 id="actions" className={classes.heading}>
          Actions
        </h2>
        <Totals />
        <Button size="compact-md" variant="default" aria-expanded={is_open} onClick={() => setOpen(!is_open)}>
          {is_open ? "Hide Actions" : "Show Actions"}
        </Button>
      </div>
      {is_open && (
        <ul className={classes.lines}>
          {inStandingOrder(standing, ordered).map((shown) => (
            <RecordAction
              key={shown.action.id}
              shown={shown}
              opens={shown.action.id === linked || (head.status === "ended" && isInvalid(shown.action))}
              is_linked={shown.action.id === linked}
              can_look_up={ASKABLE.has(safeties.get(shown.template.integration) ?? "none")}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Each status in its colour, so that a failure is seen before anything is unfolded. */
function Totals() {
  const { actions } = useLive();
  const { shown, removed } = totals(actions);
  return (
    <p className={classes.totals}>
      {shown.map(([status, count], place) => (
        <Fragment key={status}>
          {place > 0 && " · "}
          <span className={classes.total} data-shown={status}>
            {STATUS_WORDS[status]} {count}
          </span>
        </Fragment>
      ))}
      {removed > 0 && `${shown.length > 0 ? " · " : ""}Removed ${removed}`}
    </p>
  );
}

/** What somebody may still have to do comes first. */
function place({ action }: ShownAction): number {
  if (isUnfired(action) || action.status === "unknown") return 0;
  return action.status === "removed" || action.status === "withdrawn" ? 2 : 1;
}

/** What makes a repeat harmless, by what is done; empty where the server does not tell. Asked for only if somebody needs it. */
function useSafeties(is_needed: boolean): ReadonlyMap<string, string> {
  const catalogue = useFetched<IntegrationsAnswer>(is_needed ? "/api/integrations" : null);
  if (catalogue.phase !== "ready") return new Map();
  const offered = catalogue.value.integrations.flatMap(({ integration }) => integration.actions);
  return new Map(offered.map(({ id, safety }) => [id, safety]));
}
