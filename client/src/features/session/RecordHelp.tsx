import { formatElapsed, formatMoment } from "../../lib/time";
import type { HelpView } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./RecordScreen.module.css";

/** Who asked for help, and how long it took until somebody came. Rule HP6. */
export function RecordHelp() {
  const { view, head } = useLive();
  const requests = Object.values(view.help_requests);
  if (requests.length === 0) return null;
  return (
    <section aria-labelledby="helped" className={classes.owners}>
      <h2 id="helped" className={classes.heading}>
        Help
      </h2>
      <ol className={classes.visits}>
        {requests.map((request) => (
          <li key={request.id} className={classes.visit}>
            <span className={classes.at}>{formatMoment(request.asked_ms, head.changed_ms)}</span>
            <span className={classes.what}>
              <span className={classes.name}>
                {request.by.name} asked{request.reason !== null && `: ${request.reason}`}
              </span>
              <span className={classes.answer}>{cameText(request)}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function cameText({ asked_ms, ring, claimed_by, claimed_ms, closed_ms }: HelpView): string {
  if (claimed_by !== null && claimed_ms !== null) {
    const [first] = ring;
    const asked = first === undefined || first.id === claimed_by.id ? "" : `; ${first.name} was asked first`;
    return `${claimed_by.name} came after ${formatElapsed(claimed_ms - asked_ms)}${asked}`;
  }
  return closed_ms === null ? "Nobody came" : `Nobody came within ${formatElapsed(closed_ms - asked_ms)}`;
}
