/** Who is on a call, who is free and who is offline, by person. Rules BP1 to BP3. */

import { Button } from "@mantine/core";
import { memo, useEffect, useMemo } from "react";
import { askAgain, useFetched } from "../../lib/http";
import type { BoardAnswer, LiveSession } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { ListLoading, ListMessage } from "../../ui/ListPage";
import { PersonMark } from "../../ui/PersonMark";
import { StatusBadge } from "../../ui/StatusBadge";
import styles from "./Board.module.css";
import { boardOf, hereText, isOnBoard, linesOf, type PersonLine } from "./board";
import { Dwell } from "./Dwell";
import { type Arrangement, type Filters, PERSON_SORTS } from "./filters";
import { ArrangementBar, GroupRow } from "./LiveTable";
import { Driver, Watchers } from "./Presence";
import { SessionTitle } from "./SessionRow";
import classes from "./SessionsPage.module.css";
import { useSteady } from "./useSteady";
import { placed, type RowPlace, VirtualTable } from "./VirtualTable";

const AGENTS = "/api/floor/agents";
const ASK_EVERY_MS = 15_000;
const COLUMNS = [
  { name: "Agent", width: "20%" },
  { name: "Session", width: "24%" },
  { name: "Section", width: "auto" },
  { name: "Status", width: "16%" },
  { name: "In Section", width: "var(--board-usual)", is_time: true },
  { name: "In call", width: "var(--board-time)", is_time: true },
] as const;

interface BoardTableProps {
  arrangement: Arrangement;
  onArrange: (change: Partial<Arrangement>) => void;
  /** Live ones that the filters leave. */
  sessions: readonly LiveSession[];
  filters: Filters;
  asked: string;
  offset_ms: number;
}

export function BoardTable(props: BoardTableProps) {
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
  return <Board {...props} {...fetched.value} />;
}

function Board(props: BoardTableProps & BoardAnswer) {
  const { agents, teams, sessions, filters, arrangement, asked, offset_ms, onArrange } = props;
  const { sort, group } = arrangement;
  const fresh = useMemo(() => {
    const is_of_session = filters.workflow !== "" || filters.from !== "" || filters.to !== "";
    const rows = boardOf(agents, sessions, sort).filter(
      (row) =>
        isOnBoard(row, filters.q) &&
        (row.sessions.length > 0 || !is_of_session) &&
        (filters.owner === "" || row.person.id === filters.owner || row.sessions.length > 0),
    );
    return linesOf(rows, group, new Map(teams.map(({ id, name }) => [id, name])));
  }, [agents, teams, sessions, sort, group, filters.q, filters.owner, filters.workflow, filters.from, filters.to]);
  const { rows, waiting, handlers, update } = useSteady(fresh, asked);
  if (rows.length === 0) {
    return (
      <ListMessage title="No agent matches">
        <p>Agents of your teams stand here, with and without a Session.</p>
      </ListMessage>
    );
  }
  return (
    <>
      <ArrangementBar
        sorts={PERSON_SORTS}
        sort={sort === "newest" ? "section" : sort}
        group={group}
        onArrange={onArrange}
        waiting={waiting}
        onUpdate={update}
      />
      <VirtualTable
        label="Agents"
        rows={rows}
        columns={COLUMNS}
        isStop={(row) => row.kind === "person"}
        handlers={handlers}
        renderRow={(row, place) => {
          if (row.kind === "group") return <GroupRow key={row.key} {...place} name={row.name} count={row.count} />;
          const { key, person, session, is_gone } = row;
          return session === null ? (
            <Free key={key} {...place} line={key} person={person} is_gone={is_gone} />
          ) : (
            <OnCall
              key={key}
              {...place}
              line={key}
              person={person}
              session={session}
              is_gone={is_gone}
              offset_ms={offset_ms}
            />
          );
        }}
      />
    </>
  );
}

type LineProps = RowPlace & Pick<PersonLine, "person"> & { line: string; is_gone: boolean };

const OnCall = memo(function OnCall(props: LineProps & { session: LiveSession; offset_ms: number }) {
  const { line, person, session, is_gone, offset_ms, tab, ...place } = props;
  const { id, name, here } = person;
  return (
    <tr {...placed(line, place)} className={classes.row} data-gone={is_gone || undefined}>
      <td>
        <span className={classes.person}>
          <PersonMark id={id} name={name} size={24} />
          <span className={styles.fits}>
            <span className={styles.lines}>{name}</span>
            {!is_gone && <Driver session={session} owner_id={id} offset_ms={offset_ms} />}
          </span>
        </span>
      </td>
      <td>
        <SessionTitle session={session} tab={tab} />
      </td>
      <td>
        <span className={styles.lines}>{session.section_name}</span>
      </td>
      <td>
        {is_gone ? (
          <span className={classes.sub}>No longer live</span>
        ) : (
          <>
            <StatusBadge status={session.status} />
            {!here && session.watchers.length === 0 && <span className={classes.driver}>No page open</span>}
            <Watchers watchers={session.watchers} />
          </>
        )}
      </td>
      <td className={`${classes.time} ${styles.time}`} data-label="In Section">
        {!is_gone && <Dwell session={session} offset_ms={offset_ms} />}
      </td>
      <td className={`${classes.time} ${styles.time}`} data-label="In call">
        {!is_gone && <Elapsed since_ms={session.started_ms} offset_ms={offset_ms} />}
      </td>
    </tr>
  );
});

const Free = memo(function Free({ line, person, is_gone, tab, ...place }: LineProps) {
  return (
    <tr {...placed(line, place)} className={classes.row} data-shut data-gone={is_gone || undefined}>
      <td>
        <span className={classes.person}>
          <PersonMark id={person.id} name={person.name} size={24} />
          <span className={styles.line} data-stop tabIndex={tab}>
            {person.name}
          </span>
        </span>
      </td>
      <td className={classes.sub}>No Session</td>
      <td />
      <td className={classes.sub}>{hereText(person)}</td>
      <td />
      <td />
    </tr>
  );
});
