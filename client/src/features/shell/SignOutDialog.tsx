/** Signing out with something left: Sessions that are open, inputs that are not saved, a server that does not answer. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Me } from "../../lib/locale";
import { runningOf, titleOf, useOpenSessions } from "../../lib/openSessions";
import type { Key, LiveSession, Policy } from "../../protocol/protocol.gen";
import { useSync, useUnsaved } from "../../sync";
import { EndReasons } from "../../ui/EndReasons";
import { StatusBadge } from "../../ui/StatusBadge";
import classes from "./SignOutDialog.module.css";
import { signOut } from "./signOut";

/** Why signing out did not come about: Sessions are open, or what `signOut` says. */
export type Obstacle = "open" | Awaited<ReturnType<typeof signOut>>;

interface SignOutDialogProps {
  person_id: Me["person"]["id"];
  policy: Policy;
  obstacle: Obstacle;
  onChange: (obstacle: Obstacle | null) => void;
}

const TITLES = {
  open: "You have Sessions open",
  unsaved: "Not everything is saved",
  unreachable: "The server cannot be reached",
};

export function SignOutDialog({ person_id, policy, obstacle, onChange }: SignOutDialogProps) {
  const sync = useSync();
  const stay = (): void => onChange(null);
  const leave = async (may_discard: boolean): Promise<void> => onChange(await signOut(sync, may_discard));
  return (
    <Modal opened onClose={stay} title={TITLES[obstacle]} size="lg" withCloseButton={false}>
      {obstacle === "open" && (
        <OpenSessions person_id={person_id} policy={policy} onStay={stay} onLeave={() => leave(false)} />
      )}
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

interface OpenSessionsProps extends Pick<SignOutDialogProps, "person_id" | "policy"> {
  onStay: () => void;
  onLeave: () => Promise<void>;
}

/** Each is named, and what becomes of it is chosen: it ends, it is paused, or it goes on. */
function OpenSessions({ person_id, policy, onStay, onLeave }: OpenSessionsProps) {
  const sync = useSync();
  const sessions = useOpenSessions(person_id);
  const [failed, setFailed] = useState<readonly LiveSession[]>([]);
  const [is_busy, setBusy] = useState(false);
  const running = runningOf(sessions, person_id);

  const pauseAll = async (): Promise<void> => {
    setBusy(true);
    const done = await Promise.all(running.map(({ session_id }) => sync.actOn(session_id, { type: "pause" })));
    const left = running.filter((_, place) => done[place] !== true);
    setFailed(left);
    if (left.length === 0) await onLeave();
    setBusy(false);
  };

  return (
    <Stack gap="sm">
      <ul className={classes.sessions}>
        {sessions.map((session) => (
          <OpenSession key={session.session_id} session={session} policy={policy} is_busy={is_busy} />
        ))}
      </ul>
      <Text size="sm" c="var(--sc-soft)">
        {sessions.length === 0
          ? "Nothing is open any more."
          : `Paused ones wait${policy.teammates_resume ? ", and a teammate can go on with them" : ""}.`}
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
        {running.length > 0 && (
          <Button variant="default" disabled={is_busy} onClick={() => void onLeave()}>
            Leave them running
          </Button>
        )}
        <Button data-autofocus loading={is_busy} onClick={() => void pauseAll()}>
          {running.length > 0 ? "Pause them and sign out" : "Sign out"}
        </Button>
      </Group>
    </Stack>
  );
}

interface OpenSessionProps extends Pick<SignOutDialogProps, "policy"> {
  session: LiveSession;
  is_busy: boolean;
}

/** It leaves the list by itself once it has ended. */
function OpenSession({ session, policy, is_busy }: OpenSessionProps) {
  const sync = useSync();
  const [phase, setPhase] = useState<"idle" | "asked" | "ending" | "failed">("idle");
  const title = titleOf(session);
  const end = async (reason_key: Key | null): Promise<void> => {
    setPhase("ending");
    const is_done = await sync.actOn(session.session_id, { type: "end", reason_key, reason: null });
    if (!is_done) setPhase("failed");
  };
  return (
    <li className={classes.session}>
      <div className={classes.what}>
        <span className={classes.title}>{title}</span>
        <StatusBadge status={session.status} />
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`End ${title}…`}
          aria-expanded={phase === "asked"}
          loading={phase === "ending"}
          disabled={is_busy}
          onClick={() => setPhase(phase === "asked" ? "idle" : "asked")}
        >
          End…
        </Button>
      </div>
      {phase === "asked" && (
        <EndReasons label={`Why ${title} ends`} reasons={policy.end_reasons} onEnd={(key) => void end(key)} />
      )}
      {phase === "failed" && (
        <Text role="alert" size="sm" c="var(--sc-wrong)">
          It could not be ended.
        </Text>
      )}
    </li>
  );
}
