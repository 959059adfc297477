/** How the content is to be read: word for word, and how long that takes at least. */

import { useNow } from "../../lib/time";
import { useLive } from "./live";
import classes from "./SectionPanel.module.css";

/** Counts down what is left of the shortest reading time; never holds anybody up. */
export function Verbatim() {
  const { section, visit, offset_ms } = useLive();
  const now_ms = useNow();
  if (section.disclosure === null) return null;
  const left_s = Math.ceil((visit.entered_ms + section.disclosure.min_s * 1_000 - (now_ms + offset_ms)) / 1_000);
  return (
    <p className={classes.verbatim}>
      Read word for word
      {left_s > 0 && <span className={classes.left}> · about {left_s} s left</span>}
    </p>
  );
}
