import classes from "./Copyable.module.css";
import { CopyButton } from "./CopyButton";

/** A line for another place than this page: a command, a link, a secret. */
export function Copyable({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.box}>
      <code>{text}</code>
      <CopyButton label={label} text={() => text} size={36} />
    </div>
  );
}
