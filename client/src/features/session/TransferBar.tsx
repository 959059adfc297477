/** In the strip of the seat: who is asked to take the Session over, who came, and what became of it. Rule TR10. */

import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";
import { formatElapsed, useNow } from "../../lib/time";
import type { TransferView } from "../../protocol/protocol.gen";
import classes from "./HelpBar.module.css";
import { mayTransfer, useLive } from "./live";
import { isDriverGone } from "./seat";
import { outcomeText } from "./transfers";

/** Whoever watches has read it by then; whoever asked dismisses it, if they come back within the minutes. */
const SHOWN_MS = 8_000;
const SHOWN_TO_GIVER_MS = 300_000;

export function TransferBar() {
  const live = useLive();
  const { view, person, offset_ms } = live;
  const now_ms = useNow() + offset_ms;
  const [dismissed, setDismissed] = useState("");
  const transfer = Object.values(view.transfers).at(-1);
  if (transfer === undefined || transfer.id === dismissed) return null;
  if (transfer.outcome === null) return <Open transfer={transfer} now_ms={now_ms} />;
  // Nobody is told what they did themselves.
  if (transfer.settled_by?.id === person.id) return null;
  if (transfer.outcome === "handed_over" && transfer.accepted_by?.id === person.id) return null;
  const is_concerned = mayTransfer(live) && transfer.outcome !== "handed_over";
  const shown_ms = is_concerned ? SHOWN_TO_GIVER_MS : SHOWN_MS;
  if (now_ms > (transfer.settled_ms ?? 0) + shown_ms) return null;
  return (
    <div className={classes.bar} data-transfer>
      <p className={classes.state} role="status">
        {outcomeText(transfer)}
      </p>
      <CloseButton size="sm" aria-label="Dismiss" onClick={() => setDismissed(transfer.id)} />
    </div>
  );
}

function Open({ transfer, now_ms }: { transfer: TransferView; now_ms: number }) {
  const live = useLive();
  const { head, person, model, act } = live;
  const is_driver_gone = isDriverGone(live);
  const { id, accepted_by, until_ms } = transfer;
  const is_here = (person_id: string): boolean => model.people.some((each) => each.person_id === person_id);
  const is_giver = mayTransfer(live);
  return (
    <div className={classes.bar} data-transfer data-open>
      <p className={classes.state} role="status">
        {accepted_by === null
          ? askedText(transfer, person.id)
          : accepted_by.id === person.id
            ? is_driver_gone
              ? `You came, and ${head.driver.name} is not here any more`
              : `You came: ${head.owner.name} hands over to you`
            : `${accepted_by.name} is ${is_here(accepted_by.id) ? "here" : "coming"}`}
      </p>
      {accepted_by === null && (
        <span className="tabular" title="Time to answer">
          {formatElapsed(until_ms - now_ms)}
        </span>
      )}
      {accepted_by !== null && (is_giver || (accepted_by.id === person.id && is_driver_gone)) && (
        <Button
          size="compact-sm"
          onClick={() => act({ type: "complete_transfer", transfer_id: id, to_id: accepted_by.id })}
        >
          {accepted_by.id === person.id ? "Take over now" : "Hand over now"}
        </Button>
      )}
      {is_giver ? (
        <Button size="compact-sm" variant="default" onClick={() => act({ type: "withdraw_transfer", transfer_id: id })}>
          {accepted_by === null ? "Withdraw" : head.owner.id === person.id ? "Keep it" : "Call off"}
        </Button>
      ) : (
        accepted_by?.id === person.id && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => act({ type: "decline_transfer", transfer_id: id })}
          >
            Leave it
          </Button>
        )
      )}
    </div>
  );
}

function askedText({ by, to, team, passed_by }: TransferView, person_id: string): string {
  const declined = passed_by.length > 0 ? ` (${passed_by.map(({ name }) => name).join(", ")} declined)` : "";
  return `${by.id === person_id ? "You" : by.name} asked ${(to ?? team)?.name ?? ""} to take over${declined}`;
}
