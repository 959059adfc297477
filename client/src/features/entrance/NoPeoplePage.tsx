/** A new installation: nobody can sign in yet, and whoever runs it makes the first administrator. */

import { Button } from "@mantine/core";
import { Copyable } from "../../ui/Copyable";
import { MessagePage } from "../../ui/MessagePage";

const COMMAND = 'sidecoach people add you@example.com --name "Your Name" --role admin';

export function NoPeoplePage() {
  return (
    <MessagePage
      title="Add the first person"
      text="Nobody can sign in yet. Where Sidecoach runs, make yourself an administrator; it answers with a link on which you choose your password. The start message has the command with all its flags."
    >
      <Copyable label="Copy the command" text={COMMAND} />
      <div>
        <Button variant="default" onClick={() => location.reload()}>
          I have a password now
        </Button>
      </div>
    </MessagePage>
  );
}
