/** The live Sessions that this person may see, kept still while the pointer is at work among them. */

import { useState } from "react";
import type { LiveSession } from "../../protocol/protocol.gen";
import { ShowMore } from "../../ui/ListPage";
import { SessionRow } from "./SessionRow";
import classes from "./SessionsPage.module.css";
import { useSteadySessions } from "./useSteadySessions";

const PAGE = 100;
const NUMBER = new Intl.NumberFormat();

export function LiveTable({ sessions, offset_ms }: { sessions: readonly LiveSession[]; offset_ms: number }) {
  const [shown, setShown] = useState(PAGE);
  const { rows, hold } = useSteadySessions(sessions);
  return (
    <>
      <table className={classes.table} onPointerMove={hold} onKeyDown={hold}>
        <thead>
          <tr>
            <th scope="col">Session</th>
            <th scope="col">Owner</th>
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
          {rows.slice(0, shown).map((row) => (
            <SessionRow key={row.session.session_id} row={row} offset_ms={offset_ms} />
          ))}
        </tbody>
      </table>
      {rows.length > shown && (
        <ShowMore onMore={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, rows.length - shown)} more of {NUMBER.format(rows.length)}
        </ShowMore>
      )}
    </>
  );
}
