/** The control of one value of an Action, by its type. It shows a text and tells what was entered; keeping it is not its matter. */

import { NativeSelect, Switch, Textarea, TextInput } from "@mantine/core";
import type { LeafView, ParameterType } from "../../protocol/protocol.gen";
import classes from "./ActionForm.module.css";

/** The protocol's limit (`LeafText`). */
const MOST_CHARACTERS = 20_000;

const MODES: Partial<Record<ParameterType, "decimal" | "numeric" | "tel" | "email" | "url">> = {
  integer: "numeric",
  number: "decimal",
  phone: "tel",
  email: "email",
  emails: "email",
  url: "url",
};

interface LeafInputProps {
  id: string;
  leaf: LeafView;
  text: string;
  read_only: boolean;
  described_by: string;
  onType: (text: string) => void;
  /** Chosen, not typed: it is settled at once. */
  onChoose: (text: string) => void;
}

export function LeafInput({ id, leaf, text, read_only, described_by, onType, onChoose }: LeafInputProps) {
  const about = {
    "aria-describedby": described_by,
    "aria-invalid": leaf.problem !== null,
    "aria-required": leaf.required,
  };
  const written = {
    id,
    value: text,
    readOnly: read_only,
    error: leaf.problem !== null,
    maxLength: MOST_CHARACTERS,
    autoComplete: "off",
    classNames: { input: classes.input ?? "" },
    ...about,
  };
  switch (leaf.type) {
    case "boolean":
      return (
        <Switch
          id={id}
          checked={text === "true"}
          disabled={read_only}
          label={text === "true" ? "Yes" : "No"}
          onChange={(event) => onChoose(event.currentTarget.checked ? "true" : "false")}
          {...about}
        />
      );
    case "choice":
      return (
        <NativeSelect
          id={id}
          value={text}
          disabled={read_only}
          error={leaf.problem !== null}
          data={optionsOf(leaf, text)}
          onChange={(event) => onChoose(event.currentTarget.value)}
          {...about}
        />
      );
    case "long_text":
    case "html":
    case "map":
    case "json":
      return (
        <Textarea
          {...written}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={leaf.type === "long_text"}
          onChange={(event) => onType(event.currentTarget.value)}
        />
      );
    case "text":
    case "email":
    case "emails":
    case "phone":
    case "url":
    case "path":
    case "integer":
    case "number":
    case "date":
    case "date_time":
      return (
        <TextInput
          {...written}
          inputMode={MODES[leaf.type] ?? "text"}
          onChange={(event) => onType(event.currentTarget.value)}
        />
      );
  }
}

/** What may be chosen; what it is now as well, though it may not be. */
function optionsOf({ options }: LeafView, text: string): { value: string; label: string }[] {
  const listed = options.map(({ value, label }) => ({ value, label }));
  return listed.some(({ value }) => value === text) ? listed : [{ value: text, label: text || "Choose…" }, ...listed];
}
