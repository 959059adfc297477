import { NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useFetched } from "../../lib/http";
import type { Deactivation, PersonDeactivated, PersonLine, PersonSessions } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";
import { leftBehindText, tokensText } from "./words";

interface DeactivateDialogProps {
  person: PersonLine;
  onClose: () => void;
  /** With the name of the colleague who goes on, if there is one. */
  onDone: (person: PersonDeactivated, to: string | null) => void;
}

/** Says what happens before somebody is shut out, and asks who goes on with what they have open. Rule PX8. */
export function DeactivateDialog({ person, onClose, onDone }: DeactivateDialogProps) {
  const fetched = useFetched<PersonSessions>(`/api/people/${person.id}/sessions`);
  const [reassign_to, setReassignTo] = useState("");
  const body: Deactivation = { reassign_to: reassign_to === "" ? null : reassign_to };
  return (
    <AskDialog
      title={`Deactivate ${person.name}?`}
      button="Deactivate"
      method="POST"
      path={`/api/people/${person.id}/deactivate`}
      body={body}
      is_grave
      onClose={onClose}
      onDone={(done: PersonDeactivated) => {
        const colleagues = fetched.phase === "ready" ? fetched.value.colleagues : [];
        onDone(done, colleagues.find(({ id }) => id === reassign_to)?.name ?? null);
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          They are signed out everywhere within seconds and cannot sign in. What they recorded stays. You can activate
          them again at any time.
        </Text>
        {fetched.phase === "loading" && <Skeleton height={84} aria-label="Counting their open Sessions" />}
        {fetched.phase === "failed" && (
          <Text size="sm">How many Sessions they have open is not known. Those wait, paused, for their team.</Text>
        )}
        {fetched.phase === "ready" && (
          <OpenSessions sessions={fetched.value} reassign_to={reassign_to} onChoose={setReassignTo} />
        )}
        {fetched.phase === "ready" && fetched.value.api_tokens > 0 && (
          <Text size="sm">{tokensText(fetched.value.api_tokens)}</Text>
        )}
      </Stack>
    </AskDialog>
  );
}

interface OpenSessionsProps {
  sessions: PersonSessions;
  reassign_to: string;
  onChoose: (person_id: string) => void;
}

function OpenSessions({ sessions, reassign_to, onChoose }: OpenSessionsProps) {
  const { open_sessions, colleagues } = sessions;
  if (open_sessions === 0) return <Text size="sm">No Session of theirs is open.</Text>;
  return (
    <>
      {colleagues.length === 0 && (
        <Text size="sm">{leftBehindText(open_sessions)} No agent shares a team with them: they wait, paused.</Text>
      )}
      {colleagues.length > 0 && (
        <NativeSelect
          label={`${leftBehindText(open_sessions)} Who goes on?`}
          description="Sessions of others that they drive go back to their owners."
          data={[
            { value: "", label: "Nobody yet: paused for a teammate" },
            ...colleagues.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={reassign_to}
          onChange={(event) => onChoose(event.currentTarget.value)}
        />
      )}
    </>
  );
}
