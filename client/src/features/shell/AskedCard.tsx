/**
 * What somebody asks this person to take over, or gave them, in one place over every page: it moves nothing and takes
 * no focus. Rules TR7, TR10 and RA7.
 */

import { Button, CloseButton, Kbd } from "@mantine/core";
import { IconTransferIn, IconUserShare } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { titleOf } from "../../lib/openSessions";
import { formatElapsed, useNow } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { LiveSession, LiveTransfer } from "../../protocol/protocol.gen";
import { sendFromOutside, useConnection, useSync } from "../../sync";
import classes from "./AskedCard.module.css";

/** Over a dialog, too: the card lies above it. */
const ANYWHERE = ["answers", "one_line_field", "choice", "input", "overlay", "elsewhere"] as const;
/** As of suggestions: whoever presses in the moment in which it comes means something else. */
const RIPE_AFTER_MS = 400;
/** Long enough to read that there is nothing to answer any more. */
const OVER_MS = 8_000;

interface Asking {
  readonly session: LiveSession;
  readonly transfer: LiveTransfer;
}

interface AskedCardProps extends Omit<GivenProps, "session" | "more"> {
  asked: readonly LiveSession[];
  given: readonly LiveSession[];
}

/** What is asked passes: it comes before what was given. */
export function AskedCard({ asked, given, ...props }: AskedCardProps) {
  const first = asked[0];
  const asking = first?.transfer ? { session: first, transfer: first.transfer } : null;
  const [last, setLast] = useState<Asking | null>(asking);
  const [answered, setAnswered] = useState("");
  if (asking !== null && asking.session !== last?.session) setLast(asking);
  if (asking !== null) {
    return (
      <One
        key={keyOf(asking)}
        asking={asking}
        more={asked.length - 1}
        onAnswer={(is_sent) => setAnswered(is_sent ? keyOf(asking) : "")}
      />
    );
  }
  if (last !== null && keyOf(last) !== answered) {
    return <Over key={keyOf(last)} asking={last} onClose={() => setLast(null)} />;
  }
  const news = given.at(-1);
  if (news === undefined) return null;
  return <Given key={`${news.session_id} ${news.given?.at_ms}`} session={news} more={given.length - 1} {...props} />;
}

function keyOf({ session, transfer }: Asking): string {
  return `${session.session_id} ${transfer.id}`;
}

interface OneProps {
  asking: Asking;
  more: number;
  onAnswer: (is_sent: boolean) => void;
}

function One({ asking: { session, transfer }, more, onAnswer }: OneProps) {
  const sync = useSync();
  const [, navigate] = useLocation();
  const is_ripe = useIsRipe();
  const [is_sent, setSent] = useState(false);
  const [is_refused, setRefused] = useState(false);
  const answer = async (type: "accept_transfer" | "decline_transfer"): Promise<void> => {
    if (!is_ripe || is_sent) return;
    setSent(true);
    onAnswer(true);
    const refused = await sendFromOutside(sync, session.session_id, { type, transfer_id: transfer.id });
    if (refused !== null) {
      setSent(false);
      setRefused(true);
      onAnswer(false);
    } else if (type === "accept_transfer") navigate(`/sessions/${session.session_id}`);
  };
  const accept = (): void => void answer("accept_transfer");
  const decline = (): void => void answer("decline_transfer");
  const when = (): boolean => is_ripe;
  usePalette([
    {
      id: "accept_transfer",
      label: `Take over “${titleOf(session)}”`,
      keys: ["Shift+F9"],
      places: ANYWHERE,
      when,
      run: accept,
    },
    {
      id: "decline_transfer",
      label: `Decline to take over “${titleOf(session)}”`,
      keys: ["Mod+Shift+F9"],
      places: ANYWHERE,
      when,
      run: decline,
    },
  ]);
  return (
    <section className={classes.card} aria-label="Asked to take over">
      <p className={classes.head}>
        <IconTransferIn size={18} aria-hidden="true" />
        <span className={classes.who}>
          <strong>{transfer.by.name}</strong> asks {transfer.team === null ? "you" : transfer.team.name} to take over
        </span>
        <Left until_ms={transfer.until_ms} />
      </p>
      <p className={classes.what}>
        {titleOf(session)} · {session.section_name}
        {session.status === "paused" && " · paused"}
        {more > 0 && ` · and ${more} more`}
      </p>
      {transfer.note !== null && (
        <p className={classes.note} title={transfer.note}>
          “{transfer.note}”
        </p>
      )}
      <p className={classes.how}>
        {transfer.warm
          ? "You watch first; it is yours when it is handed over."
          : "It is yours, and you drive, at once."}
      </p>
      {is_refused && <p role="alert">It could not be done; somebody else may have been faster.</p>}
      <div className={classes.buttons}>
        <Button size="compact-md" loading={is_sent} aria-keyshortcuts="Shift+F9" onClick={accept}>
          {transfer.warm ? "Come" : "Accept"}
          <Kbd className={classes.key} aria-hidden="true">
            Shift F9
          </Kbd>
        </Button>
        <Button
          size="compact-md"
          variant="default"
          disabled={is_sent}
          aria-keyshortcuts="Control+Shift+F9"
          onClick={decline}
        >
          Decline
        </Button>
      </div>
    </section>
  );
}

interface GivenProps {
  session: LiveSession;
  more: number;
  person_id: string;
  onPutAway: (session: LiveSession) => void;
}

function Given({ session, more, person_id, onPutAway }: GivenProps) {
  const [, navigate] = useLocation();
  const is_ripe = useIsRipe();
  const open = (): void => {
    if (is_ripe) navigate(`/sessions/${session.session_id}`);
  };
  return (
    <section className={classes.card} aria-label="Given to you">
      <p className={classes.head}>
        <IconUserShare size={18} aria-hidden="true" />
        <span className={classes.who}>
          <strong>{session.given?.by.name}</strong> gave you a call
        </span>
        <CloseButton aria-label="Put away" onClick={() => is_ripe && onPutAway(session)} />
      </p>
      <p className={classes.what}>{titleOf(session)}</p>
      <p>
        {session.title !== "" && `${session.workflow_name} · `}
        {session.section_name}
        {session.status === "paused" && " · paused"}
        {more > 0 && ` · and ${more} more`}
      </p>
      <p className={classes.how}>{whatItWaitsFor(session, person_id)}</p>
      <div className={classes.buttons}>
        <Button size="compact-md" onClick={open}>
          Open it
        </Button>
      </div>
    </section>
  );
}

function whatItWaitsFor({ status, driver }: LiveSession, person_id: string): string {
  if (status === "paused") return "It is yours, and waits for you to resume it.";
  return driver.id === person_id ? "It is yours, and you drive." : `It is yours; ${driver.name} drives.`;
}

function useIsRipe(): boolean {
  const [is_ripe, setRipe] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRipe(true), RIPE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return is_ripe;
}

function Left({ until_ms }: { until_ms: number }) {
  const { server_offset_ms } = useConnection();
  return (
    <span className="tabular" title="Time to answer">
      {formatElapsed(until_ms - useNow() - server_offset_ms)}
    </span>
  );
}

function Over({ asking: { session, transfer }, onClose }: { asking: Asking; onClose: () => void }) {
  useEffect(() => {
    const timer = setTimeout(onClose, OVER_MS);
    return () => clearTimeout(timer);
  }, [onClose]);
  return (
    <section className={classes.card} aria-label="Asked to take over">
      <p className={classes.head} role="status">
        <span className={classes.who}>
          “{titleOf(session)}” of {transfer.by.name} does not wait for you any more: it was answered, taken back, or the
          time was over.
        </span>
        <CloseButton aria-label="Dismiss" onClick={onClose} />
      </p>
    </section>
  );
}
