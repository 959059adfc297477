/** A Session moment by moment, by its address: follows it, loads what led to where it stands. Rules RP1 to RP10. */

import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useFetched } from "../../lib/http";
import type { Policy, SessionId, WorkflowVersion } from "../../protocol/protocol.gen";
import { useConnection, useSession } from "../../sync";
import { indexDocument } from "./live";
import { ReplayScreen } from "./ReplayScreen";
import { createReplayLoader } from "./replayLoader";
import { Joining, Nowhere, SESSION_ID, type SessionPageProps, Unknown, Waiting } from "./SessionPage";

export function ReplayPage(props: SessionPageProps) {
  return SESSION_ID.test(props.session_id) ? <Followed {...props} /> : <Unknown />;
}

/** Followed like any other, so that whoever is in the Session sees who looks, and new entries come by themselves. */
function Followed({ session_id, policy }: SessionPageProps) {
  const model = useSession(session_id);
  const version_id = model.view?.head.session?.version_id;
  const version = useFetched<WorkflowVersion>(version_id === undefined ? null : `/api/versions/${version_id}`);
  if (model.view === null) return <Waiting model={model} />;
  if (version.phase === "failed" && version.status !== null) {
    return <Nowhere title="The Workflow could not be loaded" text="Its version is missing on the server." />;
  }
  if (version.phase !== "ready") return <Joining />;
  return <Loading session_id={session_id} policy={policy} version={version.value} seq={model.seq ?? 0} />;
}

interface LoadingProps {
  session_id: SessionId;
  policy: Policy;
  version: WorkflowVersion;
  seq: number;
}

function Loading({ session_id, policy, version, seq }: LoadingProps) {
  const { server_offset_ms } = useConnection();
  const guide = useMemo(() => indexDocument(version.document), [version]);
  const loader = useMemo(() => createReplayLoader(session_id, guide), [session_id, guide]);
  const { replay, is_whole, refused } = useSyncExternalStore(loader.subscribe, loader.get);
  useEffect(() => loader.want(seq), [loader, seq]);
  useEffect(() => loader.start(), [loader]);
  if (refused !== null) return <Nowhere title="This Session is not open to you" text="It belongs to another team." />;
  if (replay === null) return <Joining />;
  return (
    <ReplayScreen
      session_id={session_id}
      policy={policy}
      guide={guide}
      replay={replay}
      is_whole={is_whole}
      server_offset_ms={server_offset_ms}
    />
  );
}
