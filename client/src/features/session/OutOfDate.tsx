import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import type { ActionId, ShownStatus } from "../../protocol/protocol.gen";
import { correctionOf, type ShownAction } from "./actions";
import { useLive } from "./live";
import classes from "./RecordActions.module.css";
import { buttonId } from "./recordIds";

const CORRECTION_WORDS: Record<ShownStatus, string> = {
  not_fired: "is prepared",
  pending: "is on its way",
  sent: "went out",
  failed: "failed",
  unknown: "may have gone out",
};

/** Its line; it may lie far below. */
function goTo(action_id: ActionId): void {
  document.getElementById(buttonId(action_id))?.focus();
}

/** A Field changed after it was sent: what was sent, what it is now, and a second send with that. */
export function OutOfDate({ shown: { action, name } }: { shown: ShownAction }) {
  const { actions, act, may_act } = useLive();
  const old = action.leaves.filter(({ template_text }) => template_text !== null);
  const is_waiting = action.shown === "pending";
  const correction = correctionOf(action, actions);
  const [is_preparing, setPreparing] = useState(false);
  const correction_id = correction?.id ?? null;
  useEffect(() => {
    // Whoever asked for it goes on there.
    if (!is_preparing || correction_id === null) return;
    setPreparing(false);
    goTo(correction_id);
  }, [is_preparing, correction_id]);
  return (
    <section className={classes.old_box} aria-label={`Out of date: ${name}`}>
      <p className={classes.small}>
        {is_waiting
          ? "Fields changed after it was fired. It goes out with what they said then."
          : "Fields changed after it was sent."}
      </p>
      {old.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Value</th>
              <th scope="col">{is_waiting ? "Goes out" : "Sent"}</th>
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
      {correction !== null && (
        <p className={classes.small}>
          A corrected send {CORRECTION_WORDS[correction.shown]}.{" "}
          <button type="button" className={classes.link} onClick={() => goTo(correction.id)}>
            Go to it
          </button>
        </p>
      )}
      {correction === null && may_act && action.status === "sent" && (
        <Button
          size="compact-md"
          variant="default"
          onClick={() => {
            act({ type: "correct_action", action_id: action.id });
            setPreparing(true);
          }}
        >
          Prepare a corrected send
        </Button>
      )}
    </section>
  );
}
