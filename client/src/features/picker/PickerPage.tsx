/** New Sessions: choose a Workflow, start. Enter starts what is chosen, and the last one used is chosen already. */

import { Button, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle, IconSearch, IconStar, IconStarFilled } from "@tabler/icons-react";
import { Fragment, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { runningOf, useAreOpenSessionsKnown, useOpenSessions } from "../../lib/openSessions";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { OfferToPause } from "./OfferToPause";
import classes from "./PickerPage.module.css";
import { usePins } from "./pins";
import { filterOffers, groupOffers, libraryOf, readRecent, rememberRecent, sortOffers } from "./recent";

const INCOMPLETE = "Answers are unassigned and need Sections linked";

export default function PickerPage({ person }: { person: Me["person"] }) {
  const offers = useFetched<WorkflowOffer[]>("/api/workflows");
  return (
    <main className={classes.page}>
      <title>New Sessions · Sidecoach</title>
      <Title order={1} size="h2">
        New Sessions
      </Title>
      {offers.phase === "loading" && <Text c="var(--sc-soft)">Loading…</Text>}
      {offers.phase === "failed" && <Text role="alert">The Workflows could not be loaded. Reload to try again.</Text>}
      {offers.phase === "ready" && offers.value.length === 0 && (
        <Text c="var(--sc-soft)">
          No Workflow is published yet.{" "}
          {person.roles.includes("admin") ? (
            <Link href="/first-steps">Import the examples, or a document of your own</Link>
          ) : (
            "An author publishes one first."
          )}
        </Text>
      )}
      {offers.phase === "ready" && offers.value.length > 0 && <Picker offers={offers.value} person={person} />}
    </main>
  );
}

function Picker({ offers, person }: { offers: readonly WorkflowOffer[]; person: Me["person"] }) {
  const may_start = person.roles.includes("agent");
  const running = runningOf(useOpenSessions(person.id), person.id);
  const is_known = useAreOpenSessionsKnown();
  // Who is quicker than the list waits for it, so that a running Session is never overlooked.
  const [waiting, setWaiting] = useState<{ training: boolean } | null>(null);
  const [asked, setAsked] = useState<{ training: boolean } | null>(null);
  const sync = useSync();
  const [, navigate] = useLocation();
  const [recent] = useState(readRecent);
  const [pinned, togglePin] = usePins(offers);
  // Nothing moves under the pointer that pins it: the order is that of when the picker was opened.
  const [first] = useState(pinned);
  const [query, setQuery] = useState("");
  const [category, setCategory] = useState("");
  const [chosen_key, setChosenKey] = useState<string | null>(null);
  const categories = [...new Set(offers.map(libraryOf).filter(Boolean))].toSorted();
  const found = filterOffers(sortOffers(offers, recent, first), query, category);
  const groups = groupOffers(found, recent, first);
  // Who searches means what is found first, not what was used last.
  const wanted_key = chosen_key ?? (query === "" ? recent[0] : undefined);
  const chosen = found.find((offer) => offer.key === wanted_key) ?? groups[0]?.offers[0];

  const start = (training: boolean): void => {
    if (chosen === undefined) return;
    rememberRecent(chosen.key);
    navigate(`/sessions/${sync.startSession(chosen.version_id, training)}`);
  };
  const startOrAsk = (training: boolean): void => {
    if (!is_known) setWaiting({ training });
    else if (running.length > 0) setAsked({ training });
    else start(training);
  };
  useEffect(() => {
    if (waiting === null || !is_known) return;
    setWaiting(null);
    startOrAsk(waiting.training);
  });

  return (
    <form
      className={classes.picker}
      onSubmit={(event) => {
        event.preventDefault();
        startOrAsk(!may_start);
      }}
    >
      <div className={classes.choices}>
        <TextInput
          aria-label="Find a Workflow"
          placeholder="Find a Workflow…"
          leftSection={<IconSearch size={16} />}
          size="md"
          data-autofocus
          autoFocus
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        {categories.length > 1 && (
          <fieldset className={classes.categories} aria-label="Category">
            {["", ...categories].map((each) => (
              <button
                key={each}
                type="button"
                className={classes.category}
                aria-pressed={category === each}
                onClick={() => setCategory(each)}
              >
                {each === "" ? "All" : each}
              </button>
            ))}
          </fieldset>
        )}
        <div role="radiogroup" aria-label="Workflows" className={classes.offers}>
          {groups.map((group) => (
            <Fragment key={group.title}>
              {group.title !== "" && <h2 className={classes.group}>{group.title}</h2>}
              {group.offers.map((offer) => (
                <Offer
                  key={offer.key}
                  offer={offer}
                  is_chosen={offer === chosen}
                  is_last={offer.key === recent[0]}
                  is_grouped={group.title !== ""}
                  is_pinned={pinned.has(offer.key)}
                  onPin={() => togglePin(offer.key)}
                  onChoose={() => setChosenKey(offer.key)}
                />
              ))}
            </Fragment>
          ))}
          {found.length === 0 && <Text c="var(--sc-soft)">No Workflow matches “{query}”.</Text>}
        </div>
      </div>
      {asked !== null && (
        <OfferToPause running={running} onClose={() => setAsked(null)} onStart={() => start(asked.training)} />
      )}
      {chosen !== undefined && (
        <section className={classes.detail} aria-label="Chosen Workflow">
          <h2 className={classes.name}>{chosen.name}</h2>
          <p className={classes.facts}>
            {chosen.category !== "" && `${chosen.category} · `}
            {chosen.sections} Sections{chosen.example && " · example"}
          </p>
          {chosen.description !== "" && <p className={classes.description}>{chosen.description}</p>}
          {chosen.incomplete && (
            <p className={classes.incomplete}>
              <IconAlertTriangle size={17} aria-hidden="true" />
              {INCOMPLETE}
            </p>
          )}
          <div className={classes.buttons}>
            {may_start && (
              <Button type="submit" size="md" aria-keyshortcuts="Enter" loading={waiting?.training === false}>
                Start
              </Button>
            )}
            <Button
              size="md"
              loading={waiting?.training === true}
              variant={may_start ? "default" : "filled"}
              type={may_start ? "button" : "submit"}
              onClick={may_start ? () => startOrAsk(true) : undefined}
            >
              Practice
            </Button>
          </div>
          <p className={classes.note}>
            {may_start
              ? "Practice stays out of reports and of the floor."
              : "Agents start Sessions; everybody may practise."}
          </p>
        </section>
      )}
    </form>
  );
}

interface OfferProps {
  offer: WorkflowOffer;
  is_chosen: boolean;
  is_last: boolean;
  /** Its category stands above. */
  is_grouped: boolean;
  is_pinned: boolean;
  onPin: () => void;
  onChoose: () => void;
}

/** By keyboard the star of the chosen one alone is a stop, so that the way past a long list stays short. */
function Offer({ offer, is_chosen, is_last, is_grouped, is_pinned, onPin, onChoose }: OfferProps) {
  return (
    <div className={classes.place}>
      <label className={classes.offer} data-chosen={is_chosen || undefined}>
        <input
          type="radio"
          name="workflow"
          className="card-input"
          checked={is_chosen}
          onChange={onChoose}
          aria-label={offer.name}
        />
        <span className={classes.offer_name}>
          {offer.name}
          {is_last && <span className={classes.last}>Last used</span>}
          {offer.example && <span className={classes.last}>Example</span>}
        </span>
        <span className={classes.facts}>
          {!is_grouped && offer.category !== "" && `${offer.category} · `}
          {offer.sections} Sections
        </span>
        {offer.incomplete && (
          <span className={classes.mark} title={INCOMPLETE}>
            <IconAlertTriangle size={15} aria-hidden="true" /> Incomplete
          </span>
        )}
      </label>
      <button
        type="button"
        className={classes.pin}
        aria-pressed={is_pinned}
        aria-label={`Pin ${offer.name}`}
        title={is_pinned ? "Pinned: it comes first" : "Pin: it comes first"}
        tabIndex={is_chosen ? 0 : -1}
        onClick={onPin}
      >
        {is_pinned ? <IconStarFilled size={17} aria-hidden="true" /> : <IconStar size={17} aria-hidden="true" />}
      </button>
    </div>
  );
}
