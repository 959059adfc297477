import { IconFlag } from "@tabler/icons-react";
import { Link } from "wouter";
import { formatMoment } from "../../lib/time";
import type { VisitId } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import { momentWord } from "./moments";
import { replayPath } from "./replayPath";
import classes from "./VisitMoments.module.css";

/** What was marked on one visit, with who and when. Rule MM2. */
export function VisitMoments({ visit_id, leads_to_replay }: { visit_id: VisitId; leads_to_replay?: boolean }) {
  const { view, offset_ms, session_id } = useLive();
  const marked = Object.values(view.moments).filter((each) => each.visit_id === visit_id);
  if (marked.length === 0) return null;
  return (
    <ul className={classes.moments} aria-label="Marked moments">
      {marked.map((each) => (
        <li key={each.id} className={classes.moment} data-moment={each.id}>
          <IconFlag size={14} aria-hidden="true" className={classes.flag} />
          <span>
            <strong>{momentWord(each.label)}</strong>
            {each.comment !== null && <> · {each.comment}</>}
            <span className={classes.by}>
              {" "}
              {each.by.name}, {formatMoment(each.at_ms, Date.now() + offset_ms)}
            </span>
            {leads_to_replay && (
              <>
                {" "}
                <Link href={replayPath(session_id, `moments/${each.id}`)} className={classes.from}>
                  Replay from here
                </Link>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
