/** The call goes on in another Workflow: this Session ends as switched, the other begins with its values. */

import { Loader, Modal, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useFetched } from "../../lib/http";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
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
  const [query, setQuery] = useState("");
  const [is_switching, setSwitching] = useState(false);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = (offers.phase === "ready" ? offers.value : []).filter(
    ({ key, name }) => key !== guide.document.key && words.every((word) => name.toLowerCase().includes(word)),
  );

  const choose = (offer: WorkflowOffer): void => {
    setSwitching(true);
    void sync.switchWorkflow(session_id, offer.version_id, head.training).then((to_session_id) => {
      if (to_session_id === null) onClose();
      else navigate(`/sessions/${to_session_id}`);
    });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const [first] = found;
        if (first !== undefined && query !== "") choose(first);
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
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <ul className={classes.sections}>
        {found.map((offer) => (
          <li key={offer.key} className={classes.row}>
            <button type="button" className={classes.section} disabled={is_switching} onClick={() => choose(offer)}>
              {offer.name}
            </button>
          </li>
        ))}
      </ul>
      {offers.phase === "ready" && found.length === 0 && <p className={classes.none}>No other Workflow matches.</p>}
      {offers.phase === "failed" && <p className={classes.none}>The Workflows could not be loaded.</p>}
    </form>
  );
}
