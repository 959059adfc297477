/** What a webhook Connection is told of Sessions. Rules EV1, EV4 and EV6. */

import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import type { ConnectionView, EventChoice, EventFeed, EventKind } from "../../protocol/protocol.gen";
import { EVENT_WORDS, givenUpText } from "./words";

interface EventsDialogProps {
  connection: ConnectionView;
  onClose: () => void;
}

export function EventsDialog({ connection, onClose }: EventsDialogProps) {
  const path = `/api/connections/${connection.id}/events`;
  const fetched = useFetched<EventFeed>(path);
  return (
    <Modal opened onClose={onClose} title={`What ${connection.name} is told`}>
      {fetched.phase === "ready" ? (
        <Choice path={path} feed={fetched.value} onClose={onClose} />
      ) : (
        <Text size="sm" c="var(--sc-soft)">
          {fetched.phase === "failed" ? "It could not be loaded. Open this again." : "Loading…"}
        </Text>
      )}
    </Modal>
  );
}

function Choice({ path, feed, onClose }: { path: string; feed: EventFeed; onClose: () => void }) {
  const [kinds, setKinds] = useState<readonly string[]>(feed.kinds);
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const ask = async (doing: () => ReturnType<typeof send<EventFeed>>): Promise<boolean> => {
    setSending(true);
    const sent = await doing();
    setSending(false);
    setProblem(sent.is_done ? null : sent.expected);
    if (sent.is_done) askAgain(path);
    return sent.is_done;
  };
  const save = async (): Promise<void> => {
    const body: EventChoice = { kinds: kinds as EventKind[] };
    if (await ask(() => send<EventFeed>("PUT", path, body))) onClose();
  };
  return (
    <Stack gap="sm">
      <Text size="sm">
        It is sent a webhook when this happens in anybody's call: facts, and nothing that was typed. Practice is not
        told.
      </Text>
      <Checkbox.Group value={[...kinds]} onChange={setKinds} aria-label="Events">
        <Stack gap={6}>
          {Object.entries(EVENT_WORDS).map(([kind, label]) => (
            <Checkbox key={kind} value={kind} label={label} description={kind} />
          ))}
        </Stack>
      </Checkbox.Group>
      {feed.given_up > 0 && (
        <Alert color="orange" title={givenUpText(feed.given_up)}>
          <Stack gap="xs" align="flex-start">
            <span>Every try failed. They are kept until they are sent.</span>
            <Button
              size="xs"
              variant="default"
              loading={is_sending}
              onClick={() => void ask(() => send<EventFeed>("POST", `${path}/send-again`))}
            >
              Send them again
            </Button>
          </Stack>
        </Alert>
      )}
      {feed.waiting > 0 && (
        <Text size="sm" c="var(--sc-soft)">
          On their way: {feed.waiting}
        </Text>
      )}
      {problem !== null && (
        <Alert role="alert" color="red" title="Not saved">
          {problem}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={is_sending} onClick={() => void save()}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
