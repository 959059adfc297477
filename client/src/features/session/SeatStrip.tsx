/** Who drives, always in the same place and of the same height, and how to change it. */

import { Button } from "@mantine/core";
import { IconEye, IconEyeOff, IconPhoneOff, IconSteeringWheel } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { persistently } from "../../lib/persistently";
import { writePreference } from "../../lib/preferences";
import { formatMoment } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { Key } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { HelpBar } from "./HelpBar";
import { useLive } from "./live";
import { NoticeSlot } from "./NoticeSlot";
import classes from "./SeatStrip.module.css";
import { SuggestedAside } from "./SuggestedAside";

/** Of few calls, so it comes after the first paint. */
const TransferBar = lazy(() => persistently(() => import("./TransferBar")).then((it) => ({ default: it.TransferBar })));

export function SeatStrip({ onRead }: { onRead: (key: Key) => void }) {
  const { view, head, person, act, model } = useLive();
  const lost_to = useLostSeat(head.driver.id, head.owner.id, person.id) ? head.driver.name : null;
  const is_driver = head.driver.id === person.id;
  const is_owner = head.owner.id === person.id;
  const may_hide = !is_driver && !is_owner && person.permissions.includes("hidden_watching");
  const is_hidden = may_hide && model.is_hidden;
  const Icon = is_driver ? IconSteeringWheel : is_hidden ? IconEyeOff : IconEye;
  const is_active = head.status === "active" || head.status === "reviewing";
  return (
    <section
      className={classes.strip}
      aria-label="Seat"
      data-mode={is_driver ? "driving" : lost_to !== null ? "lost" : is_hidden ? "hidden" : "watching"}
    >
      <Icon size={17} aria-hidden="true" />
      <div className={classes.words}>
        <span className={classes.text}>
          {is_driver && (is_owner ? "You drive" : `You drive ${head.owner.name}’s Session`)}
          {!is_driver && (
            <>
              <strong>{is_hidden ? "Watching unseen" : "Watching"}</strong> · {head.driver.name} drives
            </>
          )}
          {lost_to !== null && (
            <span className={classes.lost}>{lost_to} took the seat. What you enter now is not saved.</span>
          )}
        </span>
        <SuggestedAside onRead={onRead} />
      </div>
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
      {is_active && is_driver && !is_owner && (
        <Button size="compact-sm" variant="default" onClick={() => act({ type: "hand_back" })}>
          Hand back
        </Button>
      )}
      {is_active && !is_driver && <TakeSeat />}
    </section>
  );
}

/** Watching unseen, on this computer from now on. What one does shows one all the same. Rules PR4 and PR5. */
function HideSwitch({ is_hidden }: { is_hidden: boolean }) {
  const sync = useSync();
  const hide = (): void => {
    writePreference("watch_hidden", is_hidden ? "no" : "yes");
    sync.hide(!is_hidden);
  };
  usePalette([
    { id: "hide", label: is_hidden ? "Be seen while watching" : "Watch unseen", keys: [], places: [], run: hide },
  ]);
  return (
    <>
      <span className={classes.wait} role="status">
        {is_hidden ? "Nobody sees you until you do something" : ""}
      </span>
      <Button size="compact-sm" variant="default" onClick={hide}>
        {is_hidden ? "Be seen" : "Watch unseen"}
      </Button>
    </>
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

/** Supervisors take the seat; the owner retakes it from a driver who is gone. */
function TakeSeat() {
  const { head, model, person, act } = useLive();
  const is_supervisor = person.roles.includes("supervisor") || person.roles.includes("manager");
  const is_owner = head.owner.id === person.id;
  if (!is_supervisor && !is_owner) return null;
  const is_driver_here = model.people.some((present) => present.person_id === head.driver.id);
  const must_wait = !is_supervisor && is_driver_here;
  return (
    <>
      {must_wait && <span className={classes.wait}>{head.driver.name} can hand it back</span>}
      <Button size="compact-sm" disabled={must_wait} onClick={() => act({ type: "take_seat" })}>
        Take the seat
      </Button>
    </>
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
