/** A supervisor makes this Session another agent's. Rule RA6. */

import { Button, Group, Modal, Skeleton, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useFetched } from "../../lib/http";
import type { Taker, Takers } from "../../protocol/protocol.gen";
import { useFinder } from "./finder";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";

/** As long as the engine keeps it. */
const MAX_REASON = 255;

export function GiveDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Give to…" size="md">
      <Offers onClose={onClose} />
    </Modal>
  );
}

function Offers({ onClose }: { onClose: () => void }) {
  const { head, act } = useLive();
  const fetched = useFetched<Takers>("/api/sessions/takers");
  const [reason, setReason] = useState("");
  const offered = (fetched.phase === "ready" ? fetched.value.takers : []).filter(
    ({ id, team_ids }) => id !== head.owner.id && team_ids.some((team_id) => head.team_ids.includes(team_id)),
  );
  const { query, found, marked, mark, input } = useFinder((words) =>
    offered.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))),
  );
  const give = (taker: Taker | undefined): void => {
    if (taker === undefined) return;
    act({ type: "reassign", to_id: taker.id, reason: reason.trim() === "" ? null : reason.trim() });
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give(marked);
      }}
    >
      <Text size="sm" c="var(--sc-soft)" mb="sm">
        It is {head.owner.name}’s now. {head.driver.id === head.owner.id && "The seat goes along at once. "}
        Who gets it goes on where it stands.
      </Text>
      <TextInput
        type="search"
        aria-label="Find an agent"
        placeholder="Find an agent…"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        aria-controls="found-takers"
        {...input}
      />
      {fetched.phase === "loading" && <Skeleton height={80} mt="sm" aria-label="Loading who could go on" />}
      <ul id="found-takers" className={classes.sections}>
        {found.map((taker) => (
          <li key={taker.id} className={classes.row}>
            <button
              type="button"
              className={classes.section}
              aria-pressed={taker === marked}
              data-marked={taker === marked || undefined}
              onClick={() => mark(taker)}
            >
              {taker.name}
            </button>
          </li>
        ))}
      </ul>
      {fetched.phase === "ready" && offered.length === 0 && (
        <p className={classes.none}>No other active agent is in its team.</p>
      )}
      {offered.length > 0 && found.length === 0 && <p className={classes.none}>No agent matches “{query}”.</p>}
      {fetched.phase === "failed" && <p className={classes.none}>Who could go on could not be loaded.</p>}
      <TextInput
        label="Reason (optional)"
        maxLength={MAX_REASON}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="sm" className={classes.foot}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={marked === undefined}>
          {marked === undefined ? "Choose an agent" : `Give to ${marked.name}`}
        </Button>
      </Group>
    </form>
  );
}
