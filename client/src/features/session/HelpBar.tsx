/** In the strip of the seat: asking for help, who is on the floor, who comes. Rules HP1 to HP4, HP7, HP11 and HP12. */

import { Button, TextInput } from "@mantine/core";
import { IconLifebuoy } from "@tabler/icons-react";
import { type SyntheticEvent, useEffect, useState } from "react";
import { floorText, hasLeft, mayHelp, rungBy } from "../../lib/help";
import { askAgain, useFetched } from "../../lib/http";
import { useNow } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { FloorAnswer, HelpView } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import classes from "./HelpBar.module.css";
import { useLive } from "./live";
import { isRunning } from "./seat";

const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;
const FLOOR = "/api/floor";
const LOOK_EVERY_MS = 5_000;

export function HelpBar() {
  const { view, head, person, act } = useLive();
  const request = Object.values(view.help_requests).find(({ closed_ms }) => closed_ms === null);
  const has_call = person.id === head.driver.id || person.id === head.owner.id;
  const is_left = useLeft(request);
  const may_ask = has_call && (request === undefined || is_left) && isRunning(head);
  const ask = (): void => {
    if (request !== undefined) act({ type: "cancel_help", help_id: request.id });
    act({ type: "ask_for_help" });
  };
  usePalette([
    { id: "ask_for_help", label: "Ask for help", keys: ["F2"], places: ANYWHERE, when: () => may_ask, run: ask },
  ]);
  if (request !== undefined) {
    return (
      <div className={classes.bar} data-open>
        <p className={classes.state} role="status">
          <State request={request} is_mine={has_call} is_left={is_left} />
        </p>
        {may_ask && (
          <Button size="compact-sm" aria-keyshortcuts="F2" title="Ask for help again (F2)" onClick={ask}>
            Ask again
          </Button>
        )}
        {has_call ? <Asker key={request.id} request={request} /> : <Come request={request} />}
      </div>
    );
  }
  if (!may_ask) return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconLifebuoy size={15} aria-hidden="true" />}
      aria-label="Ask for help"
      aria-keyshortcuts="F2"
      title="Ask for help (F2)"
      onClick={ask}
    >
      Help
    </Button>
  );
}

/** Whether who came, or said so, is here no more. */
function useLeft(request: HelpView | undefined): boolean {
  const { model, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const claimer_id = request?.claimed_by?.id;
  if (request === undefined || claimer_id === undefined) return false;
  // Until the people of a call are told there is nobody, not even oneself.
  const is_here = model.people.length === 0 ? null : model.people.some(({ person_id }) => person_id === claimer_id);
  return hasLeft(request.claimed_ms, is_here, now_ms);
}

function State({ request, is_mine, is_left }: { request: HelpView; is_mine: boolean; is_left: boolean }) {
  const { model, person } = useLive();
  const { by, reason, claimed_by } = request;
  const why = reason === null ? "" : `: ${reason}`;
  if (claimed_by === null) return is_mine ? <Floor request={request} why={why} /> : `${by.name} asks for help${why}`;
  if (claimed_by.id === person.id) return `You came for ${by.name}${why}`;
  if (is_left) return `${claimed_by.name} is not here any more`;
  const is_here = model.people.some(({ person_id }) => person_id === claimed_by.id);
  return `${claimed_by.name} is ${is_here ? "here" : "coming"}${is_mine ? "" : why}`;
}

/** Who is asked, looked at anew while nobody has said that they come. */
function Floor({ request, why }: { request: HelpView; why: string }) {
  const { offset_ms } = useLive();
  const asked = rungBy(request, useNow() + offset_ms);
  const floor = useFetched<FloorAnswer>(FLOOR);
  useEffect(() => {
    askAgain(FLOOR);
    const timer = setInterval(() => askAgain(FLOOR), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return `${floor.phase === "ready" ? floorText(floor.value.people, asked) : "You asked for help"}${why}`;
}

/** What owner and driver may still do: wait, need nobody any more; and say why, if they asked. */
function Asker({ request: { id, by, reason, asked_ms, claimed_by } }: { request: HelpView }) {
  const { person, act, offset_ms } = useLive();
  const [why, setWhy] = useState("");
  const say = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (why.trim() !== "") act({ type: "ask_for_help", reason: why.trim() });
  };
  return (
    <>
      {claimed_by === null && (
        <>
          <Elapsed since_ms={asked_ms} offset_ms={offset_ms} />
          {reason === null && by.id === person.id && (
            <form onSubmit={say} className={classes.why}>
              <TextInput
                size="xs"
                aria-label="Why, if you like"
                placeholder="Why? Enter sends it"
                value={why}
                maxLength={255}
                onChange={(event) => setWhy(event.currentTarget.value)}
              />
            </form>
          )}
        </>
      )}
      <Button size="compact-sm" variant="default" onClick={() => act({ type: "cancel_help", help_id: id })}>
        {claimed_by === null ? "Never mind" : "Done"}
      </Button>
    </>
  );
}

function Come({ request: { id, asked_ms, claimed_by } }: { request: HelpView }) {
  const { person, act, offset_ms } = useLive();
  if (claimed_by !== null || !mayHelp(person.roles)) return null;
  return (
    <>
      <Elapsed since_ms={asked_ms} offset_ms={offset_ms} />
      <Button size="compact-sm" onClick={() => act({ type: "claim_help", help_id: id })}>
        I’m coming
      </Button>
    </>
  );
}
