/** Importing a Workflow's document from this computer; what is wrong with it is told with its path. Rule FQ6. */

import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import { askAgain } from "../../lib/http";
import { sentence } from "../../lib/sentence";
import type { ImportAnswer } from "../../protocol/protocol.gen";
import classes from "./SettingsPage.module.css";

const MOST_BYTES = 1024 * 1024;
const UNREACHABLE = "The server cannot be reached. Nothing was imported, as far as we know.";

type Result =
  | { readonly kind: "answer"; readonly file: string; readonly answer: ImportAnswer }
  | { readonly kind: "wrong"; readonly text: string };

export function WorkflowImport({ onImported }: { onImported: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [result, setResult] = useState<Result | null>(null);
  const [is_sending, setSending] = useState(false);

  const take = async (file: File): Promise<void> => {
    if (file.size > MOST_BYTES) {
      setResult({ kind: "wrong", text: `${file.name} is larger than 1 MB. The command line imports it.` });
      return;
    }
    setSending(true);
    setResult(await send(file));
    setSending(false);
    askAgain("/api/workflows");
    onImported();
  };

  return (
    <div className={classes.import}>
      <input
        ref={input}
        type="file"
        accept=".yaml,.yml,.json"
        className="visually-hidden"
        tabIndex={-1}
        aria-label="Document of a Workflow"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = ""; // the same file again, mended, is chosen again
          if (file !== undefined) void take(file);
        }}
      />
      <Button variant="default" loading={is_sending} onClick={() => input.current?.click()}>
        Import a document…
      </Button>
      <div role="status">{result !== null && <Told result={result} />}</div>
    </div>
  );
}

function Told({ result }: { result: Result }) {
  if (result.kind === "wrong") return <p className={classes.wrong_below}>{result.text}</p>;
  const { file, answer } = result;
  const { problems } = answer;
  const done = answer.is_new
    ? `${answer.name} is offered now, as version ${answer.number}.`
    : `${answer.name} is offered already, just like this.`;
  return (
    <div className={classes.result}>
      <p className={answer.published ? classes.done : classes.wrong}>
        {answer.published ? done : `${file} was not imported.`}
      </p>
      {problems.length > 0 && (
        <ul className={classes.problems} aria-label="What is wrong">
          {problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              {path !== "" && <code>{path}</code>} {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

async function send(file: File): Promise<Result> {
  try {
    const answer = await fetch(`/api/workflows?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
    const told: ImportAnswer | { readonly detail?: string } = await answer.json();
    if ("published" in told) return { kind: "answer", file: file.name, answer: told };
    return { kind: "wrong", text: sentence(told.detail ?? `the server answered ${answer.status}`) };
  } catch {
    return { kind: "wrong", text: UNREACHABLE };
  }
}
