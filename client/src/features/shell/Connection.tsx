/** What the line to the server is like, said honestly. */

import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import { useNow } from "../../lib/time";
import { CloseCode } from "../../protocol/protocol.gen";
import { useConnection } from "../../sync";
import { MessagePage } from "../../ui/MessagePage";
import classes from "./Connection.module.css";

/** Quiet while all is well and during the first moments of a page. */
export function ConnectionBanner() {
  const { status, retry_at_ms, process } = useConnection();
  const is_down = status === "offline" || (status === "connecting" && process !== null);
  return (
    <div role="status">
      {is_down && (
        <div className={classes.banner}>
          <IconCloudOff size={17} aria-hidden="true" />
          <span>
            <strong>You are offline.</strong> What you do is kept and will be saved.
            <span className={classes.soft}>
              Keep this page open. {retry_at_ms === null ? "Connecting…" : <Countdown at_ms={retry_at_ms} />}
            </span>
          </span>
        </div>
      )}
    </div>
  );
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
