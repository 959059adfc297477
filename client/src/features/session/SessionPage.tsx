/** One Session by its address: waits for it, says so if there is none, and puts together what its screen needs. */

import { Button } from "@mantine/core";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { useFetched } from "../../lib/http";
import { persistently } from "../../lib/persistently";
import type { Policy, View, WorkflowVersion } from "../../protocol/protocol.gen";
import { type SessionModel, useConnection, useSend, useSession, useSync } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";
import { leafOf } from "./actions";
import { createFieldSaver } from "./fieldSaver";
import { LiveScreen } from "./LiveScreen";
import { indexDocument, isOpen, LiveContext, type Person } from "./live";
import { liveOf } from "./liveOf";
import { refusalText } from "./words";

/** Not a part of what a call waits for; loaded while one goes on. */
const loadRecord = () => persistently(() => import("./past"));
const RecordScreen = lazy(() => loadRecord().then((it) => ({ default: it.RecordScreen })));

export interface SessionPageProps {
  session_id: string;
  person: Person;
  policy: Policy;
}

export function SessionPage(props: SessionPageProps) {
  // Asking the server for what can be no id would end the connection of the whole page.
  return SESSION_ID.test(props.session_id) ? <FollowedSession {...props} /> : <Unknown />;
}

export const SESSION_ID = /^[0-9a-f]{32}$/;

function FollowedSession({ session_id, person, policy }: SessionPageProps) {
  const model = useSession(session_id);
  const version_id = model.view?.head.session?.version_id;
  const version = useFetched<WorkflowVersion>(version_id === undefined ? null : `/api/versions/${version_id}`);
  if (model.view === null) return <Waiting model={model} />;
  if (version.phase === "failed" && version.status !== null) {
    return <Nowhere title="The Workflow could not be loaded" text="Its version is missing on the server." />;
  }
  if (version.phase !== "ready") return <Joining />;
  return (
    <Opened
      session_id={session_id}
      person={person}
      policy={policy}
      model={model}
      view={model.view}
      version={version.value}
    >
      <Screen view={model.view} />
    </Opened>
  );
}

function Screen({ view }: { view: View }) {
  const is_open = view.head.session !== undefined && isOpen(view.head.session);
  useEffect(() => {
    if (is_open) void loadRecord();
  }, [is_open]);
  return is_open ? (
    <LiveScreen />
  ) : (
    <Suspense fallback={<Joining />}>
      <RecordScreen />
    </Suspense>
  );
}

interface OpenedProps extends SessionPageProps {
  model: SessionModel;
  view: View;
  version: WorkflowVersion;
  children: ReactNode;
}

function Opened({ session_id, person, policy, model, view, version, children }: OpenedProps) {
  const sync = useSync();
  const send = useSend(session_id);
  const { server_offset_ms } = useConnection();
  const guide = useMemo(() => indexDocument(version.document), [version]);
  const [saver] = useState(() =>
    createFieldSaver(
      (field_key, content) => void send({ type: "set_field", field_key, content }),
      (leave) => sync.keepDraft(session_id, leave),
    ),
  );
  const [leaf_saver] = useState(() =>
    createFieldSaver(
      (key, text) => void send({ type: "edit_action", ...leafOf(key), text: typeof text === "string" ? text : null }),
      (leave) => sync.keepDraft(session_id, leave),
    ),
  );
  useEffect(() => sync.provideVersion(version), [sync, version]);
  useEffect(() => sync.sendDrafts, [sync]);

  const live = liveOf(view, {
    session_id,
    person,
    model,
    guide,
    policy,
    offset_ms: server_offset_ms,
    saver,
    leaf_saver,
    act: (command) => {
      sync.sendDrafts();
      send(command);
    },
  });
  if (live === null) return <Joining />;
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** Before the first view, and after it was taken away. */
export function Waiting({ model }: { model: SessionModel }) {
  const refused = model.refusals.find(({ command }) => command.type === "start_session");
  // Started under this id before, from the same link: it is that one.
  const is_there = refused?.code === "session_exists" && model.phase !== "unknown";
  if (refused !== undefined && !is_there) {
    return <Nowhere title="The Session was not started" text={startRefusal(refused.code)} />;
  }
  switch (model.phase) {
    case "unknown":
      return <Unknown />;
    case "forbidden":
      return <Forbidden passed={model.passed} />;
    case "joining":
    case "live":
      return <Joining />;
  }
}

function startRefusal(code: Parameters<typeof refusalText>[0]): string {
  return code === "not_allowed" ? "Agents start Sessions; everybody may practise." : refusalText(code);
}

export function Unknown() {
  return <Nowhere title="There is no such Session" text="The link is incomplete, or the Session was deleted." />;
}

function Forbidden({ passed }: Pick<SessionModel, "passed">) {
  return passed ? (
    <Nowhere
      title="This Session is yours no more"
      text={`It was yours; ${passed.to.name} has it now${passed.by ? `, given by ${passed.by.name}` : ""}. What you entered is in it.`}
    />
  ) : (
    <Nowhere
      title="This Session is not open to you"
      text="It is no longer yours, or belongs to another agent or another team."
    />
  );
}

export function Joining() {
  const { status } = useConnection();
  return (
    <MessagePage
      title="Opening the Session…"
      text={status === "offline" ? "It opens as soon as the connection is back." : ""}
    />
  );
}

export function Nowhere({ title, text }: { title: string; text: string }) {
  return (
    <MessagePage title={title} text={text}>
      <div>
        <Button component={Link} href="/sessions">
          Live Sessions
        </Button>
      </div>
    </MessagePage>
  );
}
