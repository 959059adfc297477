/** Who asks for help, and under it alerts, on top of the live Sessions whatever is filtered. Rules HP5 and HP10. */

import { Button } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { approvalsFor, askedText, comingText, type HelpRequest, requestsFor, ringsFor, rungBy } from "../../lib/help";
import type { Me } from "../../lib/locale";
import { titleOf } from "../../lib/openSessions";
import { useNow } from "../../lib/time";
import type { LiveSession, Party } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { Elapsed } from "../../ui/Elapsed";
import { AlertList } from "./AlertList";
import classes from "./HelpList.module.css";

interface HelpListProps {
  person: Me["person"];
  sessions: readonly LiveSession[];
  offset_ms: number;
}

export function HelpList({ person, sessions, offset_ms }: HelpListProps) {
  const requests = requestsFor(person.id, sessions);
  const approvals = approvalsFor(person, sessions);
  if (requests.length + approvals.length === 0)
    return <AlertList person={person} sessions={sessions} offset_ms={offset_ms} />;
  return (
    <>
      <section className={classes.requests} aria-labelledby="help">
        <h2 id="help" className={classes.heading}>
          <IconLifebuoy size={17} aria-hidden="true" />
          {requests.length > 0 ? "Help" : "Approvals"}
        </h2>
        <ul className={classes.list}>
          {requests.map((request) => (
            <Request key={request.session.session_id} request={request} person={person} offset_ms={offset_ms} />
          ))}
          {approvals.map((session) => (
            <Approval key={`approval ${session.session_id}`} session={session} offset_ms={offset_ms} />
          ))}
        </ul>
      </section>
      <AlertList person={person} sessions={sessions} offset_ms={offset_ms} />
    </>
  );
}

function Approval({ session, offset_ms }: { session: LiveSession; offset_ms: number }) {
  return (
    <li className={classes.request}>
      <span className={classes.what}>
        <Link href={`/sessions/${session.session_id}`} className={classes.who}>
          {session.driver.name}
        </Link>
        <span className={classes.where}>{titleOf(session)} · an Action needs your yes or no</span>
      </span>
      <span className={classes.waits}>
        waits <Elapsed since_ms={session.approval_asked_ms ?? 0} offset_ms={offset_ms} />
      </span>
    </li>
  );
}

function Request({
  request: { session, help },
  person,
  offset_ms,
}: {
  request: HelpRequest;
  person: Party;
  offset_ms: number;
}) {
  const sync = useSync();
  const [, navigate] = useLocation();
  const [is_coming, setComing] = useState(false);
  const now_ms = useNow() + offset_ms;
  const is_asked = ringsFor(person.id, help, now_ms);
  const asked = rungBy(help, now_ms);
  const href = `/sessions/${session.session_id}`;
  const come = async (): Promise<void> => {
    setComing(true);
    const is_done = await sync.actOn(session.session_id, { type: "claim_help", help_id: help.id });
    setComing(false);
    // If somebody was quicker, the line says who.
    if (is_done) navigate(href);
  };
  return (
    <li
      className={classes.request}
      data-claimed={help.claimed_by !== null || undefined}
      data-asked={is_asked || undefined}
    >
      <span className={classes.what}>
        <Link href={href} className={classes.who}>
          {help.by.name}
        </Link>
        <span className={classes.where}>
          {titleOf(session)} · {session.section_name}
        </span>
        {(help.reason ?? "") !== "" && <q className={classes.why}>{help.reason}</q>}
      </span>
      {help.claimed_by === null ? (
        <>
          <span className={classes.asked}>
            {asked === null ? "Everybody is asked" : is_asked ? "You are asked" : askedText(asked)}
          </span>
          <span className={classes.waits}>
            waits <Elapsed since_ms={help.asked_ms} offset_ms={offset_ms} />
          </span>
          <Button
            size="compact-md"
            variant={is_asked ? "filled" : "default"}
            loading={is_coming}
            onClick={() => void come()}
          >
            I’m coming<span className="visually-hidden"> to {help.by.name}</span>
          </Button>
        </>
      ) : (
        <span className={classes.waits}>{comingText(help.claimed_by, help, person.id, now_ms)}</span>
      )}
    </li>
  );
}
