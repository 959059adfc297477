/** What another system's link says: `/start?workflow=KEY&external_id=CALL&field.KEY=VALUE`. Pure. */

import type { FieldContent, FieldDefinition } from "../../protocol/protocol.gen";

const PREFIX = "field.";

export interface StartLink {
  readonly workflow: string;
  readonly external_id: string;
  /** By key, as they stand there; a choice of several options is said several times. */
  readonly given: Readonly<Record<string, readonly string[]>>;
}

export interface LinkFields {
  readonly values: Record<string, FieldContent>;
  /** What is filled, for the person who is asked. */
  readonly shown: readonly { readonly label: string; readonly text: string }[];
  /** Labels or keys of what is not: addresses are kept in histories and logs, where nothing sensitive may be. */
  readonly left_out: readonly string[];
}

export function readLink(search: string): StartLink {
  const asked = new URLSearchParams(search);
  const keys = [...asked.keys()].filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
  return {
    workflow: asked.get("workflow") ?? "",
    external_id: asked.get("external_id") ?? "",
    given: Object.fromEntries(
      keys.map((key) => [key, asked.getAll(PREFIX + key).filter((text) => text.trim() !== "")]),
    ),
  };
}

/** What the link fills of a Workflow's Fields. */
export function fieldsOf(link: StartLink, definitions: readonly FieldDefinition[]): LinkFields {
  const values: Record<string, FieldContent> = {};
  const shown: { label: string; text: string }[] = [];
  const left_out: string[] = [];
  for (const [key, texts] of Object.entries(link.given)) {
    if (texts.length === 0) continue;
    const definition = definitions.find((one) => one.key === key);
    const content = definition === undefined || isSensitive(definition) ? null : contentOf(definition, texts);
    if (definition === undefined || content === null) {
      left_out.push(definition?.label ?? key);
    } else {
      values[key] = content;
      shown.push({ label: definition.label, text: textOf(definition, content) });
    }
  }
  return { values, shown, left_out };
}

function isSensitive({ sensitive, type }: FieldDefinition): boolean {
  return sensitive || type === "masked";
}

/** Null if no input of this type could hold it. */
function contentOf({ type }: FieldDefinition, texts: readonly string[]): FieldContent {
  if (type === "multiple_choice") return [...new Set(texts)];
  const [text, ...others] = texts;
  if (text === undefined || others.length > 0) return null;
  if (type !== "yes_no") return text;
  const said = text.trim().toLowerCase();
  if (["yes", "true", "1"].includes(said)) return true;
  return ["no", "false", "0"].includes(said) ? false : null;
}

function textOf({ options }: FieldDefinition, content: FieldContent): string {
  if (typeof content === "boolean") return content ? "Yes" : "No";
  const texts = typeof content === "string" ? [content] : (content ?? []);
  return texts.map((text) => options.find(({ value }) => value === text)?.label ?? text).join(", ");
}
