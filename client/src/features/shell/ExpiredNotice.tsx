/** Tells an owner once that a paused Session of theirs was ended by time, and leads to the record. */

import { CloseButton } from "@mantine/core";
import { IconHourglassEmpty } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useRoute } from "wouter";
import { useFetched } from "../../lib/http";
import type { Me } from "../../lib/locale";
import { titleOf } from "../../lib/openSessions";
import { usePreference } from "../../lib/preferences";
import type { SessionLines } from "../../protocol/protocol.gen";
import classes from "./ExpiredNotice.module.css";
import { daysText, expiredSearch, toldMoment, toldPreference, untold } from "./expired";

/** Asked for when the page is loaded, and never again; it waits while a Session is on screen, since a call goes first. */
export function ExpiredNotice({ person, policy }: Pick<Me, "person" | "policy">) {
  const [told, setTold] = usePreference(toldPreference(person.id), "");
  const [search] = useState(() => expiredSearch(person.id, toldMoment(told, Date.now())));
  const found = useFetched<SessionLines>(`/api/sessions?${search}`);
  const [is_in_call] = useRoute("/sessions/:session_id");
  const news = found.phase === "ready" ? untold(found.value.lines, toldMoment(told, Date.now())) : [];
  const [last] = news;
  if (last === undefined || is_in_call) return null;
  const dismiss = (): void => setTold(String(Math.max(...news.map(({ changed_ms }) => changed_ms))));
  const waited = `paused for ${daysText(policy.expires_ms)}`;
  return (
    <div className={classes.notice} role="status">
      <IconHourglassEmpty size={17} aria-hidden="true" className={classes.icon} />
      <span className={classes.text}>
        {news.length === 1 ? (
          <>
            <Link href={`/sessions/${last.session_id}`} className={classes.link} onClick={dismiss}>
              {titleOf(last)}
            </Link>{" "}
            expired: it was {waited}.
          </>
        ) : (
          <>
            <Link href={`/sessions?${search}`} className={classes.link} onClick={dismiss}>
              {news.length} Sessions
            </Link>{" "}
            expired: each was {waited}.
          </>
        )}
      </span>
      <CloseButton aria-label="Dismiss" onClick={dismiss} />
    </div>
  );
}
