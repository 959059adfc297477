/**
 * Review Actions: what was triggered is looked at, mended, removed, and then fired with completing. The Fields stay
 * beside it, so that what is missing can be typed. Rules AX4 to AX6.
 */

import { Alert, Button } from "@mantine/core";
import { IconArrowLeft, IconBolt } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import type { Key, View } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import { changedSince, inStandingOrder, mayApprove, reviewOrder, type ShownAction } from "./actions";
import { counted, leadText } from "./actionWords";
import { useLive } from "./live";
import { ReviewLine } from "./ReviewLine";
import classes from "./ReviewPanel.module.css";

interface ReviewPanelProps {
  onOpenField: (key: Key) => void;
  onComplete: () => void;
  /** What was on screen when completing was asked for; null before that. */
  asked: View["actions"] | null;
}

export function ReviewPanel({ onOpenField, onComplete, asked }: ReviewPanelProps) {
  const { actions, is_driving, act, head, person } = useLive();
  const { reviewed, automatic } = reviewOrder(actions, (action) => mayApprove(action, head, person));
  const [standing] = useState(() => reviewed.map(({ action }) => action.id));
  const lines = inStandingOrder(standing, reviewed);
  const changes = useChanges(asked);
  return (
    <main className={classes.panel} aria-label="Review Actions">
      <div className={classes.scroll}>
        <div className={classes.column}>
          <Heading takes_focus={is_driving} />
          <p className={classes.lead}>{leadText(reviewed)}</p>
          {changes !== null && (
            <Alert color="yellow" variant="light" className={classes.changed} role="alert">
              {changes.by} changed something since you looked. Nothing was sent: look again, then fire.
            </Alert>
          )}
          <ul className={classes.lines}>
            {lines.map((shown) => (
              <ReviewLine
                key={shown.action.id}
                shown={shown}
                is_changed={changes?.ids.has(shown.action.id) ?? false}
                onOpenField={onOpenField}
              />
            ))}
          </ul>
          {automatic.length > 0 && <Automatic automatic={automatic} />}
        </div>
      </div>
      <div className={classes.foot}>
        <div className={classes.column}>
          <Button
            variant="default"
            px="xs"
            disabled={!is_driving}
            leftSection={<IconArrowLeft size={17} aria-hidden="true" />}
            aria-keyshortcuts="R"
            onClick={() => act({ type: "leave_review" })}
          >
            <span>
              Back<span className={classes.whither}> to the Section</span>
            </span>
          </Button>
          <DeliberateButton
            data-complete
            size="md"
            px="md"
            disabled={!is_driving}
            leftSection={<IconBolt size={18} aria-hidden="true" />}
            aria-keyshortcuts="Control+Shift+Enter"
            onPress={onComplete}
          >
            Complete Session & Fire Actions
          </DeliberateButton>
        </div>
      </div>
    </main>
  );
}

/** The driver's focus comes here, so that it is read out; a watcher's stays where it is. */
function Heading({ takes_focus }: { takes_focus: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const take = useEffectEvent(() => {
    if (takes_focus && document.hasFocus()) heading.current?.focus({ preventScroll: true });
  });
  useEffect(() => take(), []);
  return (
    <h1 ref={heading} tabIndex={-1} className={classes.heading} data-section-name>
      Review Actions
    </h1>
  );
}

/** What somebody else changed while completing was on its way; null if that was not the matter. */
function useChanges(asked: View["actions"] | null) {
  const { model, view, person } = useLive();
  const is_refused = model.refusals.some(
    ({ code, command }) => code === "review_changed" && command.type === "complete",
  );
  return is_refused && asked !== null ? changedSince(asked, view.actions, person.id) : null;
}

function Automatic({ automatic }: { automatic: readonly ShownAction[] }) {
  return (
    <details className={classes.automatic}>
      <summary>
        {counted(automatic.length, "Action")} sent by {automatic.length === 1 ? "itself" : "themselves"} after
        completion
      </summary>
      <ul>
        {automatic.map(({ action, name, target }) => (
          <li key={action.id}>
            <strong>{name}</strong>
            {target !== "" && ` to ${target}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
