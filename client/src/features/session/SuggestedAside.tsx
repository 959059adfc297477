/** What is suggested and is no Field's value: one at a time beside who drives, over what stands there. Rule SU12. */

import { CloseButton, Kbd } from "@mantine/core";
import { useState } from "react";
import type { Key, SuggestionView } from "../../protocol/protocol.gen";
import { useLive } from "./live";
import classes from "./SuggestedAside.module.css";
import { useDeciding } from "./SuggestedValue";
import { openAside, suggestedText } from "./suggestions";

/** `onRead` opens an accepted Response, so that it can be said. */
export function SuggestedAside({ onRead }: { onRead: (key: Key) => void }) {
  const { view, head, is_driving } = useLive();
  const waiting = openAside(view);
  // A line is about the customer, who may be looking.
  const first = waiting.find(({ kind }) => kind !== "line" || !head.screen_shared);
  if (waiting.length === 0 || !is_driving) return null;
  if (first === undefined) return <span className={classes.more}>1 waits</span>;
  return <One key={first.id} suggestion={first} more={waiting.length - 1} onRead={onRead} />;
}

interface OneProps {
  suggestion: SuggestionView;
  more: number;
  onRead: (key: Key) => void;
}

function One({ suggestion, more, onRead }: OneProps) {
  const { guide } = useLive();
  const { is_ripe, accept, dismiss, box } = useDeciding(suggestion);
  const [is_whole, setWhole] = useState(false);
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
      <button type="button" className={classes.text} aria-expanded={is_whole} onClick={() => setWhole(!is_whole)}>
        <span>
          <span className={classes.by}>
            <span className={classes.long}>Suggested by </span>
            {suggestion.by.name}
          </span>{" "}
          <strong>{text}</strong>
          {more > 0 && <span className={classes.more}> and {more} more</span>}
        </span>
      </button>
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
      <CloseButton size="sm" iconSize={16} aria-label={`Dismiss: ${text}`} data-dismiss onClick={dismiss} />
    </section>
  );
}
