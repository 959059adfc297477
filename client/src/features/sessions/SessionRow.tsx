import { Link, useLocation } from "wouter";
import { Elapsed } from "../../ui/Elapsed";
import { PersonMark } from "../../ui/PersonMark";
import { StatusBadge } from "../../ui/StatusBadge";
import { Dwell } from "./Dwell";
import classes from "./SessionsPage.module.css";
import type { Row } from "./steady";

/** One Session; the whole row opens it, and its title is the link that keys and readers use. */
export function SessionRow({ row, offset_ms }: { row: Row; offset_ms: number }) {
  const [, navigate] = useLocation();
  const { session, is_gone } = row;
  const href = `/sessions/${session.session_id}`;
  return (
    <tr
      className={classes.row}
      data-gone={is_gone || undefined}
      onClick={(event) => {
        if (!event.defaultPrevented && getSelection()?.isCollapsed !== false) navigate(href);
      }}
    >
      <td>
        <Link href={href} className={classes.title} onClick={(event) => event.stopPropagation()}>
          {session.title === "" ? session.workflow_name : session.title}
        </Link>
        <span className={classes.sub}>
          {session.training && <span className={classes.practice}>Practice</span>}
          {session.title !== "" && session.workflow_name}
        </span>
      </td>
      <td>
        <span className={classes.person}>
          <PersonMark id={session.owner.id} name={session.owner.name} size={24} />
          <span>
            {session.owner.name}
            {session.driver.id !== session.owner.id && (
              <span className={classes.driver}>{session.driver.name} drives</span>
            )}
          </span>
        </span>
      </td>
      <td>{session.section_name}</td>
      <td>{is_gone ? <span className={classes.sub}>No longer live</span> : <StatusBadge status={session.status} />}</td>
      <td className={classes.time} data-label="In Section">
        {!is_gone && <Dwell session={session} offset_ms={offset_ms} />}
      </td>
      <td className={classes.time} data-label="In call">
        {!is_gone && <Elapsed since_ms={session.started_ms} offset_ms={offset_ms} />}
      </td>
    </tr>
  );
}
