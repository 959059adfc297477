import { ActionIcon, Button, Menu, Modal, TextInput } from "@mantine/core";
import { IconChevronDown, IconPlayerPause } from "@tabler/icons-react";
import { useState } from "react";
import { useLive } from "./live";

/** Pauses at once; with a reason only by choice. */
export function PauseButton() {
  const { is_driving, act } = useLive();
  const [is_asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  if (!is_driving) return null;
  return (
    <>
      <Button.Group>
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} aria-hidden="true" />}
          onClick={() => act({ type: "pause" })}
        >
          Pause
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" size={36} aria-label="Pause options">
              <IconChevronDown size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setAsking(true)}>Pause with a reason…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Button.Group>
      <Modal opened={is_asking} onClose={() => setAsking(false)} title="Pause with a reason" size="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            act({ type: "pause", reason: reason.trim() === "" ? null : reason.trim() });
            setAsking(false);
            setReason("");
          }}
        >
          <TextInput
            label="Reason"
            data-autofocus
            maxLength={255}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button type="submit" mt="md" fullWidth>
            Pause now
          </Button>
        </form>
      </Modal>
    </>
  );
}
