import { Button } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { FieldContent, FieldDefinition } from "../../protocol/protocol.gen";
import type { RefusedInput } from "../../sync";
import { CopyButton } from "../../ui/CopyButton";
import { useLive } from "./live";
import classes from "./RefusedValue.module.css";
import { SuggestInstead } from "./seatParts";
import { contentText, measuredText, refusalText } from "./words";

interface RefusedValueProps {
  field: FieldDefinition;
  /** Of this Field, oldest first. */
  refusals: readonly RefusedInput[];
  onUse: (content: FieldContent) => void;
}

/** What was entered last and not accepted, kept in its place until this person decides. */
export function RefusedValue({ field, refusals, onUse }: RefusedValueProps) {
  const { model, is_driving } = useLive();
  const refusal = refusals.at(-1);
  const box = useRef<HTMLFieldSetElement>(null);
  const id = refusal?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whose seat it is changes what room there is
  useEffect(() => {
    if (id !== undefined) box.current?.scrollIntoView({ block: "nearest" });
  }, [id, is_driving]);
  if (refusal?.command.type !== "set_field") return null;
  const dismiss = (): void => {
    for (const { id } of refusals) model.dismissRefusal(id);
  };
  const { content } = refusal.command;
  const is_kept = refusal.code !== "not_kept";
  const text = measuredText(field, content);
  return (
    <fieldset ref={box} className={classes.box} aria-label={`Not saved: ${field.label}`}>
      <p className={classes.why}>
        Not saved. {refusalText(refusal.code)} {is_kept && "Your input:"}
      </p>
      {is_kept && <p className={classes.text}>{text === "" ? "(emptied)" : text}</p>}
      <div className={classes.buttons}>
        {is_kept && (
          <Button
            size="compact-sm"
            variant="light"
            disabled={!is_driving}
            onClick={() => {
              onUse(content);
              dismiss();
            }}
          >
            Use again
          </Button>
        )}
        <SuggestInstead refusal={refusal} onDone={dismiss} />
        <Button size="compact-sm" variant="subtle" color="gray" onClick={dismiss}>
          {is_kept ? "Discard" : "Dismiss"}
        </Button>
        {is_kept && text !== "" && field.type !== "masked" && (
          <CopyButton
            label={`Copy what was entered: ${field.label}`}
            size={26}
            text={() => contentText(field, content)}
          />
        )}
      </div>
    </fieldset>
  );
}
