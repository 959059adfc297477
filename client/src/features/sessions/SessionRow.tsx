import { memo } from "react";
import { Link, useLocation } from "wouter";
import { titleOf } from "../../lib/openSessions";
import type { LiveSession } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { PersonMark } from "../../ui/PersonMark";
import { StatusBadge } from "../../ui/StatusBadge";
import board from "./Board.module.css";
import { Dwell } from "./Dwell";
import { Driver, Watchers } from "./Presence";
import classes from "./SessionsPage.module.css";
import { placed, type RowPlace } from "./VirtualTable";

interface SessionRowProps extends RowPlace {
  session: LiveSession;
  is_gone: boolean;
  offset_ms: number;
}

/** One Session; the whole row opens it, and its title is the link that keys and readers use. */
export const SessionRow = memo(function SessionRow({ session, is_gone, offset_ms, tab, ...place }: SessionRowProps) {
  const [, navigate] = useLocation();
  const href = `/sessions/${session.session_id}`;
  return (
    <tr
      {...placed(session.session_id, place)}
      className={classes.row}
      data-gone={is_gone || undefined}
      onClick={(event) => {
        if (!event.defaultPrevented && getSelection()?.isCollapsed !== false) navigate(href);
      }}
    >
      <td>
        <SessionTitle session={session} tab={tab} />
      </td>
      <td>
        <span className={classes.person}>
          <PersonMark id={session.owner.id} name={session.owner.name} size={24} />
          <span className={board.fits}>
            <span className={board.lines}>{session.owner.name}</span>
            {!is_gone && <Driver session={session} owner_id={session.owner.id} offset_ms={offset_ms} />}
          </span>
        </span>
      </td>
      <td>
        <span className={board.lines}>{session.section_name}</span>
      </td>
      <td>
        {is_gone ? (
          <span className={classes.sub}>No longer live</span>
        ) : (
          <>
            <StatusBadge status={session.status} />
            <Watchers watchers={session.watchers} />
          </>
        )}
      </td>
      <td className={`${classes.time} ${board.time}`} data-label="In Section">
        {!is_gone && <Dwell session={session} offset_ms={offset_ms} />}
      </td>
      <td className={`${classes.time} ${board.time}`} data-label="In call">
        {!is_gone && <Elapsed since_ms={session.started_ms} offset_ms={offset_ms} />}
      </td>
    </tr>
  );
});

export function SessionTitle({ session, tab }: { session: LiveSession; tab: 0 | -1 }) {
  const title = titleOf(session);
  return (
    <>
      <Link
        href={`/sessions/${session.session_id}`}
        className={classes.title}
        data-line
        data-stop
        tabIndex={tab}
        title={title}
        onClick={(event) => event.stopPropagation()}
      >
        {title}
      </Link>
      <span className={classes.sub} data-line>
        {session.training && <span className={classes.practice}>Practice</span>}
        {session.title !== "" && session.workflow_name}
      </span>
    </>
  );
}
