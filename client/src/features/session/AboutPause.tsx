/** Why a Session waits and when to call back: said after pausing, by who has the time. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { inputTime, momentOf } from "../../lib/time";
import classes from "./AboutPause.module.css";
import { useLive } from "./live";

const HOUR_MS = 3_600_000;
const MOST_CHARACTERS = 255;

/** Both as they stand in their inputs: the server replaces them as a whole. */
interface About {
  readonly reason: string;
  /** As `datetime-local` writes it; "" for no call back. */
  readonly time: string;
}

export function AboutPause() {
  const { head, offset_ms } = useLive();
  const [about, change, save] = useAbout();
  const choose = (at_ms: number | null): void => save({ ...about, time: timeOf(at_ms) });
  const now_ms = Date.now() + offset_ms;
  const tomorrow = `${inputTime(now_ms + 24 * HOUR_MS).slice(0, 10)}T09:00`;
  return (
    <form
      className={classes.about}
      onSubmit={(event) => {
        event.preventDefault();
        save(about);
      }}
    >
      <TextInput
        label="Why it waits (optional)"
        maxLength={MOST_CHARACTERS}
        value={about.reason}
        onChange={(event) => change({ ...about, reason: event.currentTarget.value })}
        onBlur={() => save(about)}
      />
      <TextInput
        type="datetime-local"
        label="Call back at (optional)"
        value={about.time}
        onChange={(event) => change({ ...about, time: event.currentTarget.value })}
        onBlur={() => save(about)}
      />
      <div className={classes.quick}>
        <Button size="compact-sm" variant="default" onClick={() => choose(now_ms + HOUR_MS)}>
          In 1 hour
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => choose(now_ms + 3 * HOUR_MS)}>
          In 3 hours
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => choose(momentOf(tomorrow))}>
          Tomorrow, 09:00
        </Button>
        {head.call_back_ms !== null && (
          <Button size="compact-sm" variant="subtle" onClick={() => choose(null)}>
            No call back
          </Button>
        )}
      </div>
    </form>
  );
}

/**
 * What stands in the inputs, how to change it and how to save it. It is this person's until the server has answered: on
 * a slow line one of the two is given while the other is still on its way.
 */
function useAbout(): [About, (about: About) => void, (about: About) => void] {
  const { head, model, act } = useLive();
  const [draft, setDraft] = useState<About | null>(null);
  const [sent, setSent] = useState<About | null>(null);
  const held: About = { reason: head.paused_reason ?? "", time: timeOf(head.call_back_ms) };
  const is_answered = draft !== null && model.pending_count === 0 && isSame(draft, sent ?? held);
  if (is_answered) {
    setDraft(null);
    setSent(null);
  }
  const save = (about: About): void => {
    const said = { ...about, reason: about.reason.trim() };
    setDraft(said);
    if (isSame(said, sent ?? held)) return;
    setSent(said);
    const call_back_ms = said.time === "" ? null : momentOf(said.time);
    act({ type: "annotate_pause", reason: said.reason === "" ? null : said.reason, call_back_ms });
  };
  return [draft ?? held, setDraft, save];
}

function timeOf(at_ms: number | null): string {
  return at_ms === null ? "" : inputTime(at_ms);
}

function isSame(one: About, other: About): boolean {
  return one.reason === other.reason && one.time === other.time;
}
