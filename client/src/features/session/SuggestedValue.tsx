/**
 * A value that somebody suggests for a Field, in its place: over the control while nobody is in it, else as a mark
 * beside the label. It takes no room of its own, never the focus, and counts nothing in its first moment.
 */

import { CloseButton, Kbd } from "@mantine/core";
import { useRef, useState } from "react";
import type { FieldDefinition, FieldView, SuggestionView } from "../../protocol/protocol.gen";
import { focusIn } from "./focus";
import { useLive } from "./live";
import classes from "./SuggestedValue.module.css";
import { valueText } from "./suggestions";
import { useStood } from "./useStood";
import { heldText } from "./words";

interface SuggestedProps {
  field: FieldDefinition;
  suggestion: SuggestionView;
}

/** What fits two lines of the narrowest Field, and need not scroll. */
const SHORT = 24;

/** Over the control. Key it by the suggestion, so that another one has its own first moment. */
export function SuggestedValue({ field, held, suggestion }: SuggestedProps & { held: FieldView | undefined }) {
  const { is_ripe, accept, dismiss, box } = useDeciding(suggestion);
  const { is_driving } = useLive();
  const was = held === undefined || held.masked ? "" : heldText(field, held);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: a click leads to the control that it covers; keys go there by themselves
    <div
      ref={box}
      className={classes.over}
      data-suggested={suggestion.id}
      data-ripe={is_ripe || undefined}
      onMouseDown={(event) => event.preventDefault()}
      onClick={(event) => {
        const row = event.currentTarget.closest<HTMLElement>("[data-field]");
        const is_button = event.target instanceof Element && event.target.closest("button") !== null;
        if (!is_button && row !== null) focusIn(row);
      }}
    >
      <span className={classes.value} tabIndex={valueText(field, suggestion).length > SHORT ? 0 : undefined}>
        <strong>{valueText(field, suggestion)}</strong>
        {was !== "" && (
          <>
            {" "}
            <s>{was}</s>
          </>
        )}
      </span>
      {is_driving && (
        <>
          <button type="button" data-accept className={classes.accept} aria-keyshortcuts="Control+." onClick={accept}>
            <span>
              Accept<span className="visually-hidden"> the suggestion for {field.label}</span>
            </span>
            <Kbd className={classes.key} aria-hidden="true">
              Ctrl .
            </Kbd>
          </button>
          <CloseButton
            size="sm"
            iconSize={16}
            aria-label={`Dismiss the suggestion for ${field.label}`}
            aria-keyshortcuts="Control+Shift+."
            data-dismiss
            onClick={dismiss}
          />
        </>
      )}
    </div>
  );
}

/** Beside the label of a Field that somebody is in: it waits. */
export function SuggestedMark({ field, suggestion }: SuggestedProps) {
  const { is_ripe, accept, dismiss, box } = useDeciding(suggestion);
  const { is_driving } = useLive();
  return (
    <span ref={box} className={classes.mark} data-suggested={suggestion.id} data-ripe={is_ripe || undefined}>
      <span className={classes.value} title={`Suggested by ${suggestion.by.name}`}>
        {valueText(field, suggestion)}
      </span>
      {is_driving && (
        <button
          type="button"
          tabIndex={-1}
          data-accept
          className={classes.small}
          onMouseDown={(event) => event.preventDefault()}
          onClick={accept}
        >
          <span className="visually-hidden">Accept the suggestion for {field.label}</span>
          <Kbd className={classes.key} aria-hidden="true">
            Ctrl .
          </Kbd>
        </button>
      )}
      {is_driving && (
        <button type="button" hidden data-dismiss onClick={dismiss}>
          Dismiss the suggestion for {field.label}
        </button>
      )}
    </span>
  );
}

/** Accepting and dismissing, once each, and not before it can have been seen. */
export function useDeciding({ id }: SuggestionView) {
  const { act, model } = useLive();
  const box = useRef<HTMLDivElement & HTMLSpanElement>(null);
  const has_stood = useStood();
  const [is_decided, setDecided] = useState(false);
  const is_refused = model.refusals.some(
    ({ command }) =>
      (command.type === "accept_suggestion" || command.type === "dismiss_suggestion") && command.suggestion_id === id,
  );
  const is_ripe = has_stood && (!is_decided || is_refused);
  const decide = (type: "accept_suggestion" | "dismiss_suggestion"): void => {
    if (!is_ripe) return;
    setDecided(true);
    act({ type, suggestion_id: id });
    const row = box.current?.closest<HTMLElement>("[data-field]") ?? null;
    const active = document.activeElement;
    if (row === null || !(active instanceof HTMLElement) || !row.contains(active)) return;
    // What goes leaves the focus in its Field; whoever types there goes on.
    if (type === "dismiss_suggestion" && box.current?.contains(active) !== true) return;
    // What was being typed is over; whoever was here stays in this Field.
    active.blur();
    focusIn(row);
  };
  return { box, is_ripe, accept: () => decide("accept_suggestion"), dismiss: () => decide("dismiss_suggestion") };
}
