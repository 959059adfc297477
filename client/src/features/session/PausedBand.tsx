import { Button } from "@mantine/core";
import { IconPlayerPause } from "@tabler/icons-react";
import { formatMoment } from "../../lib/time";
import { useLive } from "./live";
import classes from "./PausedBand.module.css";

/** Lies over the Section of a paused Session, which waits where it was; Notes stay open. */
export function PausedBand() {
  const { head, person, offset_ms, act } = useLive();
  const may_resume = person.id === head.driver.id || person.id === head.owner.id;
  return (
    <div className={classes.veil}>
      <section className={classes.band} aria-label="Paused">
        <IconPlayerPause size={22} aria-hidden="true" className={classes.icon} />
        <div className={classes.text}>
          <p className={classes.since}>Paused since {formatMoment(head.changed_ms - offset_ms, Date.now())}</p>
          {head.paused_reason !== null && <p className={classes.reason}>{head.paused_reason}</p>}
        </div>
        {may_resume ? (
          <Button size="md" onClick={() => act({ type: "resume" })}>
            Resume
          </Button>
        ) : (
          <p className={classes.reason}>{head.owner.name} can resume it.</p>
        )}
      </section>
    </div>
  );
}
