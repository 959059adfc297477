import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { titleOf } from "../../lib/openSessions";
import { formatElapsed, formatMoment, useNow } from "../../lib/time";
import type { EndReason, SessionLine } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { PersonMark } from "../../ui/PersonMark";
import { StatusBadge } from "../../ui/StatusBadge";
import { callBackText } from "./moments";
import { ResumeButton } from "./ResumeButton";
import classes from "./SessionsPage.module.css";

/** One paused Session; a teammate's is no link, since it may be watched only once it is one's own. */
export function PausedRow({ line, offset_ms }: { line: SessionLine; offset_ms: number }) {
  return (
    <Row line={line}>
      <td>
        <CallBack at_ms={line.call_back_ms} offset_ms={offset_ms} />
      </td>
      <td className={classes.time} data-label="Paused for">
        <Elapsed since_ms={line.changed_ms} offset_ms={offset_ms} />
      </td>
      <td className={classes.time}>
        {line.may_resume && <ResumeButton session_id={line.session_id} title={titleOf(line)} />}
      </td>
    </Row>
  );
}

/** One record, with how it finished. */
export function FinishedRow({
  line,
  offset_ms,
  reasons,
}: {
  line: SessionLine;
  offset_ms: number;
  reasons: readonly EndReason[];
}) {
  const reason = reasons.find(({ key }) => key === line.end_reason_key)?.label;
  return (
    <Row line={line}>
      <td>
        <StatusBadge status={line.status} won={line.outcome === "won"} />
        <span className={classes.why}>{FINISHED_BY[line.outcome ?? ""] ?? reason}</span>
      </td>
      <td className={classes.time} data-label="Took">
        <span className="tabular">{formatElapsed(line.changed_ms - line.started_ms)}</span>
      </td>
      <td className={classes.time}>{formatMoment(line.changed_ms, Date.now() + offset_ms)}</td>
    </Row>
  );
}

const FINISHED_BY: Record<string, string> = { switched: "Switched", expired: "Expired" };

function CallBack({ at_ms, offset_ms }: { at_ms: number | null; offset_ms: number }) {
  const now_ms = useNow() + offset_ms;
  if (at_ms === null) return <span className={classes.sub}>No call back</span>;
  const { text, is_due } = callBackText(at_ms, now_ms);
  return (
    <span className={classes.call_back} data-due={is_due || undefined}>
      <span className={classes.narrow}>Call back </span>
      {text}
    </span>
  );
}

function Row({ line, children }: { line: SessionLine; children: ReactNode }) {
  const [, navigate] = useLocation();
  const href = `/sessions/${line.session_id}`;
  return (
    <tr
      className={classes.row}
      data-shut={!line.may_watch || undefined}
      onClick={(event) => {
        if (line.may_watch && !event.defaultPrevented && getSelection()?.isCollapsed !== false) navigate(href);
      }}
    >
      <td>
        {line.may_watch ? (
          <Link href={href} className={classes.title} onClick={(event) => event.stopPropagation()}>
            {titleOf(line)}
          </Link>
        ) : (
          <span className={classes.title}>{titleOf(line)}</span>
        )}
        <span className={classes.sub}>
          {line.training && <span className={classes.practice}>Practice</span>}
          {line.title !== "" && line.workflow_name}
        </span>
      </td>
      <td>
        <span className={classes.person}>
          <PersonMark id={line.owner.id} name={line.owner.name} size={24} />
          {line.owner.name}
        </span>
      </td>
      {children}
    </tr>
  );
}
