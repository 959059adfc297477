/** The control of one Field, by its type. It shows a value and tells what was entered; keeping it is not its matter. */

import { Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ChoiceInput, ManyInput, YesNoInput } from "./ChoiceInput";
import classes from "./FieldInput.module.css";
import type { FieldControl } from "./fieldControl";

export function FieldInput(props: FieldControl): ReactNode {
  switch (props.field.type) {
    case "yes_no":
      return <YesNoInput {...props} />;
    case "single_choice":
      return <ChoiceInput {...props} />;
    case "multiple_choice":
      return <ManyInput {...props} />;
    default:
      return <TypedInput {...props} />;
  }
}

function TypedInput({ field, content, read_only, is_refused, is_wrong, described_by, onType }: FieldControl) {
  // What is being typed stays as typed until the Field is left, whatever form the server keeps it in.
  const [typed, setTyped] = useState<string | null>(null);
  const kept = typeof content === "string" ? content : "";
  // Who loses the seat in the middle of a word ends it. Once it is refused it stands beside the Field with the
  // reason, and the Field shows what the Session holds, as on every other screen.
  if (read_only && is_refused && typed !== null) setTyped(null);
  const is_locked = read_only && typed === null;
  const common = {
    id: `field-${field.key}`,
    value: typed ?? kept,
    readOnly: is_locked,
    error: is_wrong,
    "aria-describedby": described_by,
    "aria-invalid": is_wrong,
    "aria-required": field.required,
    autoComplete: "off",
    spellCheck: field.type === "long_text",
    classNames: { input: classes.input ?? "" },
    onBlur: () => setTyped(null),
  };
  const change = (text: string): void => {
    setTyped(text);
    onType(text === "" ? null : text);
  };
  if (field.type === "long_text") {
    return (
      <Textarea {...common} autosize minRows={2} maxRows={8} onChange={(event) => change(event.currentTarget.value)} />
    );
  }
  const unit = field.unit ?? field.currency;
  return (
    <TextInput
      {...common}
      data-hidden={field.type === "masked" || undefined}
      inputMode={field.type === "number" || field.type === "money" ? "decimal" : "text"}
      {...(unit !== null && {
        rightSection: <span className={classes.unit}>{unit}</span>,
        rightSectionWidth: `${unit.length + 2}ch`,
      })}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
