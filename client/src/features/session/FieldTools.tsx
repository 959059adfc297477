/** What can be done with a filled Field beside editing it: copy it, open it. */

import { ActionIcon } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { editText } from "../../lib/locale";
import type { FieldDefinition, FieldView } from "../../protocol/protocol.gen";
import { CopyButton } from "../../ui/CopyButton";
import classes from "./FieldRow.module.css";
import { contentText } from "./words";

export function FieldTools({ field, held }: { field: FieldDefinition; held: FieldView | undefined }) {
  if (held === undefined || held.masked || field.type === "yes_no") return null;
  const { content } = held;
  const text = typeof content === "string" ? content : contentText(field, content);
  const href = held.valid ? linkOf(field, text) : null;
  return (
    <span className={classes.tools}>
      {href !== null && (
        <ActionIcon
          component="a"
          href={href}
          target="_blank"
          rel="noreferrer"
          variant="subtle"
          color="gray"
          size={22}
          aria-label={`Open ${field.label}`}
        >
          <IconExternalLink size={14} />
        </ActionIcon>
      )}
      <CopyButton
        label={`Copy ${field.label}`}
        size={22}
        text={() => (typeof content === "string" ? (held.shown ?? editText(field, content)) : text)}
      />
    </span>
  );
}

/** Where a valid value leads; its form was checked by the server, and is checked again. */
function linkOf(field: FieldDefinition, text: string): string | null {
  if (field.type === "url") return /^https?:\/\//.test(text) ? text : null;
  return field.type === "email" ? `mailto:${encodeURIComponent(text)}` : null;
}
