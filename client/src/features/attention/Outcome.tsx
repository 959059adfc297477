import { CloseButton } from "@mantine/core";
import { Link } from "wouter";
import classes from "./AttentionPage.module.css";
import { type Done, idOf } from "./useAttention";
import { doneText, refusedText, titleOf } from "./words";

/** Past this many nobody reads names; all of them are still selected. */
const NAMED_AT_MOST = 50;

/** What became of the last order: how many are done, and each that was refused, by name and with why. */
export function Outcome({ outcome, onClose }: { outcome: Done; onClose: () => void }) {
  const { act, done, refused, expected } = outcome;
  return (
    <div className={classes.outcome} data-good={(refused.length === 0 && expected === null) || undefined}>
      <div>
        {done > 0 && <p>{doneText(act, done)}</p>}
        {refused.length > 0 && (
          <>
            <p>{refused.length === 1 ? "1 was refused:" : `${refused.length} were refused:`}</p>
            <ul className={classes.refused}>
              {refused.slice(0, NAMED_AT_MOST).map(({ line, code }) => (
                <li key={idOf(line)}>
                  <Link href={`/sessions/${line.session_id}`}>
                    {line.name}, {titleOf(line)}
                  </Link>
                  : {refusedText(code)}
                </li>
              ))}
              {refused.length > NAMED_AT_MOST && <li>and {refused.length - NAMED_AT_MOST} more</li>}
            </ul>
          </>
        )}
        {expected !== null && <p>What is still selected was perhaps not done: {expected}</p>}
      </div>
      <CloseButton aria-label="Close this message" onClick={onClose} />
    </div>
  );
}
