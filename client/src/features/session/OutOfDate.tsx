import { Button } from "@mantine/core";
import type { ShownAction } from "./actions";
import { useLive } from "./live";
import classes from "./RecordActions.module.css";

/** A Field changed after it was sent: what was sent, what it is now, and a second send with that. */
export function OutOfDate({ shown: { action, name } }: { shown: ShownAction }) {
  const { actions, act, may_act } = useLive();
  const old = action.leaves.filter(({ template_text }) => template_text !== null);
  const is_prepared = actions.some(
    (each) => each.action.corrects === action.id && each.action.status !== "removed" && each.action.status !== "sent",
  );
  return (
    <section className={classes.old_box} aria-label={`Out of date: ${name}`}>
      <p className={classes.small}>Fields changed after it was sent.</p>
      {old.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">Sent</th>
              <th scope="col">Now</th>
            </tr>
          </thead>
          <tbody>
            {old.map(({ path, label, text, template_text }) => (
              <tr key={path}>
                <th scope="row">{label}</th>
                <td>{text || "nothing"}</td>
                <td>{template_text || "nothing"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {is_prepared && <p className={classes.small}>A corrected send is prepared.</p>}
      {!is_prepared && may_act && (action.status === "sent" || action.status === "unknown") && (
        <Button
          size="compact-md"
          variant="default"
          onClick={() => act({ type: "correct_action", action_id: action.id })}
        >
          Prepare a corrected send
        </Button>
      )}
    </section>
  );
}
