/** Asks a colleague, or whoever of a team is first, to take this Session over. Rules TR1, TR9 and TR10. */

import { Button, Group, Modal, Radio, Skeleton, Text, TextInput } from "@mantine/core";
import { IconSearch, IconUsers } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { askAgain, useFetched } from "../../lib/http";
import type { TransferTakers } from "../../protocol/protocol.gen";
import { useFinder } from "./finder";
import goTo from "./GoToDialog.module.css";
import { useLive } from "./live";
import classes from "./TransferDialog.module.css";
import { type Offer, offersOf, STATES } from "./transferOffers";

const TAKERS = "/api/sessions/transfer";
const LOOK_EVERY_MS = 5_000;
/** As long as the engine keeps it. */
const MAX_NOTE = 255;

export function TransferDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Transfer…" size="md">
      <Offers onClose={onClose} />
    </Modal>
  );
}

function Offers({ onClose }: { onClose: () => void }) {
  const { head, person, view, act } = useLive();
  const fetched = useFetched<TransferTakers>(TAKERS);
  const [warm, setWarm] = useState(false);
  const [note, setNote] = useState("");
  useEffect(() => {
    const timer = setInterval(() => askAgain(TAKERS), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const offers = fetched.phase === "ready" ? offersOf(fetched.value, head, person.id) : [];
  const { query, found, marked, mark, input } = useFinder((words) =>
    offers.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))),
  );
  const is_open = Object.values(view.transfers).some(({ outcome }) => outcome === null);
  const ask = (offer: Offer | undefined): void => {
    if (offer === undefined || is_open) return;
    act({
      type: "transfer",
      to_id: offer.is_team ? null : offer.id,
      to_team_id: offer.is_team ? offer.id : null,
      warm,
      note: note.trim() === "" ? null : note.trim(),
    });
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask(marked);
      }}
    >
      <Text size="sm" c="var(--sc-soft)" mb="sm">
        {is_open
          ? "Somebody is asked already. Take that back first."
          : "You ask; until somebody takes it, the Session stays where it is."}
      </Text>
      <TextInput
        type="search"
        aria-label="Find an agent or a team"
        placeholder="Find an agent or a team…"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        aria-controls="found-offers"
        {...input}
        onKeyDown={(event) => {
          input.onKeyDown(event);
          // Choosing asks nobody yet: what else there is to say comes first.
          if (event.key !== "Enter" || marked === undefined) return;
          event.preventDefault();
          event.currentTarget.form?.querySelector<HTMLElement>("[name=note]")?.focus();
        }}
      />
      {fetched.phase === "loading" && <Skeleton height={80} mt="sm" aria-label="Loading whom you can ask" />}
      <ul id="found-offers" className={goTo.sections}>
        {found.map((offer) => (
          <li key={offer.id} className={goTo.row}>
            <button
              type="button"
              className={`${goTo.section} ${classes.offer}`}
              aria-pressed={offer.id === marked?.id}
              data-marked={offer.id === marked?.id || undefined}
              onClick={() => mark(offer)}
            >
              <span className={classes.name}>{offer.name}</span>
              {offer.is_team ? (
                <span className={classes.state}>
                  <IconUsers size={15} aria-hidden="true" /> whoever accepts first
                </span>
              ) : (
                <span className={classes.state} data-state={offer.state}>
                  {STATES[offer.state]}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {fetched.phase === "ready" && offers.length === 0 && (
        <p className={goTo.none}>Nobody else takes calls in its team.</p>
      )}
      {offers.length > 0 && found.length === 0 && <p className={goTo.none}>Nobody matches “{query}”.</p>}
      {fetched.phase === "failed" && <p className={goTo.none}>Whom you can ask could not be loaded.</p>}
      <Radio.Group
        aria-label="How"
        mt="sm"
        value={warm ? "warm" : "cold"}
        onChange={(value) => setWarm(value === "warm")}
      >
        <Radio value="cold" label="At once: who accepts has it, and drives" mb={8} />
        <Radio value="warm" label="Introduce first: who accepts watches until you hand over" />
      </Radio.Group>
      <TextInput
        name="note"
        label="Note for them (optional)"
        mt="sm"
        maxLength={MAX_NOTE}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap="sm" className={goTo.foot}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          classNames={{ root: goTo.ask, label: goTo.whom }}
          disabled={marked === undefined || is_open}
        >
          {marked === undefined ? "Choose who is asked" : `Ask ${marked.name}`}
        </Button>
      </Group>
    </form>
  );
}
