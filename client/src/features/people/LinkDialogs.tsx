/** One-time links: asking for a new one, and the one time that it is shown. */

import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { formatMoment } from "../../lib/time";
import type { LinkMade, PersonLine } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";
import { Copyable } from "../../ui/Copyable";

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
        <Copyable label="Copy the link" text={link.url} />
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
  return (
    <AskDialog
      title={`New link for ${person.name}?`}
      button="Make a link"
      method="POST"
      path={`/api/people/${person.id}/link`}
      onClose={onClose}
      onDone={onMade}
    >
      {person.has_password
        ? "With it they choose a new password. The one of now works until then."
        : "With it they choose their first password."}
      {person.link_expires_ms !== null && " Their last link stops working at once."}
    </AskDialog>
  );
}
