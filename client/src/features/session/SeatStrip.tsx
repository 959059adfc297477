/** Who drives, always in the same place and of the same height, and how to change it. Rule SE20. */

import { Button } from "@mantine/core";
import { IconEye, IconEyeOff, IconPhoneOff, IconSteeringWheel } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { persistently } from "../../lib/persistently";
import { formatMoment } from "../../lib/time";
import type { Key } from "../../protocol/protocol.gen";
import { HelpBar } from "./HelpBar";
import { mayShare, useLive } from "./live";
import { NoticeSlot } from "./NoticeSlot";
import classes from "./SeatStrip.module.css";
import { SuggestedAside } from "./SuggestedAside";
import { HideSwitch, SeatButtons, SeatNews } from "./seatParts";

/** Of few calls, so it comes after the first paint. */
const TransferBar = lazy(() => persistently(() => import("./TransferBar")).then((it) => ({ default: it.TransferBar })));

export function SeatStrip({ onRead }: { onRead: (key: Key) => void }) {
  const live = useLive();
  const { head, person, view, model, act } = live;
  const is_lost = useLostSeat(head.driver.id, head.owner.id, person.id);
  const change = view.seat_changes[head.seat];
  const is_given = change?.cause === "granted" || change?.cause === "accepted";
  const is_driver = head.driver.id === person.id;
  const is_owner = head.owner.id === person.id;
  const may_hide = !is_driver && !is_owner && person.permissions.includes("hidden_watching");
  const is_hidden = may_hide && model.is_hidden;
  const Icon = is_driver ? IconSteeringWheel : is_hidden ? IconEyeOff : IconEye;
  return (
    <section
      className={classes.strip}
      aria-label="Seat"
      data-mode={is_driver ? "driving" : is_lost ? "lost" : is_hidden ? "hidden" : "watching"}
    >
      <Icon size={17} aria-hidden="true" />
      <span className={classes.text}>
        {is_driver && (is_owner ? "You drive" : `You drive ${head.owner.name}’s Session`)}
        {!is_driver && (
          <span className={classes.watching}>
            <strong>{is_hidden ? "Watching unseen" : "Watching"}</strong> · {head.driver.name} drives
          </span>
        )}
        {is_lost && (
          <span className={classes.lost}>
            {head.driver.name} {change?.cause === "taken" ? "took" : "has"} the seat
            {change?.reason ? `: “${change.reason}”` : ""}.{!is_given && " What you enter now is not saved."}
          </span>
        )}
      </span>
      <div className={classes.place}>
        <SuggestedAside onRead={onRead} />
        <SeatNews is_lost={is_lost} />
      </div>
      {head.screen_shared && (
        <Button
          size="compact-sm"
          variant="default"
          disabled={!mayShare(live)}
          onClick={() => act({ type: "share_screen", shared: false })}
        >
          Screen shared{mayShare(live) && " · End"}
        </Button>
      )}
      <NoticeSlot />
      {head.suggestions_muted && <span className={classes.wait}>Suggestions muted</span>}
      {head.hung_up_ms !== null && <HungUp at_ms={head.hung_up_ms} />}
      {may_hide && <HideSwitch is_hidden={is_hidden} />}
      {Object.keys(view.transfers).length > 0 && (
        <Suspense fallback={null}>
          <TransferBar />
        </Suspense>
      )}
      <HelpBar />
      <SeatButtons />
    </section>
  );
}

/** As the telephone system said it. It ends nothing: what follows is the driver's. Rule LC12. */
function HungUp({ at_ms }: { at_ms: number }) {
  const { offset_ms } = useLive();
  return (
    <span className={classes.hung_up}>
      <IconPhoneOff size={15} aria-hidden="true" />
      <span>
        <span className={classes.wide}>Customer hung up at </span>
        <span className={classes.narrow}>Hung up </span>
        {formatMoment(at_ms, Date.now() + offset_ms)}
      </span>
    </span>
  );
}

/**
 * True from the moment at which somebody took the seat of this person, until they drive again. The owner never
 * takes it from a driver who is here: they get it handed back.
 */
function useLostSeat(driver_id: string, owner_id: string, person_id: string): boolean {
  const [seen, setSeen] = useState({ driver_id, is_lost: false });
  if (seen.driver_id === driver_id) return seen.is_lost;
  const was_mine = seen.driver_id === person_id || seen.is_lost;
  const is_lost = was_mine && driver_id !== person_id && driver_id !== owner_id;
  setSeen({ driver_id, is_lost });
  return is_lost;
}
