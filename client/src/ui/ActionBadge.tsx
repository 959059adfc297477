import type { ShownStatus } from "../protocol/protocol.gen";
import classes from "./ActionBadge.module.css";

/** The words for them; `unknown` is one that nobody can know without looking. */
export const STATUS_WORDS: Record<ShownStatus, string> = {
  not_fired: "Not fired",
  pending: "Pending",
  sent: "Sent",
  failed: "Failed",
  unknown: "May have been sent",
};

/** Where an Action is in its life, in the five words that people read. */
export function ActionBadge({ status }: { status: ShownStatus }) {
  return (
    <span className={classes.badge} data-status={status}>
      {STATUS_WORDS[status]}
    </span>
  );
}
