import { Button } from "@mantine/core";
import { useState } from "react";
import { askAgain, send } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { ExamplesAnswer } from "../../protocol/protocol.gen";
import { AskDialog } from "../../ui/AskDialog";
import classes from "./SettingsPage.module.css";

const PATH = "/api/examples";

interface ExamplesProps {
  /** How many there are that nobody changed. */
  count: number;
  onChanged: () => void;
}

/** The Workflows that came with the product: in by one press, and out by one. Rules FQ3 and FQ4. */
export function Examples({ count, onChanged }: ExamplesProps) {
  const [is_sending, setSending] = useState(false);
  const [is_asking, setAsking] = useState(false);
  const [told, setTold] = useState<{ readonly text: string; readonly is_good: boolean } | null>(null);
  const changed = (text: string): void => {
    setTold({ text, is_good: true });
    askAgain("/api/workflows");
    onChanged();
  };
  const bring = async (): Promise<void> => {
    setSending(true);
    const sent = await send<ExamplesAnswer>("POST", PATH);
    setSending(false);
    if (sent.is_done)
      changed(
        sent.value.workflows === 0
          ? "They are all there already."
          : `${workflowsText(sent.value.workflows)} to look at, practise with and change.`,
      );
    else setTold({ text: sentence(sent.expected), is_good: false });
  };
  return (
    <div>
      <div className={classes.buttons}>
        {count === 0 ? (
          <Button variant="default" loading={is_sending} onClick={() => void bring()}>
            Import the examples
          </Button>
        ) : (
          <Button variant="default" onClick={() => setAsking(true)}>
            Remove the examples…
          </Button>
        )}
      </div>
      <div role="status">
        {told !== null && <p className={told.is_good ? classes.done : classes.wrong_below}>{told.text}</p>}
      </div>
      {is_asking && (
        <AskDialog<ExamplesAnswer>
          title="Remove the examples"
          button="Remove"
          method="DELETE"
          path={PATH}
          onClose={() => setAsking(false)}
          onDone={({ workflows }) => {
            setAsking(false);
            changed(`${workflowsText(workflows)} removed. Records stay.`);
          }}
        >
          {workflowsText(count)} that nobody changed {count === 1 ? "is" : "are"} offered no more. What somebody changed
          stays, and so do all records.
        </AskDialog>
      )}
    </div>
  );
}

function workflowsText(count: number): string {
  return count === 1 ? "1 example Workflow" : `${count} example Workflows`;
}
