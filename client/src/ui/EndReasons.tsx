import { Kbd } from "@mantine/core";
import type { EndReason, Key } from "../protocol/protocol.gen";
import { DeliberateButton } from "./DeliberateButton";
import classes from "./EndReasons.module.css";

interface EndReasonsProps {
  label: string;
  reasons: readonly EndReason[];
  disabled?: boolean;
  /** The keys 1 to 9 stand for them, and the first one gets the focus. */
  is_numbered?: boolean;
  /** Null where the installation has no list of reasons. */
  onEnd: (reason_key: Key | null) => void;
}

/** Why a Session ends early: one press ends it, and a plain Enter is no press, since nothing takes it back. */
export function EndReasons({ label, reasons, disabled = false, is_numbered = false, onEnd }: EndReasonsProps) {
  const offered = reasons.filter(({ hidden }) => !hidden);
  return (
    <fieldset className={classes.reasons} aria-label={label}>
      {offered.map((reason, place) => (
        <DeliberateButton
          key={reason.key}
          variant="default"
          justify="flex-start"
          className={classes.reason ?? ""}
          disabled={disabled}
          leftSection={is_numbered && place < 9 && <Kbd aria-hidden="true">{place + 1}</Kbd>}
          data-autofocus={(is_numbered && place === 0) || undefined}
          onPress={() => onEnd(reason.key)}
        >
          {reason.label}
        </DeliberateButton>
      ))}
      {offered.length === 0 && (
        <DeliberateButton color="red.8" disabled={disabled} onPress={() => onEnd(null)}>
          End Session
        </DeliberateButton>
      )}
    </fieldset>
  );
}
