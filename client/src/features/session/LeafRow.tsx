/** One value of an Action: label, control, why it cannot be sent so, and the way back to what the Workflow says. */

import { Button } from "@mantine/core";
import { useState } from "react";
import type { ActionView, Key, LeafView } from "../../protocol/protocol.gen";
import classes from "./ActionForm.module.css";
import { leafKey } from "./actions";
import { capital, hintOf } from "./actionWords";
import { LeafInput } from "./LeafInput";
import { useLive } from "./live";
import { MissingFields } from "./MissingFields";

interface LeafRowProps {
  action: ActionView;
  leaf: LeafView;
  read_only: boolean;
  onOpenField: ((key: Key) => void) | undefined;
}

export function LeafRow({ action, leaf, read_only, onOpenField }: LeafRowProps) {
  const { leaf_saver, model } = useLive();
  const key = leafKey(action.id, leaf.path);
  const id = `leaf-${action.id}-${leaf.path}`;
  // What was typed stays until the server has it: its own text comes a moment later.
  const [typed, setTyped] = useState<string | null>(null);
  const [is_entered, setEntered] = useState(false);
  if (typed !== null && !is_entered && model.saved === "saved") setTyped(null);
  const is_locked = read_only || !leaf.editable;
  const is_wrong = leaf.problem !== null && !leaf.masked;
  const choose = (text: string): void => {
    setTyped(text);
    leaf_saver.change(key, text);
    leaf_saver.flush(key);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: watches the focus of the control within, offers nothing itself
    <div
      className={classes.leaf}
      data-wrong={is_wrong || undefined}
      onFocus={() => setEntered(true)}
      onBlur={() => {
        setEntered(false);
        leaf_saver.flush(key);
      }}
    >
      <div className={classes.leaf_head}>
        <label htmlFor={id} className={classes.label}>
          {leaf.label}
          {leaf.required && (
            <span className={classes.required} aria-hidden="true" title="Required">
              *
            </span>
          )}
        </label>
        {leaf.edited && <span className={classes.edited}>Edited</span>}
        {leaf.edited && !is_locked && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`Back to the template: ${leaf.label}`}
            onClick={() => {
              setTyped(null);
              leaf_saver.change(key, null);
              leaf_saver.flush(key);
            }}
          >
            Back to the template
          </Button>
        )}
      </div>
      {leaf.masked ? (
        <p id={id} className={classes.hidden}>
          Hidden: sensitive{leaf.problem === null ? "" : ", and not as expected"}
        </p>
      ) : (
        <LeafInput
          id={id}
          leaf={leaf}
          text={typed ?? leaf.text ?? ""}
          read_only={is_locked}
          described_by={`about-${id}`}
          onType={(text) => {
            setTyped(text);
            leaf_saver.change(key, text);
          }}
          onChoose={choose}
        />
      )}
      <div id={`about-${id}`} className={classes.about}>
        {leaf.missing.length > 0 ? (
          <MissingFields keys={leaf.missing} onOpenField={onOpenField} />
        ) : (
          is_wrong && <p className={classes.problem}>{capital(leaf.problem ?? "")}</p>
        )}
        {!is_locked && hintOf(leaf.type) !== "" && <p className={classes.hint}>{hintOf(leaf.type)}</p>}
        {leaf.edited && leaf.template_text !== null && (
          <p className={classes.template}>
            <span className={classes.hint}>The template says:</span> {leaf.template_text || "nothing"}
          </p>
        )}
      </div>
    </div>
  );
}
