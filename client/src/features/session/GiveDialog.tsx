/** A supervisor makes this Session another agent's. Rule RA6. */

import { Button, Checkbox, Group, Modal, Skeleton, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useFetched } from "../../lib/http";
import type { LiveSession, TransferTaker, TransferTakers } from "../../protocol/protocol.gen";
import { useLiveSessions, useSync } from "../../sync";
import { useFinder } from "./finder";
import classes from "./GoToDialog.module.css";
import { useLive } from "./live";
import offers from "./TransferDialog.module.css";
import { STATES, takersOf } from "./transferOffers";

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
  const { session_id, head, act } = useLive();
  const sync = useSync();
  const { sessions } = useLiveSessions();
  const fetched = useFetched<TransferTakers>("/api/sessions/transfer");
  const [reason, setReason] = useState("");
  const [gives_all, setGivesAll] = useState(false);
  const [is_giving, setGiving] = useState(false);
  const [left, setLeft] = useState<readonly LiveSession[]>([]);
  const offered = fetched.phase === "ready" ? takersOf(fetched.value, head) : [];
  const { query, found, marked, mark, input } = useFinder((words) =>
    offered.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))),
  );
  const more = sessions.filter(
    (each) => each.owner.id === head.owner.id && each.session_id !== session_id && !each.training,
  );
  const give = async (taker: TransferTaker | undefined): Promise<void> => {
    if (taker === undefined || is_giving) return;
    const command = { type: "reassign", to_id: taker.id, reason: reason.trim() === "" ? null : reason.trim() } as const;
    setGiving(true);
    const refused: LiveSession[] = [];
    // One after the other: each is joined for it, and a connection joins only so many at once.
    for (const each of gives_all ? more : []) {
      if (!(await sync.actOn(each.session_id, command))) refused.push(each);
    }
    setGiving(false);
    setLeft(refused);
    if (refused.length > 0) return;
    act(command);
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void give(marked);
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
              className={`${classes.section} ${offers.offer}`}
              aria-pressed={taker === marked}
              data-marked={taker === marked || undefined}
              onClick={() => mark(taker)}
            >
              <span className={offers.name}>{taker.name}</span>
              <span className={offers.state} data-state={taker.state}>
                {STATES[taker.state]}
              </span>
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
        mt="sm"
        maxLength={MAX_REASON}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {more.length > 0 && (
        <Checkbox
          mt="sm"
          label={`All ${more.length + 1} open Sessions of ${head.owner.name}`}
          checked={gives_all}
          onChange={(event) => setGivesAll(event.currentTarget.checked)}
        />
      )}
      {left.length > 0 && (
        <Text role="alert" size="sm" mt="sm" c="var(--sc-wrong)">
          Not given, nor is this one yet: {left.map(({ title, workflow_name }) => title || workflow_name).join(", ")}.
          Uncheck the box to give this one alone.
        </Text>
      )}
      <Group justify="flex-end" gap="sm" className={classes.foot}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          classNames={{ root: classes.ask, label: classes.whom }}
          disabled={marked === undefined}
          loading={is_giving}
        >
          {marked === undefined ? "Choose an agent" : `Give to ${marked.name}`}
        </Button>
      </Group>
    </form>
  );
}
