import { memo } from "react";
import { Link } from "wouter";
import { formatClock, formatMoment } from "../../lib/time";
import type { AuditLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import list from "../../ui/ListPage.module.css";
import classes from "./AuditPage.module.css";
import type { Filters } from "./filters";
import { actText, detailText, subjectOf } from "./words";

const MINUTE_MS = 60_000;

interface AuditTableProps {
  lines: readonly AuditLine[];
  names: ReadonlyMap<string, string>;
  is_busy: boolean;
  onFilter: (change: Partial<Filters>) => void;
}

export function AuditTable({ lines, names, is_busy, onFilter }: AuditTableProps) {
  const { server_offset_ms } = useConnection();
  const now_ms = Math.floor((Date.now() + server_offset_ms) / MINUTE_MS) * MINUTE_MS;
  return (
    <table className={`${list.table} ${classes.table}`} aria-busy={is_busy}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">On what</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} line={line} names={names} now_ms={now_ms} onFilter={onFilter} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps extends Pick<AuditTableProps, "names" | "onFilter"> {
  line: AuditLine;
  now_ms: number;
}

/** Names are buttons that leave only what has to do with them. */
const Row = memo(function Row({ line, names, now_ms, onFilter }: RowProps) {
  const subject = subjectOf(line, names);
  return (
    <tr className={`${list.row} ${classes.row}`}>
      <td className={`${classes.at} ${list.when}`}>
        <time dateTime={new Date(line.at_ms).toISOString()} title={formatClock(line.at_ms)}>
          {formatMoment(line.at_ms, now_ms)}
        </time>
      </td>
      <td className={classes.who}>
        <button
          type="button"
          className={classes.only}
          aria-label={`Only by ${line.actor.name}`}
          onClick={() => onFilter({ actor: line.actor.id })}
        >
          {line.actor.name}
        </button>
      </td>
      <td className={classes.act}>{actText(line.act)}</td>
      <td className={classes.subject}>
        {subject !== null && (
          <>
            <button
              type="button"
              className={classes.only}
              aria-label={`Only on ${subject.text}`}
              onClick={() => onFilter({ subject: line.subject })}
            >
              {subject.text}
            </button>
            {subject.href !== null && (
              <Link href={subject.href} className={classes.open} aria-label={`Open ${subject.text}`}>
                Open
              </Link>
            )}
          </>
        )}
      </td>
      <td className={classes.detail}>{detailText(line, names)}</td>
    </tr>
  );
});
