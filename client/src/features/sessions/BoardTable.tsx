/** Who is on a call, who is free and who is offline, by person. Rules BP1 to BP3. */

import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { askAgain, useFetched } from "../../lib/http";
import type { BoardAnswer, LiveSession } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { ListLoading, ListMessage, ShowMore } from "../../ui/ListPage";
import { PersonMark } from "../../ui/PersonMark";
import { StatusBadge } from "../../ui/StatusBadge";
import { type BoardRow, boardOf, isOnBoard } from "./board";
import { Dwell } from "./Dwell";
import type { Filters } from "./filters";
import classes from "./SessionsPage.module.css";

const AGENTS = "/api/floor/agents";
const ASK_EVERY_MS = 15_000;
const PAGE = 100;

interface BoardTableProps {
  /** Live ones that the filters leave. */
  sessions: readonly LiveSession[];
  filters: Filters;
  offset_ms: number;
}

export function BoardTable({ sessions, filters, offset_ms }: BoardTableProps) {
  const [shown, setShown] = useState(PAGE);
  const fetched = useFetched<BoardAnswer>(AGENTS);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) askAgain(AGENTS);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (fetched.phase === "failed") {
    return (
      <ListMessage title="The board could not be loaded" is_alert>
        <Button mt="md" onClick={() => askAgain(AGENTS)}>
          Try again
        </Button>
      </ListMessage>
    );
  }
  if (fetched.phase !== "ready") return <ListLoading />;
  const is_of_session = filters.workflow !== "" || filters.from !== "" || filters.to !== "";
  const rows = boardOf(fetched.value.agents, sessions).filter(
    (row) =>
      isOnBoard(row, filters.q) &&
      (row.sessions.length > 0 || !is_of_session) &&
      (filters.owner === "" || row.id === filters.owner || row.sessions.length > 0),
  );
  if (rows.length === 0) {
    return (
      <ListMessage title="No agent matches">
        <p>Agents of your teams stand here, with and without a Session.</p>
      </ListMessage>
    );
  }
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Session</th>
            <th scope="col">Section</th>
            <th scope="col">Status</th>
            <th scope="col" className={classes.time}>
              In Section
            </th>
            <th scope="col" className={classes.time}>
              In call
            </th>
          </tr>
        </thead>
        <tbody>
          {rows
            .slice(0, shown)
            .flatMap((row) =>
              row.sessions.length === 0
                ? [<Free key={row.id} row={row} />]
                : row.sessions.map((session) => (
                    <OnCall key={session.session_id} row={row} session={session} offset_ms={offset_ms} />
                  )),
            )}
        </tbody>
      </table>
      {rows.length > shown && (
        <ShowMore onMore={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, rows.length - shown)} more of {rows.length}
        </ShowMore>
      )}
    </>
  );
}

function OnCall({ row, session, offset_ms }: { row: BoardRow; session: LiveSession; offset_ms: number }) {
  return (
    <tr className={classes.row}>
      <td>
        <span className={classes.person}>
          <PersonMark id={row.id} name={row.name} size={24} />
          <span>
            {row.name}
            {session.driver.id !== row.id && <span className={classes.driver}>{session.driver.name} drives</span>}
          </span>
        </span>
      </td>
      <td>
        <Link href={`/sessions/${session.session_id}`} className={classes.title}>
          {session.title === "" ? session.workflow_name : session.title}
        </Link>
        {session.title !== "" && <span className={classes.sub}>{session.workflow_name}</span>}
      </td>
      <td>{session.section_name}</td>
      <td>
        <StatusBadge status={session.status} />
        {!row.here && <span className={classes.driver}>No page open</span>}
      </td>
      <td className={classes.time} data-label="In Section">
        <Dwell session={session} offset_ms={offset_ms} />
      </td>
      <td className={classes.time} data-label="In call">
        <Elapsed since_ms={session.started_ms} offset_ms={offset_ms} />
      </td>
    </tr>
  );
}

function Free({ row }: { row: BoardRow }) {
  return (
    <tr className={classes.row} data-shut>
      <td>
        <span className={classes.person}>
          <PersonMark id={row.id} name={row.name} size={24} />
          {row.name}
        </span>
      </td>
      <td className={classes.sub}>No Session</td>
      <td />
      <td className={classes.sub}>{row.here ? "Signed in" : "Offline"}</td>
      <td />
      <td />
    </tr>
  );
}
