import type { SessionStatus } from "../protocol/protocol.gen";
import classes from "./StatusBadge.module.css";

export const STATUS_WORDS: Record<SessionStatus, string> = {
  active: "Active",
  reviewing: "In review",
  paused: "Paused",
  completed: "Completed",
  ended: "Ended",
};

/** Where a Session is in its life; a won one says so. */
export function StatusBadge({ status, won = false }: { status: SessionStatus; won?: boolean }) {
  return (
    <span className={classes.badge} data-status={won ? "won" : status}>
      {won ? "WON" : STATUS_WORDS[status]}
    </span>
  );
}
