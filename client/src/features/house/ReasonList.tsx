import { ActionIcon, Button, Kbd, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconEyeOff, IconPlus } from "@tabler/icons-react";
import { useRef } from "react";
import type { EndReason, GivenReason } from "../../protocol/protocol.gen";
import classes from "./SettingsPage.module.css";
import { moved } from "./settings";

/** One number key each. */
const MOST = 9;

interface ReasonListProps {
  reasons: readonly GivenReason[];
  /** All that ever were, for those that are offered no more. */
  known: readonly EndReason[];
  onChange: (reasons: readonly GivenReason[]) => void;
}

/** Why a Session is ended early: the list that agents choose from, in the order of its number keys. Rule SG7. */
export function ReasonList({ reasons, known, onChange }: ReasonListProps) {
  const list = useRef<HTMLOListElement>(null);
  const labels = new Set(reasons.map(({ label }) => label));
  const hidden = known.filter(({ label }) => !labels.has(label));
  const rename = (place: number, label: string): void =>
    onChange(reasons.map((reason, each) => (each === place ? { ...reason, label } : reason)));
  const move = (place: number, by: -1 | 1): void => {
    onChange(moved(reasons, place, by));
    // The row moves with its buttons: the one that was pressed would be another reason's.
    requestAnimationFrame(() => focusAt(place + by, by === -1 ? "up" : "down"));
  };
  const focusAt = (place: number, part: string): void => {
    const row = list.current?.children[place];
    const wanted = row?.querySelector<HTMLElement>(`[data-part=${part}]:not(:disabled)`);
    (wanted ?? row?.querySelector<HTMLElement>("input"))?.focus();
  };
  const add = (reason: GivenReason): void => {
    onChange([...reasons, reason]);
    requestAnimationFrame(() => focusAt(reasons.length, "label"));
  };
  return (
    <>
      <ol className={classes.reasons} ref={list}>
        {reasons.map((reason, place) => (
          // By place: while a label is typed nothing else stays the same of a new one.
          // biome-ignore lint/suspicious/noArrayIndexKey: rows hold no state of their own
          <li key={place} className={classes.reason}>
            <Kbd aria-hidden="true">{place + 1}</Kbd>
            <TextInput
              className={classes.grow}
              data-part="label"
              aria-label={`Reason ${place + 1}`}
              maxLength={200}
              value={reason.label}
              onChange={(event) => rename(place, event.currentTarget.value)}
            />
            <Tool label={`Move ${name(reason)} up`} part="up" is_off={place === 0} onPress={() => move(place, -1)}>
              <IconArrowUp size={17} />
            </Tool>
            <Tool
              label={`Move ${name(reason)} down`}
              part="down"
              is_off={place === reasons.length - 1}
              onPress={() => move(place, 1)}
            >
              <IconArrowDown size={17} />
            </Tool>
            <Tool
              label={`Offer ${name(reason)} no more`}
              part="hide"
              onPress={() => {
                onChange(reasons.filter((_, each) => each !== place));
                requestAnimationFrame(() => focusAt(Math.max(0, place - 1), "hide"));
              }}
            >
              <IconEyeOff size={17} />
            </Tool>
          </li>
        ))}
      </ol>
      {reasons.length === 0 && <p className={classes.help}>None: a Session is then ended without a reason.</p>}
      <div className={classes.buttons}>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          disabled={reasons.length >= MOST}
          onClick={() => add({ key: null, label: "" })}
        >
          Add a reason
        </Button>
        {reasons.length >= MOST && <span className={classes.help}>Nine at most: one number key each.</span>}
      </div>
      {hidden.length > 0 && (
        <details className={classes.more}>
          <summary>Offered no more ({hidden.length})</summary>
          <ul className={classes.hidden}>
            {hidden.map(({ key, label }) => (
              <li key={key}>
                <span>{label}</span>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`Offer ${label} again`}
                  disabled={reasons.length >= MOST}
                  onClick={() => add({ key, label })}
                >
                  Offer again
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface ToolProps {
  label: string;
  part: string;
  is_off?: boolean;
  onPress: () => void;
  children: React.ReactNode;
}

function Tool({ label, part, is_off = false, onPress, children }: ToolProps) {
  return (
    <ActionIcon
      className={classes.tool ?? ""}
      variant="subtle"
      color="gray"
      aria-label={label}
      title={label}
      data-part={part}
      disabled={is_off}
      onClick={onPress}
    >
      {children}
    </ActionIcon>
  );
}

function name({ label }: GivenReason): string {
  return label.trim() === "" ? "the new one" : label;
}
