/** Signing out with something left: Sessions that are open, inputs that are not saved, a server that does not answer. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { titleOf } from "../../lib/openSessions";
import type { LiveSession } from "../../protocol/protocol.gen";
import { useSync, useUnsaved } from "../../sync";
import { StatusBadge } from "../../ui/StatusBadge";
import classes from "./SignOutDialog.module.css";
import { signOut } from "./signOut";

export interface Leaving {
  readonly open: readonly LiveSession[];
  /** Why signing out did not come about; null while it is only asked about. */
  readonly obstacle: Awaited<ReturnType<typeof signOut>> | null;
}

interface SignOutDialogProps {
  leaving: Leaving;
  onChange: (leaving: Leaving | null) => void;
}

const TITLES = {
  open: "You have Sessions open",
  unsaved: "Not everything is saved",
  unreachable: "The server cannot be reached",
};

export function SignOutDialog({ leaving, onChange }: SignOutDialogProps) {
  const sync = useSync();
  const stay = (): void => onChange(null);
  const leave = async (may_discard: boolean): Promise<void> =>
    onChange({ ...leaving, obstacle: await signOut(sync, may_discard) });
  const { obstacle } = leaving;
  return (
    <Modal opened onClose={stay} title={TITLES[obstacle ?? "open"]} size="md" withCloseButton={false}>
      {obstacle === null && <OpenSessions sessions={leaving.open} onStay={stay} onLeave={() => leave(false)} />}
      {obstacle === "unsaved" && <Unsaved onStay={stay} onLeave={() => leave(true)} />}
      {obstacle === "unreachable" && (
        <Question
          text="You are still signed in, and nothing was lost. Sign out once the connection is back."
          action="Try again"
          onStay={stay}
          onLeave={() => leave(false)}
        />
      )}
    </Modal>
  );
}

function Unsaved({ onStay, onLeave }: { onStay: () => void; onLeave: () => Promise<void> }) {
  const { count } = useUnsaved();
  const what = count === 1 ? "1 input is not saved yet and is" : `${count} inputs are not saved yet and are`;
  return (
    <Question
      text={`${what} lost if you sign out now. They are saved by themselves once the connection is back.`}
      action="Sign out and lose it"
      color="red"
      onStay={onStay}
      onLeave={onLeave}
    />
  );
}

interface QuestionProps {
  text: string;
  action: string;
  color?: string;
  onStay: () => void;
  onLeave: () => Promise<void>;
}

function Question({ text, action, color, onStay, onLeave }: QuestionProps) {
  const [is_busy, setBusy] = useState(false);
  return (
    <Stack gap="sm">
      <Text size="sm">{text}</Text>
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          loading={is_busy}
          {...(color !== undefined && { variant: "light", color })}
          onClick={() => {
            setBusy(true);
            void onLeave().finally(() => setBusy(false));
          }}
        >
          {action}
        </Button>
        <Button data-autofocus onClick={onStay}>
          Stay
        </Button>
      </Group>
    </Stack>
  );
}

interface OpenSessionsProps {
  sessions: readonly LiveSession[];
  onStay: () => void;
  onLeave: () => Promise<void>;
}

/** Each is named, and what becomes of them is chosen. */
function OpenSessions({ sessions, onStay, onLeave }: OpenSessionsProps) {
  const sync = useSync();
  const [failed, setFailed] = useState<readonly LiveSession[]>([]);
  const [is_busy, setBusy] = useState(false);
  const active = sessions.filter(({ status }) => status === "active");

  const pauseAll = async (): Promise<void> => {
    setBusy(true);
    const done = await Promise.all(active.map(({ session_id }) => sync.actOn(session_id, { type: "pause" })));
    const left = active.filter((_, place) => done[place] !== true);
    setFailed(left);
    if (left.length === 0) await onLeave();
    setBusy(false);
  };

  return (
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
        <Button variant="default" onClick={onStay}>
          Stay
        </Button>
        {active.length > 0 && (
          <Button variant="default" disabled={is_busy} onClick={() => void onLeave()}>
            Leave them running
          </Button>
        )}
        <Button data-autofocus loading={is_busy} onClick={() => void pauseAll()}>
          {active.length > 0 ? "Pause them and sign out" : "Sign out"}
        </Button>
      </Group>
    </Stack>
  );
}
