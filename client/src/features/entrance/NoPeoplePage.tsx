/** A new installation: nobody can sign in yet, and whoever runs it makes the first administrator. */

import { Button } from "@mantine/core";
import { CopyButton } from "../../ui/CopyButton";
import { MessagePage } from "../../ui/MessagePage";
import classes from "./Entrance.module.css";

const COMMAND = 'sidecoach people add you@example.com --name "Your Name" --role admin';

export function NoPeoplePage() {
  return (
    <MessagePage
      title="Add the first person"
      text="Nobody can sign in yet. Where Sidecoach runs, make yourself an administrator; it answers with a link on which you choose your password. The start message has the command with all its flags."
    >
      <div className={classes.command}>
        <code>{COMMAND}</code>
        <CopyButton label="Copy the command" text={() => COMMAND} size={36} />
      </div>
      <div>
        <Button variant="default" onClick={() => location.reload()}>
          I have a password now
        </Button>
      </div>
    </MessagePage>
  );
}
