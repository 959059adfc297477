/** The way that the call took: visits in order, back by a click, a look by another. */

import { IconArrowBackUp, IconEye, IconRoute } from "@tabler/icons-react";
import { useState } from "react";
import type { Key, VisitId, VisitView } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { useLive } from "./live";
import classes from "./PathPanel.module.css";
import { readPath } from "./path";
import { VisitMoments } from "./VisitMoments";

interface PathPanelProps {
  onBack: (to_visit_id: VisitId) => void;
  onPeek: (key: Key) => void;
  /** Null where nothing is to be found: of the past. */
  onFind: (() => void) | null;
}

export function PathPanel({ onBack, onPeek, onFind }: PathPanelProps) {
  const { view, may_move } = useLive();
  const [with_abandoned, setWithAbandoned] = useState(false);
  const { visits, abandoned_count } = readPath(view, with_abandoned);
  return (
    <nav className={classes.panel} aria-label="Path">
      <h2 className={classes.heading}>Path</h2>
      <ol className={classes.visits}>
        {visits.map((visit) => (
          <Visit key={visit.id} visit={visit} onBack={onBack} onPeek={onPeek} />
        ))}
      </ol>
      {abandoned_count > 0 && (
        <button
          type="button"
          className={classes.quiet}
          aria-expanded={with_abandoned}
          onClick={() => setWithAbandoned(!with_abandoned)}
        >
          {with_abandoned ? "Hide" : "Show"} {abandoned_count} left behind
        </button>
      )}
      {onFind !== null && (
        <button type="button" className={classes.find} onClick={onFind}>
          <IconRoute size={17} aria-hidden="true" />
          {may_move ? "Go to Section…" : "Look at a Section…"}
        </button>
      )}
    </nav>
  );
}

interface VisitProps extends Pick<PathPanelProps, "onBack" | "onPeek"> {
  visit: VisitView;
}

function Visit({ visit, onBack, onPeek }: VisitProps) {
  const { guide, head, may_move, offset_ms } = useLive();
  const section = guide.sections.get(visit.section_key);
  const name = section?.name ?? visit.section_key;
  const answer = section?.answers.find((each) => each.key === visit.answer_key);
  const is_current = visit.id === head.current_visit_id;
  const may_return = may_move && !is_current && !visit.abandoned;
  return (
    <li
      className={classes.visit}
      data-current={is_current || undefined}
      data-abandoned={visit.abandoned || undefined}
      aria-current={is_current ? "step" : undefined}
    >
      <span className={classes.stay}>
        <button
          type="button"
          className={classes.step}
          onClick={() => {
            if (may_return) onBack(visit.id);
            else onPeek(visit.section_key);
          }}
        >
          <span className="visually-hidden">{may_return ? "Back to " : "Look at "}</span>
          <span className={classes.name}>
            {visit.entered === "jump" && <span className={classes.how}>Jumped to </span>}
            {name}
            {visit.entered === "back" && (
              <IconArrowBackUp size={14} className={classes.back} aria-label="gone back to" />
            )}
          </span>
          <span className={classes.detail}>
            {answer?.label ?? (is_current ? "Now" : visit.abandoned ? "Left behind" : "")}
            <span className={classes.time}>
              <Elapsed since_ms={visit.entered_ms} until_ms={visit.left_ms} offset_ms={offset_ms} />
            </span>
          </span>
        </button>
        <span className={classes.moments}>
          <VisitMoments visit_id={visit.id} />
        </span>
      </span>
      {may_return && (
        <button
          type="button"
          className={classes.peek}
          aria-label={`Peek at ${name}`}
          title="Peek without moving"
          onClick={() => onPeek(visit.section_key)}
        >
          <IconEye size={16} />
        </button>
      )}
    </li>
  );
}
