/** Where a person is signed in, and ending all of it. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { askAgain, send, useFetched } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { PersonLine, SignInLines } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { SignInList } from "../../ui/SignInList";

export function SignInsDialog({ person, onClose }: { person: PersonLine; onClose: () => void }) {
  const path = `/api/people/${person.id}/sign-ins`;
  const fetched = useFetched<SignInLines>(path);
  const { server_offset_ms } = useConnection();
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const lines = fetched.phase === "ready" ? fetched.value.lines : [];

  const end = async (): Promise<void> => {
    setSending(true);
    const sent = await send("DELETE", path);
    setSending(false);
    setProblem(sent.is_done ? null : sentence(sent.expected));
    askAgain(path);
  };

  return (
    <Modal opened onClose={onClose} title={`Sign-ins of ${person.name}`}>
      <Stack gap="sm">
        <Text size="sm" c="var(--sc-soft)" role="status">
          {fetched.phase === "loading" && "Loading…"}
          {fetched.phase === "failed" && "They could not be loaded."}
          {fetched.phase === "ready" && lines.length === 0 && "Signed in nowhere."}
        </Text>
        <SignInList lines={lines} now_ms={Date.now() + server_offset_ms} />
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          {fetched.phase === "failed" && (
            <Button variant="default" onClick={() => askAgain(path)}>
              Try again
            </Button>
          )}
          {lines.length > 0 && (
            <Button color="red.8" loading={is_sending} onClick={() => void end()}>
              End all
            </Button>
          )}
          <Button variant="default" data-autofocus onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
