/** What became of an immediate Action that was sent during the call: a slim card that offers no second send. Rule AX1. */

import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconClockHour4, type TablerIcon } from "@tabler/icons-react";
import { useNow } from "../../lib/time";
import classes from "./ActionPopover.module.css";
import type { ShownAction } from "./actions";
import { sentText } from "./actionWords";
import { useLive } from "./live";

interface SentCardProps {
  shown: ShownAction;
  onOpen: () => void;
  onHide: () => void;
}

export function SentCard({ shown, onOpen, onHide }: SentCardProps) {
  const { actions, head, offset_ms } = useLive();
  const { action, name } = shown;
  const nameOf = (id: string): string => actions.find((each) => each.action.id === id)?.name ?? "another Action";
  const text = sentText(shown, nameOf, useNow() + offset_ms, head.training);
  const Icon: TablerIcon =
    action.status === "sent" ? IconCircleCheck : action.status === "unknown" ? IconAlertTriangle : IconClockHour4;
  return (
    <article className={classes.card} aria-label={name} data-sent-card={action.shown}>
      <div className={classes.head}>
        <Icon size={17} aria-hidden="true" className={classes.outcome} />
        <p className={classes.what}>
          <strong className={classes.name}>{name}</strong>
          <span className={classes.became}>{text}</span>
        </p>
        {action.status === "unknown" && (
          <Button size="compact-sm" variant="default" aria-label={`View Details: ${name}`} onClick={onOpen}>
            View
          </Button>
        )}
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onHide}>
          Hide
        </Button>
      </div>
    </article>
  );
}
