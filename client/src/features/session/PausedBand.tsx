/** Lies over the Section of a paused Session, which waits where it was; Notes stay open. */

import { Button } from "@mantine/core";
import { IconPlayerPause } from "@tabler/icons-react";
import { formatMoment, useNow } from "../../lib/time";
import { AboutPause } from "./AboutPause";
import { useLive } from "./live";
import classes from "./PausedBand.module.css";
import { RecalledChoice } from "./RecalledChoice";
import { isRecalled } from "./words";

export function PausedBand({ onEnd }: { onEnd: () => void }) {
  const { head, person, offset_ms, act, model } = useLive();
  const is_ours = person.id === head.driver.id || person.id === head.owner.id;
  const is_recalled = model.refusals.some(isRecalled);
  return (
    <div className={classes.veil}>
      <section className={classes.band} aria-label="Paused">
        <IconPlayerPause size={22} aria-hidden="true" className={classes.icon} />
        <div className={classes.text}>
          <p className={classes.since}>Paused since {formatMoment(head.changed_ms, Date.now() + offset_ms)}</p>
          {head.pause_cause === "driver_left" && (
            <p className={classes.reason}>By itself: {head.driver.name} was not here any more.</p>
          )}
          {!is_ours && head.paused_reason !== null && <p className={classes.reason}>{head.paused_reason}</p>}
          <CallBack />
        </div>
        {is_ours && !is_recalled && (
          <Button size="md" aria-keyshortcuts="P" onClick={() => act({ type: "resume" })}>
            Resume
          </Button>
        )}
        {!is_ours && <p className={classes.reason}>{head.owner.name} can resume it.</p>}
        {is_recalled && <RecalledChoice onEnd={onEnd} />}
        {is_ours && <AboutPause />}
      </section>
    </div>
  );
}

function CallBack() {
  const { head, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const at_ms = head.call_back_ms;
  if (at_ms === null) return null;
  return (
    <p className={classes.call_back} data-due={at_ms <= now_ms || undefined}>
      Call back {at_ms <= now_ms ? "was due" : "at"} {formatMoment(at_ms, now_ms)}
    </p>
  );
}
