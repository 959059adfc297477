import { IconBolt } from "@tabler/icons-react";
import classes from "./ActionPopover.module.css";
import { counted } from "./actionWords";
import type { Waiting } from "./waiting";

/** Immediate Actions that wait out of sight; a press brings them back. */
export function Lightning({ waiting: { behind, unfold } }: { waiting: Waiting }) {
  if (behind === 0) return null;
  const label = `${counted(behind, "Action")} waiting`;
  return (
    <button
      type="button"
      className={classes.lightning}
      aria-label={label}
      title={label}
      aria-keyshortcuts="M"
      data-lightning
      onClick={unfold}
    >
      <IconBolt size={18} aria-hidden="true" />
      <span className="tabular">{behind}</span>
    </button>
  );
}
