/** What is done about the selected Actions; what cannot be taken lightly asks first. */

import { Button } from "@mantine/core";
import { useState } from "react";
import type { AttentionAct, AttentionLine } from "../../protocol/protocol.gen";
import classes from "./AttentionPage.module.css";
import { CheckedDialog, DismissDialog } from "./dialogs";
import type { Order } from "./useAttention";
import { ACTS, fits } from "./words";

interface BulkBarProps {
  /** Lines that could be selected: what "select all" selects. */
  lines: readonly AttentionLine[];
  chosen: readonly AttentionLine[];
  is_busy: boolean;
  onSelectAll: (is_selected: boolean) => void;
  onAct: (order: Order, lines: readonly AttentionLine[]) => void;
}

const OFFERED: readonly AttentionAct[] = ["send", "look_up", "mark_sent", "dismiss"];

export function BulkBar({ lines, chosen, is_busy, onSelectAll, onAct }: BulkBarProps) {
  const [asking, setAsking] = useState<"send" | "dismiss" | null>(null);
  const fitting = (act: AttentionAct): readonly AttentionLine[] => chosen.filter((line) => fits(act, line));
  const press = (act: AttentionAct): void => {
    if (act === "dismiss") setAsking("dismiss");
    else if (act === "send" && chosen.some(({ kind }) => kind === "unknown")) setAsking("send");
    else onAct({ act }, fitting(act));
  };
  const confirm = (order: Order, meant: readonly AttentionLine[]): void => {
    setAsking(null);
    onAct(order, meant);
  };
  return (
    <div className={classes.bulk} role="toolbar" aria-label="Selected Actions">
      <label className={classes.all}>
        <input
          type="checkbox"
          checked={chosen.length > 0 && chosen.length === lines.length}
          ref={(box) => {
            if (box !== null) box.indeterminate = chosen.length > 0 && chosen.length < lines.length;
          }}
          disabled={lines.length === 0}
          onChange={(event) => onSelectAll(event.currentTarget.checked)}
        />
        {chosen.length === 0 ? `Select all ${lines.length}` : `${chosen.length} selected`}
      </label>
      <div className={classes.acts}>
        {OFFERED.map((act) => {
          const count = fitting(act).length;
          return (
            <Button
              key={act}
              size="compact-sm"
              variant={act === "send" ? "filled" : "default"}
              disabled={count === 0 || is_busy}
              onClick={() => press(act)}
            >
              {ACTS[act]}
              {count > 0 && count < chosen.length && ` (${count})`}
            </Button>
          );
        })}
      </div>
      <CheckedDialog
        lines={fitting("send")}
        opened={asking === "send"}
        onClose={() => setAsking(null)}
        onSend={(again, meant) => confirm({ act: "send", again }, meant)}
      />
      <DismissDialog
        count={fitting("dismiss").length}
        opened={asking === "dismiss"}
        onClose={() => setAsking(null)}
        onDismiss={(reason) => confirm({ act: "dismiss", reason }, fitting("dismiss"))}
      />
    </div>
  );
}
