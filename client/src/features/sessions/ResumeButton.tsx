import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import type { SessionId } from "../../protocol/protocol.gen";
import { resumeSession, useSync } from "../../sync";
import classes from "./SessionsPage.module.css";

/** Goes on with a paused Session, and to its screen once it is this person's. */
export function ResumeButton({ session_id, title }: { session_id: SessionId; title: string }) {
  const sync = useSync();
  const [, navigate] = useLocation();
  const [phase, setPhase] = useState<"idle" | "asked" | "refused">("idle");

  const resume = async (): Promise<void> => {
    setPhase("asked");
    const refused = await resumeSession(sync, session_id);
    if (refused === null) navigate(`/sessions/${session_id}`);
    else setPhase("refused");
  };

  if (phase === "refused") {
    return (
      <span role="status" className={classes.refused}>
        Somebody else was faster
      </span>
    );
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`Resume ${title}`}
      loading={phase === "asked"}
      onClick={(event) => {
        event.preventDefault();
        void resume();
      }}
    >
      Resume
    </Button>
  );
}
