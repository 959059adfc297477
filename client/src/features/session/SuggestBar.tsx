/** To those who suggest: a line to say, what to look at, and what became of the latest suggestion. Rule SU11. */

import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useNow } from "../../lib/time";
import { useLive } from "./live";
import classes from "./SuggestBar.module.css";
import { latestOf, openWord, outcomeWord, suggestedText } from "./suggestions";

/** As long as the engine keeps it. */
const MAX_LINE = 300;

interface SuggestBarProps {
  /** What is pressed next on the screen is pointed at: for fingers, as Alt is for a mouse. */
  is_pointing: boolean;
  onPoint: (is_pointing: boolean) => void;
}

export function SuggestBar({ is_pointing, onPoint }: SuggestBarProps) {
  const { head, act } = useLive();
  const [line, setLine] = useState("");
  const content = line.trim();
  return (
    <form
      className={classes.bar}
      aria-label="Suggest"
      onSubmit={(event) => {
        event.preventDefault();
        if (content === "" || head.suggestions_muted) return;
        act({ type: "suggest", kind: "line", content });
        setLine("");
      }}
    >
      <TextInput
        className={classes.line}
        size="xs"
        data-suggest-line
        data-unsaved={content !== "" || undefined}
        aria-label={`A line for ${head.driver.name} to say`}
        placeholder={`Suggest a line for ${head.driver.name} to say…`}
        maxLength={MAX_LINE}
        value={line}
        onChange={(event) => setLine(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" disabled={content === "" || head.suggestions_muted}>
        Suggest
      </Button>
      <Button
        size="xs"
        variant={is_pointing ? "filled" : "default"}
        aria-pressed={is_pointing}
        title="Press it, then what you mean; or Alt and a click"
        disabled={head.suggestions_muted}
        onClick={() => onPoint(!is_pointing)}
      >
        Point
      </Button>
      <Latest />
    </form>
  );
}

function Latest() {
  const { head, person, view, guide, offset_ms, act } = useLive();
  const latest = latestOf(view, useNow() + offset_ms);
  const text = latest === undefined ? "" : suggestedText(latest, guide, head.screen_shared);
  const who = latest?.by.id === person.id ? "You" : latest?.by.name;
  const is_open = latest?.outcome === null;
  return (
    <div className={classes.latest}>
      <p role="status" className={classes.said} title={text} data-outcome={latest?.outcome ?? "open"}>
        {head.suggestions_muted && `${head.driver.name} hears no suggestions now`}
        {!head.suggestions_muted && latest !== undefined && (
          <>
            {who}: {text} ·{" "}
            <strong>{is_open ? openWord(latest, head.screen_shared) : outcomeWord(latest.outcome)}</strong>
          </>
        )}
      </p>
      {latest !== undefined && is_open && latest.by.id === person.id && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => act({ type: "withdraw_suggestion", suggestion_id: latest.id })}
        >
          Take back
        </Button>
      )}
    </div>
  );
}
