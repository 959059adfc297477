/** One-time links: asking for a new one, and the one time that it is shown. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import { formatMoment } from "../../lib/time";
import type { LinkMade, PersonLine } from "../../protocol/protocol.gen";
import { CopyButton } from "../../ui/CopyButton";
import classes from "./PeoplePage.module.css";

interface LinkDialogProps {
  person: PersonLine;
  link: LinkMade;
  onClose: () => void;
}

export function LinkDialog({ person, link, onClose }: LinkDialogProps) {
  return (
    <Modal opened onClose={onClose} title={`Link for ${person.name}`} closeOnClickOutside={false}>
      <Stack gap="sm">
        <Text size="sm">
          Hand it to them yourself: whoever opens it chooses the password. It works once, until{" "}
          {formatMoment(link.expires_ms, Date.now())}, and is shown only now.
        </Text>
        <div className={classes.link}>
          <code>{link.url}</code>
          <CopyButton label="Copy the link" text={() => link.url} size={36} />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface NewLinkDialogProps {
  person: PersonLine;
  onClose: () => void;
  onMade: (link: LinkMade) => void;
}

export function NewLinkDialog({ person, onClose, onMade }: NewLinkDialogProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [is_sending, setSending] = useState(false);
  const make = async (): Promise<void> => {
    setSending(true);
    const sent = await send<LinkMade>("POST", `/api/people/${person.id}/link`);
    setSending(false);
    if (sent.is_done) onMade(sent.value);
    else setProblem(sentence(sent.expected));
  };
  return (
    <Modal opened onClose={onClose} title={`New link for ${person.name}?`}>
      <Stack gap="sm">
        <Text size="sm">
          {person.has_password
            ? "With it they choose a new password. The one of now works until then."
            : "With it they choose their first password."}
          {person.link_expires_ms !== null && " Their last link stops working at once."}
        </Text>
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--sc-wrong)">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button data-autofocus loading={is_sending} onClick={() => void make()}>
            Make a link
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
