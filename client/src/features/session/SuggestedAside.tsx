/** What is suggested and is no Field's value: one at a time beside who drives, over what stands there. Rule SU12. */

import { CloseButton, Kbd } from "@mantine/core";
import type { Key, SuggestionView } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./SuggestedAside.module.css";
import { useDeciding } from "./SuggestedValue";
import { openAside, suggestedText } from "./suggestions";

/** `onRead` opens an accepted Response, so that it can be said. */
export function SuggestedAside({ onRead }: { onRead: (key: Key) => void }) {
  const { view, is_driving } = useLive();
  const [first, ...others] = openAside(view);
  if (first === undefined || !is_driving) return null;
  return <One key={first.id} suggestion={first} more={others.length} onRead={onRead} />;
}

interface OneProps {
  suggestion: SuggestionView;
  more: number;
  onRead: (key: Key) => void;
}

function One({ suggestion, more, onRead }: OneProps) {
  const { guide } = useLive();
  const { is_ripe, accept, dismiss, box } = useDeciding(suggestion);
  const text = suggestedText(suggestion, guide);
  return (
    <section
      ref={box}
      className={classes.aside}
      aria-label={`Suggested by ${suggestion.by.name}`}
      data-suggested={suggestion.id}
      data-aside
      data-ripe={is_ripe || undefined}
    >
      <span className={classes.text}>
        <span className={classes.by}>Suggested by {suggestion.by.name}</span> <strong>{text}</strong>
        {more > 0 && <span className={classes.more}> and {more} more</span>}
      </span>
      <button
        type="button"
        data-accept
        className={classes.accept}
        aria-keyshortcuts="Control+."
        onClick={() => {
          accept();
          if (is_ripe && suggestion.kind === "response" && suggestion.key !== null) onRead(suggestion.key);
        }}
      >
        <span>
          {suggestion.kind === "line" ? "Said" : "Accept"}
          <span className="visually-hidden">: {text}</span>
        </span>
        <Kbd className={classes.key} aria-hidden="true">
          Ctrl .
        </Kbd>
      </button>
      <CloseButton size="sm" iconSize={16} aria-label={`Dismiss: ${text}`} onClick={dismiss} />
    </section>
  );
}
