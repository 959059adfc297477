/** Who is asked to take a call over, on top of the live Sessions whatever is filtered. Rule TR7. */

import { IconTransfer } from "@tabler/icons-react";
import { Link } from "wouter";
import { titleOf } from "../../lib/openSessions";
import type { LiveSession, LiveTransfer, PersonId } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import classes from "./HelpList.module.css";

interface TransferListProps {
  person_id: PersonId;
  sessions: readonly LiveSession[];
  offset_ms: number;
  mayOpen: (session: LiveSession) => boolean;
}

export function TransferList({ person_id, sessions, offset_ms, mayOpen }: TransferListProps) {
  return (
    <section className={classes.requests} aria-labelledby="transfers">
      <h2 id="transfers" className={classes.heading}>
        <IconTransfer size={17} aria-hidden="true" />
        Transfers
      </h2>
      <ul className={classes.list}>
        {sessions.flatMap((session) =>
          session.transfer === null ? (
            []
          ) : (
            <li key={session.session_id} className={classes.request}>
              <span className={classes.what}>
                {mayOpen(session) ? (
                  <Link href={`/sessions/${session.session_id}`} className={classes.who}>
                    {titleOf(session)}
                  </Link>
                ) : (
                  <span className={classes.who}>{titleOf(session)}</span>
                )}
                <span className={classes.where}>{wordsOf(session.transfer, person_id)}</span>
              </span>
              {session.transfer.accepted_by === null && (
                <span className={classes.waits}>
                  waits <Elapsed since_ms={session.transfer.asked_ms} offset_ms={offset_ms} />
                </span>
              )}
            </li>
          ),
        )}
      </ul>
    </section>
  );
}

function wordsOf({ by, to, team, accepted_by }: LiveTransfer, person_id: PersonId): string {
  const name = (party: { readonly id: string; readonly name: string } | null): string =>
    party === null ? "" : party.id === person_id ? "you" : party.name;
  if (accepted_by !== null) return `${accepted_by.name} has come to take over`;
  return `${by.id === person_id ? "You ask" : `${by.name} asks`} ${name(to ?? team)} to take over`;
}
