/** The live Sessions that this person may see, kept still while the pointer is at work among them. */

import { Button, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import { useConnection, useLiveSessions } from "../../sync";
import { SessionRow } from "./SessionRow";
import classes from "./SessionsPage.module.css";
import { filterSessions } from "./steady";
import { useSteadySessions } from "./useSteadySessions";

const PAGE = 100;
const NUMBER = new Intl.NumberFormat();

export function SessionsPage() {
  const { phase, sessions } = useLiveSessions();
  const { server_offset_ms } = useConnection();
  const [query, setQuery] = useState("");
  const [shown, setShown] = useState(PAGE);
  const steady = useSteadySessions(sessions);
  const found = filterSessions(steady.rows, query);
  return (
    <main className={classes.page}>
      <title>Live Sessions · Sidecoach</title>
      <div className={classes.head}>
        <Title order={1} size="h2">
          Live Sessions
        </Title>
        <span className={classes.count} role="status">
          {phase === "live" && `${NUMBER.format(found.length)} ${query === "" ? "open" : "found"}`}
        </span>
        {(sessions.length > 0 || query !== "") && (
          <TextInput
            className={classes.search}
            aria-label="Find in live Sessions"
            placeholder="Title, person, Section…"
            type="search"
            leftSection={<IconSearch size={16} />}
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
        )}
      </div>
      {phase === "joining" && <p className={classes.empty}>Loading…</p>}
      {phase === "live" && steady.rows.length === 0 && <Empty />}
      {phase === "live" && steady.rows.length > 0 && found.length === 0 && (
        <p className={classes.empty}>No live Session matches “{query}”.</p>
      )}
      {found.length > 0 && (
        <table className={classes.table} onPointerMove={steady.hold} onKeyDown={steady.hold}>
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
            {found.slice(0, shown).map((row) => (
              <SessionRow key={row.session.session_id} row={row} offset_ms={server_offset_ms} />
            ))}
          </tbody>
        </table>
      )}
      {found.length > shown && (
        <Button variant="default" className={classes.more} onClick={() => setShown(shown + PAGE)}>
          Show {Math.min(PAGE, found.length - shown)} more of {NUMBER.format(found.length)}
        </Button>
      )}
    </main>
  );
}

function Empty() {
  return (
    <div className={classes.empty}>
      <p className={classes.empty_title}>No Session is open right now</p>
      <p>The ones that you may see appear here as soon as they start.</p>
      <Button component={Link} href="/new" mt="md">
        Start a Session
      </Button>
    </div>
  );
}
