/**
 * Where another system sends an agent: `/start?workflow=KEY&external_id=CALL&field.KEY=VALUE`.
 * The first time it asks whether to start, with what would be filled in, and what becomes of the Session that runs;
 * every other time, and for everybody else, it opens that one. An address alone starts nothing. Rules LC10 and AP20.
 */

import { Button, Group } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { runningOf, useOpenSessions } from "../../lib/openSessions";
import type { LiveSession, SessionLines, WorkflowOffer, WorkflowVersion } from "../../protocol/protocol.gen";
import { useLiveSessions, useSync } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";
import { OfferToPause } from "./OfferToPause";
import classes from "./StartPage.module.css";
import { fieldsOf, type LinkFields, readLink } from "./startLink";

export default function StartPage({ person }: { person: Me["person"] }) {
  const link = readLink(useSearch());
  const { workflow, external_id } = link;
  const sync = useSync();
  const [, navigate] = useLocation();
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  const known = useFetched<{ session_id: string }>(
    external_id === "" ? null : `/api/external-ids/${encodeURIComponent(external_id)}`,
  );
  const offer = offers.phase === "ready" ? offers.value.find(({ key }) => key === workflow) : undefined;
  const version = useFetched<WorkflowVersion>(offer === undefined ? null : `/api/versions/${offer.version_id}`);
  const session_id = known.phase === "ready" ? known.value.session_id : null;
  const { is_there, running } = useWhatThereIs(person, session_id, external_id);
  useEffect(() => {
    if (is_there === true && session_id !== null) navigate(`/sessions/${session_id}`, { replace: true });
  }, [is_there, session_id, navigate]);

  const is_wrong =
    external_id === "" || (known.phase === "failed" && known.status !== null) || (offers.phase === "ready" && !offer);
  if (is_wrong) return <WrongLink />;
  if (is_there !== false || offer === undefined || session_id === null || version.phase !== "ready") {
    return <MessagePage title="Opening the Session…" text="" />;
  }
  const fields = fieldsOf(link, version.value.document.fields);
  const start = (): void => {
    sync.startSession(offer.version_id, false, { session_id, external_id, values: fields.values });
    navigate(`/sessions/${session_id}`, { replace: true });
  };
  return <Question name={offer.name} external_id={external_id} fields={fields} running={running} onStart={start} />;
}

interface QuestionProps {
  name: string;
  external_id: string;
  fields: LinkFields;
  running: readonly LiveSession[];
  onStart: () => void;
}

function Question({ name, external_id, fields: { shown, left_out }, running, onStart }: QuestionProps) {
  const [is_asking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <MessagePage title={`Start “${name}”?`} text={`For the call ${external_id}.`}>
      {shown.length > 0 && (
        <dl className={classes.fields}>
          {shown.map(({ label, text }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {left_out.length > 0 && (
        <p className={classes.left_out}>
          Not filled in from the link: {left_out.join(", ")}. Sensitive values are never taken from an address.
        </p>
      )}
      <Group gap="xs">
        <Button ref={button} onClick={() => (running.length > 0 ? setAsking(true) : onStart())}>
          Start the Session
        </Button>
        <Button variant="default" component={Link} href="/sessions">
          Not now
        </Button>
      </Group>
      {is_asking && <OfferToPause running={running} onClose={() => setAsking(false)} onStart={onStart} />}
    </MessagePage>
  );
}

function WrongLink() {
  return (
    <MessagePage
      title="This link starts nothing"
      text="Expected /start?workflow=KEY&external_id=CALL with the key of a published Workflow."
    >
      <div>
        <Button component={Link} href="/new">
          New Sessions
        </Button>
      </div>
    </MessagePage>
  );
}

const NONE: readonly LiveSession[] = [];

interface WhatThereIs {
  /** The Session of the link, as far as this person may know; null while that is not known. */
  readonly is_there: boolean | null;
  /** What runs beside it. */
  readonly running: readonly LiveSession[];
}

function useWhatThereIs(person: Me["person"], session_id: string | null, external_id: string): WhatThereIs {
  const may_start = person.roles.includes("agent");
  const { phase } = useLiveSessions();
  const own = useOpenSessions(person.id);
  const is_own = own.some((session) => session.session_id === session_id);
  const may_ask = may_start && session_id !== null && !is_own;
  const open = useFetched<SessionLines>(
    may_ask ? `/api/look-up?${new URLSearchParams({ field: "external_id", value: external_id })}` : null,
  );
  const finished = useFetched<SessionLines>(
    may_ask ? `/api/sessions?${new URLSearchParams({ list: "finished", q: external_id, limit: "200" })}` : null,
  );
  if (session_id === null) return { is_there: null, running: NONE };
  if (!may_start || is_own) return { is_there: true, running: NONE };
  if (phase !== "live" || open.phase === "loading" || finished.phase === "loading") {
    return { is_there: null, running: NONE };
  }
  const found = [open, finished].flatMap((each) => (each.phase === "ready" ? each.value.lines : []));
  return { is_there: found.some((line) => line.session_id === session_id), running: runningOf(own, person.id) };
}
