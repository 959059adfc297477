/** The row of a Field as an input of whoever suggests a value for it. Rule SU11. */

import { Button } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { FieldContent, FieldDefinition } from "../../protocol/protocol.gen";
import { FieldInput } from "./FieldInput";
import classes from "./FieldRow.module.css";
import { focusIn } from "./focus";
import { useLive } from "./live";

interface SuggestFieldProps {
  field: FieldDefinition;
  described_by: string;
  onClose: () => void;
}

export function SuggestField({ field, described_by, onClose }: SuggestFieldProps) {
  const { act } = useLive();
  const [content, setContent] = useState<FieldContent>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (form.current !== null) focusIn(form.current);
  }, []);
  const is_empty = content === null || content === "";
  const suggest = (): void => {
    if (is_empty) return;
    act({ type: "suggest", kind: "field", key: field.key, content });
    onClose();
  };
  return (
    <form
      ref={form}
      aria-label={`Suggest: ${field.label}`}
      data-unsaved={!is_empty || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        suggest();
      }}
      onKeyDown={(event) => {
        const is_line = event.target instanceof HTMLInputElement;
        if (event.key !== "Escape" && !(event.key === "Enter" && is_line)) return;
        // In the driver's Field they lead on.
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Escape") onClose();
        else suggest();
      }}
    >
      <FieldInput
        field={field}
        content={content}
        shown={typeof content === "string" ? content : ""}
        read_only={false}
        is_refused={false}
        is_wrong={false}
        described_by={described_by}
        onType={setContent}
        onChoose={setContent}
      />
      <div className={classes.suggesting}>
        <Button type="submit" size="compact-sm" disabled={is_empty}>
          Suggest
        </Button>
        <Button size="compact-sm" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
