/** To those who watch: something to say past the customer, to whom, and what became of the latest. Rule WH10. */

import { useState } from "react";
import { useLive } from "./live";
import bar from "./SuggestBar.module.css";
import classes from "./WhisperBar.module.css";
import { latestBy, listenersOf, MAX_WHISPER, oneLine, stateText } from "./whispers";

const DRIVER = "";
const ALL = "*";

export function WhisperBar() {
  const live = useLive();
  const { head, model, act } = live;
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState<{ id: string; name: string }>({ id: DRIVER, name: "" });
  const [, ...others] = listenersOf(live);
  const is_gone = chosen.id !== DRIVER && chosen.id !== ALL && !others.some(({ id }) => id === chosen.id);
  const options = [
    { value: DRIVER, label: `To ${head.driver.name}, who drives` },
    ...others.map(({ id, name }) => ({ value: id, label: `To ${name}` })),
    // Nobody else takes the place of whom it was meant for.
    ...(is_gone ? [{ value: chosen.id, label: `To ${chosen.name}, who left` }] : []),
    { value: ALL, label: "To everybody here" },
  ];
  const text = oneLine(words);
  return (
    <form
      className={classes.bar}
      aria-label="Whisper"
      onSubmit={(event) => {
        event.preventDefault();
        if (text === "" || is_gone) return;
        const to_id = chosen.id === DRIVER ? head.driver.id : chosen.id === ALL ? null : chosen.id;
        act({ type: "whisper", text, to_id });
        setWords("");
      }}
    >
      <select
        className={classes.input}
        aria-label="Whisper to"
        value={chosen.id}
        onChange={({ currentTarget: { value } }) =>
          setChosen({ id: value, name: others.find(({ id }) => id === value)?.name ?? chosen.name })
        }
      >
        {options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <input
        className={classes.input}
        data-whisper-words
        data-unsaved={text !== "" || undefined}
        aria-label="Whisper, which the customer never sees"
        aria-keyshortcuts="Y"
        placeholder="Whisper; the customer never sees it…"
        maxLength={MAX_WHISPER}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <button type="submit" className={classes.send} disabled={text === "" || is_gone}>
        Whisper
      </button>
      <Latest here={model.people.map(({ person_id }) => person_id)} />
    </form>
  );
}

function Latest({ here }: { here: readonly string[] }) {
  const { view, head, person } = useLive();
  const latest = latestBy(view, person.id);
  if (latest === undefined) return <p className={bar.said} />;
  const said = latest.text === null ? "" : ` · “${latest.text}”`;
  return (
    <p className={bar.said} title={latest.text ?? undefined} data-whispered={latest.id}>
      <strong>{stateText(latest, here, head.screen_shared)}</strong>
      {said}
    </p>
  );
}
