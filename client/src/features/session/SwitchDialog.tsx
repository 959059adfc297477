/**
 * The call goes on in another Workflow: this Session ends as switched, the other begins with its values.
 *
 * One is chosen by typing, by arrow keys or by a click; the switch itself is a second, deliberate step, since it ends
 * the Session.
 */

import { Group, Loader, Modal, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useLocation } from "wouter";
import { useFetched } from "../../lib/http";
import { usePalette } from "../../palette/palette";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { DeliberateButton } from "../../ui/DeliberateButton";
import { useFinder } from "./finder";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";

interface SwitchDialogProps {
  opened: boolean;
  onClose: () => void;
}

export function SwitchDialog({ opened, onClose }: SwitchDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Switch Workflow" size="md">
      <Offers onClose={onClose} />
    </Modal>
  );
}

function Offers({ onClose }: Pick<SwitchDialogProps, "onClose">) {
  const { session_id, head, guide } = useLive();
  const sync = useSync();
  const [, navigate] = useLocation();
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  const [is_switching, setSwitching] = useState(false);
  const foot = useRef<HTMLDivElement>(null);
  const { found, marked, mark, input } = useFinder((words) =>
    (offers.phase === "ready" ? offers.value : []).filter(
      ({ key, name }) => key !== guide.document.key && words.every((word) => name.toLowerCase().includes(word)),
    ),
  );

  const switchTo = (offer: WorkflowOffer | undefined): void => {
    if (offer === undefined || is_switching) return;
    setSwitching(true);
    void sync
      .switchWorkflow(session_id, { version_id: offer.version_id, training: head.training })
      .then((to_session_id) => {
        if (to_session_id === null) onClose();
        else navigate(`/sessions/${to_session_id}`);
      });
  };

  usePalette([
    {
      id: "switch_now",
      label: "Switch to the chosen Workflow",
      keys: ["Mod+Shift+Enter"],
      places: ["overlay"],
      run: () => switchTo(marked),
    },
  ]);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        foot.current?.querySelector("button")?.focus();
      }}
    >
      <Text size="sm" c="var(--sc-soft)" mb="sm">
        This Session ends as switched. The other one starts with the same Field values and Notes, linked both ways.
      </Text>
      <TextInput
        type="search"
        aria-label="Find a Workflow"
        placeholder="Find a Workflow…"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        rightSection={is_switching && <Loader size="xs" />}
        aria-controls="found-workflows"
        aria-activedescendant={marked && `found-${marked.key}`}
        {...input}
      />
      <ul id="found-workflows" className={classes.sections}>
        {found.map((offer) => (
          <li key={offer.key} className={classes.row}>
            <button
              type="button"
              id={`found-${offer.key}`}
              className={classes.section}
              disabled={is_switching}
              aria-pressed={offer === marked}
              data-marked={offer === marked || undefined}
              onClick={() => mark(offer)}
            >
              {offer.name}
            </button>
          </li>
        ))}
      </ul>
      {offers.phase === "ready" && found.length === 0 && <p className={classes.none}>No other Workflow matches.</p>}
      {offers.phase === "failed" && <p className={classes.none}>The Workflows could not be loaded.</p>}
      <Group ref={foot} justify="flex-end" gap="sm" className={classes.foot}>
        {marked !== undefined && (
          <Text size="xs" c="var(--sc-soft)">
            <kbd>Space</kbd> on the button, or <kbd>Ctrl</kbd> <kbd>Shift</kbd> <kbd>Enter</kbd>
          </Text>
        )}
        <DeliberateButton
          disabled={marked === undefined || is_switching}
          aria-keyshortcuts="Control+Shift+Enter"
          onPress={() => switchTo(marked)}
        >
          {marked === undefined ? "Choose a Workflow" : `Switch to ${marked.name}`}
        </DeliberateButton>
      </Group>
    </form>
  );
}
