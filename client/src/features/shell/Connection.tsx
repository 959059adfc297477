/** What the line to the server is like, said honestly. */

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff } from "@tabler/icons-react";
import { useEffect } from "react";
import { Link } from "wouter";
import { useOutdated } from "../../lib/persistently";
import { formatMoment, useNow } from "../../lib/time";
import { CloseCode } from "../../protocol/protocol.gen";
import { useConnection, useRefusedElsewhere, useUnsaved } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";
import classes from "./Connection.module.css";

/** Quiet while all is well and during the first moments of a page. */
export function ConnectionBanner() {
  const { status, retry_at_ms, process } = useConnection();
  const elsewhere = useRefusedElsewhere();
  const is_outdated = useOutdated();
  const is_down = status === "offline" || (status === "connecting" && process !== null);
  return (
    <div role="status" className={classes.place}>
      {elsewhere.map((session_id) => (
        <div key={session_id} className={classes.banner}>
          <IconAlertTriangle size={17} aria-hidden="true" />
          <span>
            <strong>Not everything was accepted</strong>
            <span className={classes.more}> in a Session that is not on screen</span>.{" "}
            <Link href={`/sessions/${session_id}`} className={classes.link}>
              See what
            </Link>
          </span>
        </div>
      ))}
      {is_down && (
        <div className={classes.banner}>
          <IconCloudOff size={17} aria-hidden="true" />
          <span>
            <strong>You are offline.</strong>{" "}
            <span className={classes.more}>
              What you do is kept and will be saved; what you see may be out of date.
            </span>{" "}
            <Waiting />
            <span className={`${classes.soft} ${classes.more}`}>
              {retry_at_ms === null ? "Connecting…" : <Countdown at_ms={retry_at_ms} />}
            </span>
          </span>
        </div>
      )}
      {is_outdated && (
        <div className={classes.banner}>
          <IconAlertTriangle size={17} aria-hidden="true" />
          <span>
            <strong>Sidecoach was updated.</strong>{" "}
            <span className={classes.more}>Some things here do nothing until you reload; what was saved is safe.</span>{" "}
            <a href={location.pathname + location.search} className={classes.link}>
              Reload
            </a>
          </span>
        </div>
      )}
      <StayQuestion />
    </div>
  );
}

/** How much is not saved, and what of it hangs on this page. */
function Waiting() {
  const { count, since_ms, only_here } = useUnsaved();
  const { server_offset_ms } = useConnection();
  if (since_ms === null) return null;
  const since = formatMoment(since_ms, Date.now() + server_offset_ms);
  return (
    <span className={classes.soft}>
      {count === 1 ? "1 input waits" : `${count} inputs wait`}
      <span className={classes.more}> since {since}</span>.{" "}
      {only_here > 0 && (
        <strong>
          Keep this page open
          {only_here < count && (
            <span className={classes.more}>
              : {only_here === 1 ? "1 of them is" : `${only_here} of them are`} sensitive
            </span>
          )}
          .
        </strong>
      )}
    </span>
  );
}

/** The browser asks before it closes a page that is the only place of something. */
function StayQuestion() {
  const { only_here } = useUnsaved();
  const is_needed = only_here > 0;
  useEffect(() => {
    if (!is_needed) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [is_needed]);
  return null;
}

function Countdown({ at_ms }: { at_ms: number }) {
  const seconds = Math.max(0, Math.ceil((at_ms - useNow()) / 1_000));
  return <span aria-hidden="true">{seconds === 0 ? "Connecting…" : `Trying again in ${seconds} s.`}</span>;
}

/** Instead of every page, once the server has said not to come back. */
export function ClosedPage({ code }: { code: number }) {
  const { title, text, action } = words(code);
  return (
    <MessagePage title={title} text={text}>
      <div>
        <Button onClick={() => location.reload()}>{action}</Button>
      </div>
    </MessagePage>
  );
}

function words(code: number): { title: string; text: string; action: string } {
  switch (code) {
    case CloseCode.CLIENT_TOO_OLD:
      return {
        title: "Sidecoach was updated",
        text: "This page is from before the update. What was saved is safe; reload to go on.",
        action: "Reload",
      };
    case CloseCode.NOT_SIGNED_IN:
      return {
        title: "You are signed out",
        text: "Your sign-in ended on this computer or on another one. What was saved is safe.",
        action: "Sign in",
      };
    case CloseCode.FORBIDDEN:
      return {
        title: "This is not open to you",
        text: "The server closed the connection because you may not use it.",
        action: "Try again",
      };
    default:
      return {
        title: "The connection was closed",
        text: `The server will not go on with this page (code ${code}). What was saved is safe.`,
        action: "Reload",
      };
  }
}
