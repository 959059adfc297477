/** Finishing early: one number key, or one click, per reason. */

import { Button, Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useFetched } from "../../lib/http";
import { usePalette } from "../../palette/palette";
import { EndReasons } from "../../ui/EndReasons";
import lists from "./ActionList.module.css";
import { unfiredByEnding } from "./actions";
import { counted } from "./actionWords";
import classes from "./EndDialog.module.css";
import { useLive } from "./live";

interface EndDialogProps {
  opened: boolean;
  onClose: () => void;
}

export function EndDialog({ opened, onClose }: EndDialogProps) {
  const { act } = useLive();
  const [remark, setRemark] = useState("");
  const close = (): void => {
    setRemark("");
    onClose();
  };
  const end = (reason_key: string | null): void => {
    act({ type: "end", reason_key, reason: remark.trim() === "" ? null : remark.trim() });
    close();
  };
  return (
    <>
      {/* Beside the dialog, which comes into the page a moment later: fast fingers mean the reason, not an Answer. */}
      {opened && <ReasonKeys onEnd={end} />}
      <Modal opened={opened} onClose={close} title="End this Session early" size="md">
        <Reasons remark={remark} onRemark={setRemark} onEnd={end} onClose={close} />
      </Modal>
    </>
  );
}

function ReasonKeys({ onEnd }: Pick<ReasonsProps, "onEnd">) {
  const reasons = useReasons();
  usePalette([
    {
      id: "end_reason",
      label: "End for this reason",
      keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
      places: ["overlay", "answers", "elsewhere"],
      when: () => document.activeElement?.matches("[role=dialog] input") !== true,
      run: (press) => {
        const reason = reasons[Number(press?.key) - 1];
        if (reason !== undefined) onEnd(reason.key);
      },
    },
  ]);
  return null;
}

/** Those that are offered. */
function useReasons() {
  const { policy } = useLive();
  useFetched("/api/me"); // asked again now: the list may have been changed since this page was loaded
  return policy.end_reasons.filter(({ hidden }) => !hidden);
}

interface ReasonsProps {
  remark: string;
  onRemark: (remark: string) => void;
  onEnd: (reason_key: string | null) => void;
  onClose: () => void;
}

function Reasons({ remark, onRemark, onEnd, onClose }: ReasonsProps) {
  const { actions } = useLive();
  const reasons = useReasons();
  const unfired = unfiredByEnding(actions);
  return (
    <div>
      <Text size="sm" c="var(--sc-soft)">
        It becomes a record that is not completed. This cannot be taken back.
      </Text>
      {unfired.length > 0 && (
        <>
          <Text size="sm" mt="sm">
            {counted(unfired.length, "Action")} {unfired.length === 1 ? "is" : "are"} not fired; the record offers{" "}
            {unfired.length === 1 ? "it" : "them"}:
          </Text>
          <p className={lists.names}>{unfired.map(({ name }) => name).join(" · ")}</p>
        </>
      )}
      <EndReasons label="Why it ends" reasons={reasons} is_numbered onEnd={onEnd} />
      <TextInput
        label="Remark (optional)"
        description="Before you choose the reason."
        maxLength={255}
        value={remark}
        onChange={(event) => onRemark(event.currentTarget.value)}
      />
      <div className={classes.foot}>
        <Button variant="default" onClick={onClose}>
          Keep going
        </Button>
      </div>
    </div>
  );
}
