/** The live Sessions that this person may see, in order and kept still while somebody is at work among them. */

import { Button, NativeSelect } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { memo, useMemo } from "react";
import { useFetched } from "../../lib/http";
import type { BoardAnswer, LiveSession } from "../../protocol/protocol.gen";
import { arrange, type ListRow } from "./arrange";
import board from "./Board.module.css";
import { type Arrangement, GROUPS, SORTS } from "./filters";
import { SessionRow } from "./SessionRow";
import classes from "./SessionsPage.module.css";
import { useSteady } from "./useSteady";
import { placed, type RowPlace, VirtualTable } from "./VirtualTable";

const NUMBER = new Intl.NumberFormat();
const COLUMNS = [
  { name: "Session", width: "24%" },
  { name: "Owner", width: "20%" },
  { name: "Section", width: "auto" },
  { name: "Status", width: "16%" },
  { name: "In Section", width: "var(--board-usual)", is_time: true },
  { name: "In call", width: "var(--board-time)", is_time: true },
] as const;

interface LiveTableProps {
  sessions: readonly LiveSession[];
  arrangement: Arrangement;
  /** What was asked for: rows of another question are shown at once. */
  asked: string;
  /** Whether this person sees others' Sessions. */
  leads: boolean;
  offset_ms: number;
  onArrange: (change: Partial<Arrangement>) => void;
}

export function LiveTable({ sessions, arrangement, asked, leads, offset_ms, onArrange }: LiveTableProps) {
  const { sort, group } = arrangement;
  const told = useFetched<BoardAnswer>(leads && group === "team" ? "/api/floor/agents" : null);
  const teams = told.phase === "ready" ? told.value.teams : null;
  const names = useMemo(() => new Map(teams?.map(({ id, name }) => [id, name])), [teams]);
  const fresh = useMemo(() => arrange(sessions, { sort, group }, names), [sessions, sort, group, names]);
  const { rows, waiting, handlers, update } = useSteady(fresh, `${asked} ${names.size}`);
  return (
    <>
      {leads && (
        <ArrangementBar
          sorts={SORTS}
          sort={sort}
          group={group}
          onArrange={onArrange}
          waiting={waiting}
          onUpdate={update}
        />
      )}
      <VirtualTable
        label="Live Sessions"
        rows={rows}
        columns={COLUMNS}
        isStop={(row) => row.kind === "session"}
        handlers={handlers}
        renderRow={(row, place) => rowOf(row, place, offset_ms)}
      />
    </>
  );
}

function rowOf(row: ListRow & { readonly is_gone: boolean }, place: RowPlace, offset_ms: number) {
  if (row.kind === "group") return <GroupRow key={row.key} {...place} name={row.name} count={row.count} />;
  return <SessionRow key={row.key} {...place} session={row.session} is_gone={row.is_gone} offset_ms={offset_ms} />;
}

interface ArrangementBarProps {
  sorts: typeof SORTS;
  sort: Arrangement["sort"];
  group: Arrangement["group"];
  onArrange: (change: Partial<Arrangement>) => void;
  waiting: number;
  onUpdate: () => void;
}

/** Order, groups, and how many rows wait for their places. */
export function ArrangementBar({ sorts, sort, group, onArrange, waiting, onUpdate }: ArrangementBarProps) {
  return (
    <div className={board.arrangement}>
      <NativeSelect
        aria-label="Order"
        value={sort}
        data={[...sorts]}
        onChange={(event) => onArrange({ sort: event.currentTarget.value as Arrangement["sort"] })}
      />
      <NativeSelect
        aria-label="Groups"
        value={group}
        data={[...GROUPS]}
        onChange={(event) => onArrange({ group: event.currentTarget.value as Arrangement["group"] })}
      />
      <Update waiting={waiting} onUpdate={onUpdate} />
    </div>
  );
}

export const GroupRow = memo(function GroupRow({
  name,
  count,
  tab: _,
  ...place
}: RowPlace & { name: string; count: number }) {
  return (
    <tr {...placed(`group ${name}`, place)} className={board.group}>
      <th scope="rowgroup" colSpan={COLUMNS.length}>
        {name} <span className={classes.count}>{NUMBER.format(count)}</span>
      </th>
    </tr>
  );
});

/** Rows wait for their places while somebody is at work among them: it says so, and does it at once. */
function Update({ waiting, onUpdate }: { waiting: number; onUpdate: () => void }) {
  return (
    <Button
      className={board.update}
      variant="subtle"
      disabled={waiting === 0}
      data-idle={waiting === 0 || undefined}
      onClick={onUpdate}
    >
      <IconRefresh size={16} aria-hidden="true" />
      <span className={board.update_text}>{waiting === 0 ? "Up to date" : "Put in order"}</span>
      {waiting > 0 && <span>{NUMBER.format(waiting)}</span>}
    </Button>
  );
}
