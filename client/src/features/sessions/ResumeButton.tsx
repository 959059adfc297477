import { Button } from "@mantine/core";
import { useState } from "react";
import { useLocation } from "wouter";
import { resumeRefusal } from "../../lib/resumeRefusal";
import type { SessionId } from "../../protocol/protocol.gen";
import { resumeSession, useSync } from "../../sync";
import classes from "./SessionsPage.module.css";

/** Goes on with a paused Session, and to its screen once it is this person's. */
export function ResumeButton({ session_id, title }: { session_id: SessionId; title: string }) {
  const sync = useSync();
  const [, navigate] = useLocation();
  const [is_asked, setAsked] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);

  const resume = async (): Promise<void> => {
    setAsked(true);
    const refused = await resumeSession(sync, session_id);
    if (refused === null) navigate(`/sessions/${session_id}`);
    else setRefusal(resumeRefusal(refused));
  };

  if (refusal !== null) {
    return (
      <span role="status" className={classes.refused}>
        {refusal}
      </span>
    );
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`Resume ${title}`}
      loading={is_asked}
      onClick={(event) => {
        event.preventDefault();
        void resume();
      }}
    >
      Resume
    </Button>
  );
}
