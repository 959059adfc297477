import { Button } from "@mantine/core";
import { formatMoment } from "../../lib/time";
import type { NoticeLine } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import list from "../../ui/ListPage.module.css";
import classes from "./NoticesPage.module.css";
import { placeText, reachedText, stateText } from "./words";

interface NoticeTableProps {
  lines: readonly NoticeLine[];
  onTakeBack: (line: NoticeLine) => void;
}

export function NoticeTable({ lines, onTakeBack }: NoticeTableProps) {
  const now_ms = Date.now() + useConnection().server_offset_ms;
  return (
    <table className={list.table}>
      <thead>
        <tr>
          <th scope="col">Notice</th>
          <th scope="col">Where</th>
          <th scope="col">State</th>
          <th scope="col">Reached</th>
          <th scope="col">
            <span className="visually-hidden">Take back</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.id} className={`${list.row} ${classes.row}`} data-over={line.ended_ms !== null || undefined}>
            <td>
              <span className={classes.severity} data-severity={line.severity}>
                {line.severity === "warning" ? "Warning" : "Notice"}
              </span>{" "}
              {line.text}
              <span className={list.sub}>
                {line.by.name}, {formatMoment(line.made_ms, now_ms)}
              </span>
            </td>
            <td>
              {placeText(line)}
              <span className={list.sub}>{line.team_ids.length === 0 ? "All teams" : "Teams of its writer"}</span>
            </td>
            <td className={`${list.when} ${classes.state}`}>{stateText(line, (ms) => formatMoment(ms, now_ms))}</td>
            <td className={`${list.when} ${classes.state}`}>
              <span className={classes.small_only}>Reached </span>
              {reachedText(line.reached)}
            </td>
            <td className={classes.acts}>
              {line.mine && (
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`Take back: ${line.text}`}
                  onClick={() => onTakeBack(line)}
                >
                  Take back…
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
