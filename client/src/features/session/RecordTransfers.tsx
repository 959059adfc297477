import { formatMoment } from "../../lib/time";
import { useLive } from "./live";
import classes from "./RecordScreen.module.css";
import { outcomeText } from "./transfers";

/** Who asked whom to take it over, and what became of that. Rule TR8. */
export function RecordTransfers() {
  const { view, head } = useLive();
  const transfers = Object.values(view.transfers);
  if (transfers.length === 0) return null;
  return (
    <section aria-labelledby="transfers" className={classes.owners}>
      <h2 id="transfers" className={classes.heading}>
        Transfers
      </h2>
      <ol className={classes.visits}>
        {transfers.map((transfer) => (
          <li key={transfer.id} className={classes.visit}>
            <span className={classes.at}>{formatMoment(transfer.asked_ms, head.changed_ms)}</span>
            <span className={classes.what}>
              <span className={classes.name}>
                {transfer.by.name} asked {(transfer.to ?? transfer.team)?.name}
                {transfer.warm && ", to introduce them first"}
                {transfer.note !== null && `: ${transfer.note}`}
              </span>
              <span className={classes.answer}>
                {transfer.passed_by.map(({ name }) => `${name} declined. `)}
                {outcomeText(transfer)}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
