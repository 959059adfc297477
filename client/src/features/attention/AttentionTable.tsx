import { memo } from "react";
import { Link } from "wouter";
import { formatMoment } from "../../lib/time";
import type { AttentionLine } from "../../protocol/protocol.gen";
import { ActionBadge } from "../../ui/ActionBadge";
import { ShowMore } from "../../ui/ListPage";
import classes from "./AttentionPage.module.css";
import { idOf } from "./useAttention";
import { happenedText, titleOf } from "./words";

interface AttentionTableProps {
  lines: readonly AttentionLine[];
  selected: ReadonlySet<string>;
  offset_ms: number;
  has_more: boolean;
  onMore: () => void;
  onSelect: (id: string, is_selected: boolean) => void;
}

/** One Action a row, the newest first; who may do nothing about one cannot select it. */
export function AttentionTable({ lines, selected, offset_ms, has_more, onMore, onSelect }: AttentionTableProps) {
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col" className={classes.pick_cell}>
              <span className="visually-hidden">Select</span>
            </th>
            <th scope="col">Session</th>
            <th scope="col">Action</th>
            <th scope="col">Status</th>
            <th scope="col">Connection</th>
            <th scope="col">What happened</th>
            <th scope="col" className={classes.time}>
              Since
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const id = idOf(line);
            return (
              <AttentionRow
                key={id}
                line={line}
                is_selected={selected.has(id)}
                offset_ms={offset_ms}
                onSelect={onSelect}
              />
            );
          })}
        </tbody>
      </table>
      {has_more && <ShowMore onMore={onMore} />}
    </>
  );
}

interface AttentionRowProps {
  line: AttentionLine;
  is_selected: boolean;
  offset_ms: number;
  onSelect: (id: string, is_selected: boolean) => void;
}

/** Of a thousand rows only the one is drawn again that was selected. */
const AttentionRow = memo(function AttentionRow({ line, is_selected, offset_ms, onSelect }: AttentionRowProps) {
  return (
    <tr className={classes.row} data-selected={is_selected || undefined}>
      <td className={classes.pick_cell}>
        {line.may_act && (
          <label className={classes.pick}>
            <input
              type="checkbox"
              aria-label={`Select ${line.name} of ${titleOf(line)}`}
              checked={is_selected}
              onChange={(event) => onSelect(idOf(line), event.currentTarget.checked)}
            />
          </label>
        )}
      </td>
      <td className={classes.session}>
        <Link href={`/sessions/${line.session_id}#${line.action_id}`} className={classes.title}>
          {titleOf(line)}
        </Link>
        <span className={classes.sub}>
          {line.title !== "" && `${line.workflow_name} · `}
          {line.owner.name}
        </span>
      </td>
      <td className={classes.action}>
        {line.name}
        {line.integration_name !== line.integration && <span className={classes.sub}>{line.integration_name}</span>}
      </td>
      <td className={classes.status}>
        <ActionBadge status={line.shown} />
      </td>
      <td className={classes.connection}>{line.connection ?? "–"}</td>
      <td className={classes.happened}>{happenedText(line)}</td>
      <td className={classes.time}>
        <Since at_ms={line.since_ms} offset_ms={offset_ms} />
      </td>
    </tr>
  );
});

/** Apart, since writing a moment costs more than the rest of its row. */
const Since = memo(function Since({ at_ms, offset_ms }: { at_ms: number; offset_ms: number }) {
  return <time dateTime={new Date(at_ms).toISOString()}>{formatMoment(at_ms, Date.now() + offset_ms)}</time>;
});
