/** Signing out with Sessions open: each is named, and what becomes of them is chosen. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { titleOf } from "../../lib/openSessions";
import type { LiveSession } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { StatusBadge } from "../../ui/StatusBadge";
import classes from "./SignOutDialog.module.css";

interface SignOutDialogProps {
  sessions: readonly LiveSession[];
  onClose: () => void;
  onSignOut: () => void;
}

export function SignOutDialog({ sessions, onClose, onSignOut }: SignOutDialogProps) {
  const sync = useSync();
  const [failed, setFailed] = useState<readonly LiveSession[]>([]);
  const [is_busy, setBusy] = useState(false);
  const active = sessions.filter(({ status }) => status === "active");

  const pauseAll = async (): Promise<void> => {
    setBusy(true);
    const done = await Promise.all(active.map(({ session_id }) => sync.actOn(session_id, { type: "pause" })));
    const left = active.filter((_, place) => done[place] !== true);
    if (left.length === 0) onSignOut();
    setFailed(left);
    setBusy(false);
  };

  return (
    <Modal opened onClose={onClose} title="You have Sessions open" size="md">
      <Stack gap="sm">
        <ul className={classes.sessions}>
          {sessions.map((session) => (
            <li key={session.session_id} className={classes.session}>
              <span className={classes.title}>{titleOf(session)}</span>
              <StatusBadge status={session.status} />
            </li>
          ))}
        </ul>
        <Text size="sm" c="var(--sc-soft)">
          Paused ones wait, and a teammate can go on with them. To end one, open it and choose why.
        </Text>
        {failed.length > 0 && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            Could not be paused: {failed.map(titleOf).join(", ")}.
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Stay
          </Button>
          {active.length > 0 && (
            <Button variant="default" disabled={is_busy} onClick={onSignOut}>
              Leave them running
            </Button>
          )}
          <Button data-autofocus loading={is_busy} onClick={() => void pauseAll()}>
            {active.length > 0 ? "Pause them and sign out" : "Sign out"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
