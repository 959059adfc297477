/** Who is in a Session, as the board tells it. Rules LL5 and LL6. */

import { useNow } from "../../lib/time";
import type { LiveSession, LiveWatcher, PersonId } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import { PersonMark } from "../../ui/PersonMark";
import board from "./Board.module.css";
import classes from "./SessionsPage.module.css";

/** A page that is loaded anew is back within this. */
const AWAY_FROM_MS = 10_000;
const NAMED = 2;
const ROLES: Record<LiveWatcher["role"], string> = {
  owner: "owner",
  coach: "coach",
  supervisor: "supervisor",
  taker: "takes over",
};

/** Who drives, if it is not the owner, and since when that person is away. */
export function Driver({
  session: { driver, driver_away_ms },
  owner_id,
  offset_ms,
}: {
  session: LiveSession;
  owner_id: PersonId;
  offset_ms: number;
}) {
  const now_ms = useNow() + offset_ms;
  const is_away = driver_away_ms !== null && now_ms - driver_away_ms >= AWAY_FROM_MS;
  const is_other = driver.id !== owner_id;
  if (!is_away && !is_other) return null;
  return (
    <span className={classes.driver} data-line>
      {is_other && `${driver.name} drives`}
      {is_other && is_away && " · "}
      {is_away && (
        <>
          {is_other ? "away" : "Away"} <Elapsed since_ms={driver_away_ms} offset_ms={offset_ms} />
        </>
      )}
    </span>
  );
}

/** Whoever else is in it: a mark each, and the names of the first. */
export function Watchers({ watchers }: { watchers: readonly LiveWatcher[] }) {
  const [first] = watchers;
  if (first === undefined) return null;
  const more = watchers.length - 1;
  const all = watchers.map(({ name, role }) => `${name} (${ROLES[role]})`).join(", ");
  return (
    <span title={all}>
      <span className="visually-hidden">In it: {all}</span>
      <span className={board.marks} aria-hidden="true">
        {watchers.slice(0, NAMED).map(({ id, name }) => (
          <PersonMark key={id} id={id} name={name} size={18} />
        ))}
        <span className={board.line}>
          {first.name}
          {more > 0 && ` +${more}`}
        </span>
      </span>
    </span>
  );
}
