/** A strip of one's own open Sessions: title, timer, state; one key goes to the next one. */

import { IconPhoneCall, IconPlayerPause } from "@tabler/icons-react";
import { Link, useLocation, useRoute } from "wouter";
import { nextSession, titleOf, useOpenSessions } from "../../lib/openSessions";
import { useNow } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { LiveSession } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { Elapsed } from "../../ui/Elapsed";
import classes from "./OpenSessions.module.css";

const ANYWHERE = ["answers", "one_line_field", "input", "elsewhere"] as const;

export function OpenSessions({ person_id }: { person_id: string }) {
  const sessions = useOpenSessions(person_id);
  const [, navigate] = useLocation();
  const [, route] = useRoute("/sessions/:session_id");
  const here = route?.session_id ?? null;
  const goTo = (session: LiveSession | null): void => {
    if (session !== null) navigate(`/sessions/${session.session_id}`);
  };
  const is_choice = sessions.some(({ session_id }) => session_id !== here);
  usePalette([
    {
      id: "next_session",
      label: "Next open Session",
      keys: ["F8"],
      places: ANYWHERE,
      when: () => is_choice,
      run: () => goTo(nextSession(sessions, here, 1)),
    },
    {
      id: "previous_session",
      label: "Previous open Session",
      keys: ["Shift+F8"],
      places: ANYWHERE,
      when: () => is_choice,
      run: () => goTo(nextSession(sessions, here, -1)),
    },
    ...sessions
      .filter(({ session_id }) => session_id !== here)
      .map((session) => ({
        id: `go_${session.session_id}`,
        label: `Open “${titleOf(session)}”`,
        keys: [],
        places: [],
        run: () => goTo(session),
      })),
  ]);
  if (!is_choice) return null;
  return (
    <nav className={classes.strip} aria-label="Open Sessions" title="F8 goes to the next one">
      <ul className={classes.list}>
        {sessions.map((session) => (
          <li key={session.session_id} className={classes.place}>
            <Link
              href={`/sessions/${session.session_id}`}
              className={classes.session}
              aria-current={session.session_id === here ? "page" : undefined}
            >
              <State session={session} />
              <span className={classes.title}>{titleOf(session)}</span>
              <Timer session={session} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function State({ session: { status, call_back_ms } }: { session: LiveSession }) {
  const { server_offset_ms } = useConnection();
  const is_due = useNow() + server_offset_ms >= (call_back_ms ?? Number.POSITIVE_INFINITY);
  if (status === "active" || status === "reviewing") {
    return (
      <span className={classes.active}>
        <span className="visually-hidden">{status === "active" ? "Active" : "In review"}</span>
      </span>
    );
  }
  return is_due ? (
    <IconPhoneCall size={15} className={classes.due} aria-label="Call back is due" />
  ) : (
    <IconPlayerPause size={15} className={classes.paused} aria-label="Paused" />
  );
}

function Timer({ session }: { session: LiveSession }) {
  const { server_offset_ms } = useConnection();
  const since_ms = session.status === "paused" ? session.changed_ms : session.started_ms;
  return (
    <span className={classes.timer} title={session.status === "paused" ? "Paused for" : "Time in the call"}>
      <Elapsed since_ms={since_ms} offset_ms={server_offset_ms} />
    </span>
  );
}
