/** A paused Session on a version that must not be used any more: it goes on in the newer one, or ends. */

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import { useFetched } from "../../lib/http";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { useLive } from "./live";
import classes from "./PausedBand.module.css";

export function RecalledChoice({ onEnd }: { onEnd: () => void }) {
  const { session_id, head, visit, guide } = useLive();
  const sync = useSync();
  const [, navigate] = useLocation();
  const [phase, setPhase] = useState<"asking" | "moving" | "refused">("asking");
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  const newer =
    offers.phase === "ready"
      ? offers.value.find(({ key, version_id }) => key === guide.document.key && version_id !== head.version_id)
      : undefined;

  const goOn = async ({ version_id }: WorkflowOffer): Promise<void> => {
    setPhase("moving");
    const to = { version_id, training: head.training, section_key: visit.section_key };
    const to_session_id = await sync.switchWorkflow(session_id, to);
    if (to_session_id === null) setPhase("refused");
    else navigate(`/sessions/${to_session_id}`);
  };

  return (
    <div role="alert" className={classes.recalled}>
      <p className={classes.recalled_text}>
        <strong>This version of the Workflow was recalled:</strong> it must not be used any more.{" "}
        {newer !== undefined && "The newer one goes on at the same Section, with all that was entered."}
        {offers.phase === "ready" && newer === undefined && "There is no newer one."}
        {phase === "refused" && " That was not possible. Is somebody else driving?"}
      </p>
      <Group gap="xs">
        {newer !== undefined && (
          <Button size="compact-md" loading={phase === "moving"} onClick={() => void goOn(newer)}>
            Go on in the newer version
          </Button>
        )}
        <Button size="compact-md" variant="default" onClick={onEnd}>
          End Session
        </Button>
      </Group>
    </div>
  );
}
