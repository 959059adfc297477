/**
 * Immediate Actions, bottom right, over what is there: nothing moves, nothing takes the focus, nothing makes a sound.
 * Those that were sent lie on top, so that they come and go without moving those that wait. A supervisor may send and
 * edit, other watchers read. Rules AX1 to AX3.
 */

import { ActionIcon, Button, Drawer } from "@mantine/core";
import { IconBolt, IconTrash } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { persistently } from "../../lib/persistently";
import { useNow } from "../../lib/time";
import type { ActionId, Key } from "../../protocol/protocol.gen";
import { DeliberateButton } from "../../ui/DeliberateButton";
import classes from "./ActionPopover.module.css";
import { isUntreated, lockedByOther, missingOf, type ShownAction } from "./actions";
import { sentText, statusText } from "./actionWords";
import { useLive } from "./live";
import { MissingFields } from "./MissingFields";
import { SentCard } from "./SentCard";
import { useCardFocus } from "./useCardFocus";
import { useSendAction } from "./useSendAction";
import type { Waiting } from "./waiting";

const ActionForm = lazy(() => persistently(() => import("./ActionForm")).then((it) => ({ default: it.ActionForm })));

interface ActionPopoverProps {
  waiting: Waiting;
  onOpenField: (key: Key) => void;
}

export function ActionPopover({ waiting, onOpenField }: ActionPopoverProps) {
  const { actions } = useLive();
  const [opened_id, setOpened] = useState<ActionId | null>(null);
  const opened = actions.find(({ action }) => action.id === opened_id);
  const close = (): void => setOpened(null);
  const { held, keep } = useCardFocus();
  const { cards, sent, is_unfolded } = waiting;
  const number = cards.length + sent.length;
  return (
    <>
      {number > 0 && (
        <div className={classes.cards} {...held}>
          {is_unfolded && number > 1 && (
            <Button size="compact-sm" variant="default" className={classes.fold ?? ""} onClick={waiting.fold}>
              Hide all {number}
            </Button>
          )}
          {sent.length > 0 && (
            <section className={classes.pile} aria-label="Actions sent">
              {sent.map((shown) => (
                <SentCard
                  key={shown.action.id}
                  shown={shown}
                  onOpen={() => setOpened(shown.action.id)}
                  onHide={() => waiting.hide(shown.action)}
                />
              ))}
            </section>
          )}
          {cards.length > 0 && (
            <section className={classes.pile} aria-label="Actions waiting">
              {cards.map((shown) => (
                <ActionCard
                  key={shown.action.id}
                  shown={shown}
                  onOpenField={onOpenField}
                  onOpen={() => setOpened(shown.action.id)}
                  onHide={() => waiting.hide(shown.action)}
                />
              ))}
            </section>
          )}
        </div>
      )}
      <Drawer
        opened={opened !== undefined}
        onClose={close}
        onExitTransitionEnd={keep}
        position="right"
        size={480}
        title={opened?.name ?? ""}
      >
        {opened !== undefined && (
          <Suspense fallback={<p>Loading…</p>}>
            <ActionForm
              shown={opened}
              onOpenField={(key) => {
                close();
                setTimeout(() => onOpenField(key), FOCUS_BACK_MS);
              }}
            />
            <Details shown={opened} onDone={close} />
          </Suspense>
        )}
      </Drawer>
    </>
  );
}

/** A drawer that closes gives the focus back; what is opened takes it after that. */
const FOCUS_BACK_MS = 50;

interface ActionCardProps {
  shown: ShownAction;
  onOpenField: (key: Key) => void;
  onOpen: () => void;
  onHide: () => void;
}

function ActionCard({ shown, onOpenField, onOpen, onHide }: ActionCardProps) {
  const { name, target } = shown;
  const { may_act } = useLive();
  return (
    <article className={classes.card} aria-label={name} data-card>
      <div className={classes.head}>
        <IconBolt size={17} aria-hidden="true" className={classes.bolt} />
        <p className={classes.what}>
          <strong className={classes.name}>{name}</strong>
          {target !== "" && <span className={classes.target}>to {target}</span>}
        </p>
        {may_act && <Remove shown={shown} />}
      </div>
      <Standing shown={shown} onOpenField={onOpenField} />
      <div className={classes.buttons} data-card-buttons>
        {may_act && <Send shown={shown} />}
        <Button size="compact-sm" variant="default" onClick={onOpen}>
          View Details
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={onHide}>
          Hide
        </Button>
      </div>
    </article>
  );
}

/** Why it cannot be sent, or what became of it; one line at most. */
function Standing({ shown, onOpenField }: { shown: ShownAction; onOpenField: (key: Key) => void }) {
  const { person, offset_ms, head } = useLive();
  const now_ms = useNow() + offset_ms;
  const { action } = shown;
  const other = lockedByOther(action, person.id, now_ms);
  if (other !== null) return <p className={classes.standing}>{other.name} is editing this</p>;
  const missing = missingOf(action);
  if (missing.length > 0) return <MissingFields keys={missing} onOpenField={onOpenField} />;
  const wrong = action.leaves.find(({ problem }) => problem !== null);
  if (wrong !== undefined) {
    return (
      <p className={classes.wrong}>
        {wrong.label}: {wrong.problem}
      </p>
    );
  }
  if (!action.valid) return <p className={classes.wrong}>Its Integration is not installed here</p>;
  const nameOf = (): string => "another Action";
  if (action.status === "failed")
    return <p className={classes.wrong}>{sentText(shown, nameOf, now_ms, head.training)}</p>;
  const text = statusText(shown, nameOf, now_ms);
  return text === "" ? null : <p className={classes.standing}>{text}</p>;
}

function Send({ shown }: { shown: ShownAction }) {
  const { may_send, send } = useSendAction(shown);
  return (
    <DeliberateButton size="compact-sm" disabled={!may_send} onPress={() => send()}>
      Send
    </DeliberateButton>
  );
}

function Remove({ shown: { action, template, name } }: { shown: ShownAction }) {
  const { act } = useLive();
  if (!template.removable) return null;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={28}
      aria-label={`Remove ${name}`}
      title="Remove: it is not sent"
      onClick={() => act({ type: "remove_action", action_id: action.id, removed: true })}
    >
      <IconTrash size={16} />
    </ActionIcon>
  );
}

function Details({ shown, onDone }: { shown: ShownAction; onDone: () => void }) {
  const { may_act } = useLive();
  const { may_send, send } = useSendAction(shown);
  if (!may_act || !isUntreated(shown.action)) return null;
  return (
    <div className={classes.details}>
      <DeliberateButton
        disabled={!may_send}
        onPress={() => {
          send();
          onDone();
        }}
      >
        Send
      </DeliberateButton>
      <Remove shown={shown} />
    </div>
  );
}
