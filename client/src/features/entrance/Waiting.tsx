import { Loader } from "@mantine/core";
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
