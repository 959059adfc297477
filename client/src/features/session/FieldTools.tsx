/** What can be done with a filled Field beside editing it: copy it, open it. */

import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCopy, IconExternalLink } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { editText } from "../../lib/locale";
import type { FieldDefinition, FieldView } from "../../protocol/protocol.gen";
import classes from "./FieldRow.module.css";
import { contentText } from "./words";

const SHOWN_MS = 1_500;

export function FieldTools({ field, held }: { field: FieldDefinition; held: FieldView | undefined }) {
  const [is_copied, setCopied] = useState(false);
  useEffect(() => {
    if (!is_copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [is_copied]);
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
      <ActionIcon
        variant="subtle"
        color="gray"
        size={22}
        aria-label={`Copy ${field.label}`}
        onClick={() => {
          const copied = typeof content === "string" ? (held.shown ?? editText(field, content)) : text;
          void navigator.clipboard.writeText(copied).then(() => setCopied(true));
        }}
      >
        {is_copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </ActionIcon>
      <VisuallyHidden role="status">{is_copied ? "Copied" : ""}</VisuallyHidden>
    </span>
  );
}

/** Where a valid value leads; its form was checked by the server, and is checked again. */
function linkOf(field: FieldDefinition, text: string): string | null {
  if (field.type === "url") return /^https?:\/\//.test(text) ? text : null;
  return field.type === "email" ? `mailto:${encodeURIComponent(text)}` : null;
}
