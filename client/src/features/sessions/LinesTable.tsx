import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { ShowMore } from "../../ui/ListPage";
import { FinishedRow, PausedRow } from "./LineRow";
import classes from "./SessionsPage.module.css";
import type { Lines } from "./useLines";

/** Paused Sessions in the order in which to call, or records with the last one on top; a page at a time. */
export function LinesTable({
  list,
  lines,
  offset_ms,
}: {
  list: "paused" | "finished";
  lines: Lines;
  offset_ms: number;
}) {
  const me = useFetched<Me>("/api/me");
  const reasons = me.phase === "ready" ? me.value.policy.end_reasons : [];
  const columns = list === "paused" ? ["Call back", "Paused for", ""] : ["Outcome", "Took", "Finished"];
  return (
    <>
      <table className={classes.table} data-list={list}>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Owner</th>
            {columns.map((name, place) => (
              <th key={name} scope="col" className={place > 0 ? classes.time : undefined}>
                {name === "" ? <span className="visually-hidden">Resume</span> : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.lines.map((line) =>
            list === "paused" ? (
              <PausedRow key={line.session_id} line={line} offset_ms={offset_ms} />
            ) : (
              <FinishedRow key={line.session_id} line={line} offset_ms={offset_ms} reasons={reasons} />
            ),
          )}
        </tbody>
      </table>
      {lines.has_more && <ShowMore onMore={lines.more} />}
    </>
  );
}
