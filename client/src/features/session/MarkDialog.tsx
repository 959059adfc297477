/** Marking this moment of the call: one number key, or one click, per label. Rule MM4. */

import { Button, Kbd, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { hushKeys, usePalette } from "../../palette/palette";
import type { MomentLabel } from "../../protocol/protocol.gen";
import reasons from "../../ui/EndReasons.module.css";
import classes from "./EndDialog.module.css";
import { useLive } from "./live";
import { MOMENT_LABELS, momentWord } from "./moments";

/** As long as the engine keeps it. */
const MAX_COMMENT = 300;

export function MarkDialog({ onClose }: { onClose: () => void }) {
  const { visit, section, act } = useLive();
  // What was on the screen when it was asked for: the driver may go on meanwhile.
  const [seen] = useState({ visit_id: visit.id, name: section.name });
  const [comment, setComment] = useState("");
  const mark = (label: MomentLabel): void => {
    const text = comment.trim().replace(/\s+/g, " ");
    act({ type: "mark_moment", seen_visit_id: seen.visit_id, label, comment: text === "" ? null : text });
    // Whoever types a comment after it means no keys of the screen below.
    hushKeys();
    onClose();
  };
  usePalette([
    {
      id: "moment_label",
      label: "Mark as this",
      keys: ["1", "2", "3", "4", "5", "6"],
      places: ["overlay", "answers", "elsewhere"],
      when: () => document.activeElement?.matches("[role=dialog] input") !== true,
      run: (press) => {
        const label = MOMENT_LABELS[Number(press?.key) - 1];
        if (label !== undefined) mark(label);
      },
    },
  ]);
  return (
    <Modal opened onClose={onClose} title={`Mark this moment: ${seen.name}`} size="md">
      <TextInput
        label="Comment (optional)"
        description="Before you choose what it is. Everybody in this Session reads it."
        maxLength={MAX_COMMENT}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <fieldset className={reasons.reasons} aria-label="What it is">
        {MOMENT_LABELS.map((label, place) => (
          <Button
            key={label}
            variant="default"
            justify="flex-start"
            leftSection={<Kbd aria-hidden="true">{place + 1}</Kbd>}
            data-autofocus={place === 0 || undefined}
            onClick={() => mark(label)}
          >
            {momentWord(label)}
          </Button>
        ))}
      </fieldset>
      <div className={classes.foot}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </Modal>
  );
}
