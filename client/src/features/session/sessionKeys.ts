/** The keyboard of a live Session, all of it. Plain Enter never completes or ends; arrows never move on. */

import type { Entry } from "../../palette/match";
import { focusAnswer, focusAnswers, focusComplete, focusFirstField, focusNextField, focusNotes } from "./focus";
import type { DialogName } from "./LiveScreen";
import { type Live, mayEnd } from "./live";

const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;
const OUTSIDE_INPUTS = ["answers", "elsewhere"] as const;

interface Screen {
  /** Brings a panel to the front where there is room for one only. */
  readonly show: (panel: "section" | "fields" | "notes") => void;
  readonly open: (dialog: DialogName) => void;
  readonly complete: () => void;
}

export function sessionKeys(live: Live, { show, open, complete }: Screen): readonly Entry[] {
  const { section, answers, selected, is_driving, head, person, act } = live;
  const may_continue = is_driving && selected?.to != null;
  const may_pause = is_driving;
  const may_resume = head.status === "paused" && (person.id === head.driver.id || person.id === head.owner.id);
  return [
    {
      id: "select_answer",
      label: "Select an Answer",
      keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
      places: OUTSIDE_INPUTS,
      when: () => is_driving,
      run: (press) => {
        const place = Number(press?.key) - 1;
        const answer = answers[place];
        if (answer === undefined) return;
        show("section");
        act({ type: "select_answer", answer_key: answer.key });
        focusAnswer(place);
      },
    },
    {
      id: "continue_from_answers",
      label: "Continue, from the Answers",
      keys: ["Enter"],
      places: ["answers"],
      when: () => may_continue,
      run: () => act({ type: "continue" }),
    },
    {
      id: "continue",
      label: "Continue to Next Section",
      keys: ["Mod+Enter"],
      places: ANYWHERE,
      when: () => may_continue,
      run: () => {
        show("section");
        act({ type: "continue" });
      },
    },
    {
      id: "complete",
      label: "Complete Session",
      keys: ["Mod+Shift+Enter"],
      places: ANYWHERE,
      when: () => is_driving && section.answers.length === 0,
      run: (press) => {
        // From the palette it comes with a plain Enter: that leads to the button only.
        if (press !== null) return complete();
        show("section");
        focusComplete();
      },
    },
    {
      id: "next_field",
      label: "Next Field, from a one-line Field",
      keys: ["Enter"],
      places: ["one_line_field", "choice"],
      run: focusNextField,
    },
    {
      id: "to_answers",
      label: "From an input to the Answers",
      keys: ["Escape"],
      places: ["one_line_field", "choice", "input"],
      run: () => {
        show("section");
        focusAnswers();
      },
    },
    {
      id: "to_fields",
      label: "To the Fields",
      keys: ["l"],
      places: OUTSIDE_INPUTS,
      run: () => {
        show("fields");
        focusFirstField();
      },
    },
    {
      id: "to_notes",
      label: "To the Notes",
      keys: ["n"],
      places: OUTSIDE_INPUTS,
      run: () => {
        show("notes");
        focusNotes();
      },
    },
    { id: "go_to", label: "Go to Section…", keys: ["j"], places: OUTSIDE_INPUTS, run: () => open("go_to") },
    {
      id: "pause",
      label: "Pause",
      keys: ["p"],
      places: OUTSIDE_INPUTS,
      when: () => may_pause,
      run: () => act({ type: "pause" }),
    },
    {
      id: "resume",
      label: "Resume",
      keys: ["p"],
      places: OUTSIDE_INPUTS,
      when: () => may_resume,
      run: () => act({ type: "resume" }),
    },
    {
      id: "switch",
      label: "Switch Workflow…",
      keys: [],
      places: [],
      when: () => is_driving,
      run: () => open("switch"),
    },
    {
      id: "end",
      label: "End Session…",
      keys: ["x"],
      places: OUTSIDE_INPUTS,
      when: () => mayEnd(live),
      run: () => open("end"),
    },
  ];
}
