/** Why a Session waits and when to call back: said after pausing, by who has the time. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { inputTime, momentOf } from "../../lib/time";
import classes from "./AboutPause.module.css";
import { useLive } from "./live";

const HOUR_MS = 3_600_000;
const MOST_CHARACTERS = 255;

export function AboutPause() {
  const { head, offset_ms, act } = useLive();
  const [reason, setReason] = useState(head.paused_reason ?? "");
  const [time, setTime] = useState(head.call_back_ms === null ? "" : inputTime(head.call_back_ms));
  const save = (call_back_ms: number | null): void => {
    const said = reason.trim() === "" ? null : reason.trim();
    if (said === head.paused_reason && call_back_ms === head.call_back_ms) return;
    act({ type: "annotate_pause", reason: said, call_back_ms });
  };
  const choose = (call_back_ms: number | null): void => {
    setTime(call_back_ms === null ? "" : inputTime(call_back_ms));
    save(call_back_ms);
  };
  const now_ms = Date.now() + offset_ms;
  const tomorrow = `${inputTime(now_ms + 24 * HOUR_MS).slice(0, 10)}T09:00`;
  return (
    <form
      className={classes.about}
      onSubmit={(event) => {
        event.preventDefault();
        save(time === "" ? null : momentOf(time));
      }}
    >
      <TextInput
        label="Why it waits (optional)"
        maxLength={MOST_CHARACTERS}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        onBlur={() => save(head.call_back_ms)}
      />
      <TextInput
        type="datetime-local"
        label="Call back at (optional)"
        value={time}
        onChange={(event) => setTime(event.currentTarget.value)}
        onBlur={() => save(time === "" ? null : momentOf(time))}
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
