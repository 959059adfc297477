/** Actions of a record: how many stand where, and behind one button each of them, with what may still be done. Rules AX8 and AX9. */

import { Button } from "@mantine/core";
import { useState } from "react";
import { useFetched } from "../../lib/http";
import type { IntegrationsAnswer } from "../../protocol/protocol.gen";
import { inStandingOrder, isInvalid, isUnfired, type ShownAction, totals } from "./actions";
import { totalsText } from "./actionWords";
import { useLive } from "./live";
import { RecordAction } from "./RecordAction";
import classes from "./RecordActions.module.css";

/** Where somebody can be asked. Under a key the same is sent again, which is what *Send again* does after its question. */
const ASKABLE: ReadonlySet<string> = new Set(["lookup", "natural"]);

export function RecordActions() {
  const { actions, head } = useLive();
  const unfired = actions.filter(({ action }) => isUnfired(action));
  const [is_open, setOpen] = useState(head.status === "ended" && unfired.length > 0);
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
        <p className={classes.totals}>{totalsText(totals(actions))}</p>
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
              opens={head.status === "ended" && isInvalid(shown.action)}
              can_look_up={ASKABLE.has(safeties.get(shown.template.integration) ?? "none")}
            />
          ))}
        </ul>
      )}
    </section>
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
