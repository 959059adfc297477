import { IconFlag } from "@tabler/icons-react";
import { formatMoment } from "../../lib/time";
import type { MomentView, VisitId } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import { momentWord } from "./moments";
import classes from "./VisitMoments.module.css";

/** What was marked on one visit, with who and when. Rule MM2. */
export function VisitMoments({ visit_id }: { visit_id: VisitId }) {
  const { view, offset_ms } = useLive();
  const marked = Object.values(view.moments).filter((each) => each.visit_id === visit_id);
  if (marked.length === 0) return null;
  return (
    <ul className={classes.moments} aria-label="Marked moments">
      {marked.map((each) => (
        <li key={each.id} className={classes.moment} data-moment={each.id}>
          <Flag />
          <span>
            <MomentText moment={each} />
            <span className={classes.by}>
              {" "}
              {each.by.name}, {formatMoment(each.at_ms, Date.now() + offset_ms)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Flag() {
  return <IconFlag size={14} role="img" aria-label="Marked" className={classes.flag} />;
}

export function MomentText({ moment: { label, comment } }: { moment: MomentView }) {
  return (
    <>
      <strong>{momentWord(label)}</strong>
      {comment !== null && <> · {comment}</>}
    </>
  );
}
