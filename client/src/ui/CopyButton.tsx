/** Copies a text, and says for a moment that it did, or that the browser did not let it. */

import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";

const SHOWN_MS = 1_500;
const SAID = { copied: "Copied", forbidden: "This browser forbids copying: select the text and copy it" };
const ICONS = { copied: IconCheck, forbidden: IconAlertTriangle };
type Outcome = keyof typeof SAID;

interface CopyButtonProps {
  label: string;
  /** Asked for when the button is pressed. */
  text: () => string | Promise<string>;
  size?: number;
}

export function CopyButton({ label, text, size = 28 }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (): Promise<void> => {
    const copied = await text();
    // A browser, or whoever manages it, may forbid the clipboard.
    await navigator.clipboard.writeText(copied).then(
      () => setOutcome("copied"),
      () => setOutcome("forbidden"),
    );
  };
  const icon_size = Math.round(size * 0.6);
  const Icon = outcome === null ? IconCopy : ICONS[outcome];
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={size}
        aria-label={label}
        title={outcome === "forbidden" ? SAID.forbidden : label}
        onClick={() => void copy()}
      >
        <Icon size={icon_size} />
      </ActionIcon>
      <VisuallyHidden role="status">{outcome === null ? "" : SAID[outcome]}</VisuallyHidden>
    </>
  );
}
