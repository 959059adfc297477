import classes from "./Entrance.module.css";

/** Whose door it is. */
export function Brand() {
  return (
    <p className={classes.brand}>
      <span className={classes.logo} aria-hidden="true" />
      Sidecoach
    </p>
  );
}
