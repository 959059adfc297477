import { Button, Loader } from "@mantine/core";
import { MessagePage } from "../../ui/MessagePage";
import classes from "./Entrance.module.css";

/** Until it is known which door there is. */
export function Waiting() {
  return (
    <main className={classes.page}>
      <title>Sidecoach</title>
      <Loader size="sm" aria-label="Loading" />
    </main>
  );
}

/** No answer came, or none that helps. */
export function Unreachable() {
  return (
    <MessagePage title="The server cannot be reached" text="Trying again every few seconds.">
      <div>
        <Button variant="default" onClick={() => location.reload()}>
          Try now
        </Button>
      </div>
    </MessagePage>
  );
}
