/** Copies a text, and says for a moment that it did. */

import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";

const SHOWN_MS = 1_500;

interface CopyButtonProps {
  label: string;
  /** Asked for when the button is pressed. */
  text: () => string | Promise<string>;
  size?: number;
}

export function CopyButton({ label, text, size = 28 }: CopyButtonProps) {
  const [is_copied, setCopied] = useState(false);
  useEffect(() => {
    if (!is_copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [is_copied]);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(await text());
    setCopied(true);
  };
  const icon_size = Math.round(size * 0.6);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={size}
        aria-label={label}
        title={label}
        onClick={() => void copy()}
      >
        {is_copied ? <IconCheck size={icon_size} /> : <IconCopy size={icon_size} />}
      </ActionIcon>
      <VisuallyHidden role="status">{is_copied ? "Copied" : ""}</VisuallyHidden>
    </>
  );
}
