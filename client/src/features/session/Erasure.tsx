/** What a manager may erase of a Session: the whole record, or what one Field held. Rules ER1 to ER5. */

import { ActionIcon, Button, Menu, Modal, Text, TextInput } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { send } from "../../lib/http";
import { DeliberateButton } from "../../ui/DeliberateButton";
import { type Live, useLive } from "./live";

/** Typed before a record is deleted: nobody does that in passing. */
const WORD = "delete";

/** The server decides; this only spares people a button that leads nowhere. */
function mayErase({ person }: Live): boolean {
  return person.roles.includes("manager");
}

/** The menu of a record. */
export function RecordMenu() {
  const live = useLive();
  const [is_asked, setAsked] = useState(false);
  if (!mayErase(live)) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsked(true)}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ErasureDialog
        opened={is_asked}
        title="Delete this record"
        text="Everything that was typed here is erased for good, for everybody, from copies and the archive too. When it took place and how it ended stays."
        word={WORD}
        confirm="Delete for good"
        onClose={() => setAsked(false)}
        onConfirm={() => send("DELETE", `/api/sessions/${live.session_id}`)}
      />
    </>
  );
}

/** Beside a Field (null: at the Notes) of a record that is edited. */
export function EraseValue({ field_key, label }: { field_key: string | null; label: string }) {
  const live = useLive();
  const [is_asked, setAsked] = useState(false);
  if (!mayErase(live)) return null;
  return (
    <>
      <Button variant="subtle" color="red" size="compact-xs" onClick={() => setAsked(true)}>
        Erase value…
      </Button>
      <ErasureDialog
        opened={is_asked}
        title={`Erase ${label}`}
        text={`What it holds and held is erased for good, for everybody, with what Actions sent of it${field_key === null ? ", and what was whispered" : ""}. Other Sessions are not touched.`}
        confirm="Erase for good"
        onClose={() => setAsked(false)}
        onConfirm={() => send("POST", `/api/sessions/${live.session_id}/erase`, { field_key })}
      />
    </>
  );
}

interface ErasureDialogProps {
  opened: boolean;
  title: string;
  text: string;
  confirm: string;
  /** To be typed first, if given. */
  word?: string;
  onClose: () => void;
  onConfirm: () => ReturnType<typeof send>;
}

function ErasureDialog({ opened, title, text, confirm, word = "", onClose, onConfirm }: ErasureDialogProps) {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [is_asking, setAsking] = useState(false);
  const close = (): void => {
    setTyped("");
    setProblem(null);
    onClose();
  };
  const erase = async (): Promise<void> => {
    setAsking(true);
    const answer = await onConfirm();
    setAsking(false);
    if (answer.is_done) close();
    else setProblem(answer.expected);
  };
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <Text size="sm">{text} This cannot be taken back.</Text>
      {word !== "" && (
        <TextInput
          mt="md"
          label={`Type “${word}” to confirm`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      {problem !== null && (
        <Text size="sm" c="red" mt="sm" role="alert">
          Not erased: {problem}
        </Text>
      )}
      <DeliberateButton
        mt="md"
        color="red.8"
        loading={is_asking}
        disabled={typed.trim().toLowerCase() !== word}
        onPress={() => void erase()}
      >
        {confirm}
      </DeliberateButton>
    </Modal>
  );
}
