/** The keyboard of a live Session, all of it. Plain Enter never completes or ends; arrows never move on. */

import { readPreference } from "../../lib/preferences";
import { SINGLE_KEYS } from "../../palette/KeySheet";
import type { Entry } from "../../palette/match";
import { focusAnswer, focusAnswers, focusNextField } from "./focus";
import type { Live } from "./live";

const ANYWHERE = ["answers", "one_line_field", "input", "elsewhere"] as const;

/** `showSection` brings the Section to the front where there is room for one panel only. */
export function sessionKeys(live: Live, showSection: () => void): readonly Entry[] {
  const { section, answers, selected, is_driving, act } = live;
  const may_continue = is_driving && selected?.to != null;
  return [
    {
      id: "select_answer",
      label: "Select an Answer",
      keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
      places: ["answers", "elsewhere"],
      when: () => is_driving && readPreference(SINGLE_KEYS, "on") === "on",
      run: ({ key }) => {
        const answer = answers[Number(key) - 1];
        if (answer === undefined) return;
        showSection();
        act({ type: "select_answer", answer_key: answer.key });
        focusAnswer(Number(key) - 1);
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
      label: "Continue, from anywhere",
      keys: ["Mod+Enter"],
      places: ANYWHERE,
      when: () => may_continue,
      run: () => {
        showSection();
        act({ type: "continue" });
      },
    },
    {
      id: "complete",
      label: "Complete Session",
      keys: ["Mod+Shift+Enter"],
      places: ANYWHERE,
      when: () => is_driving && section.answers.length === 0,
      run: () => act({ type: "complete" }),
    },
    {
      id: "next_field",
      label: "Next Field, from a one-line Field",
      keys: ["Enter"],
      places: ["one_line_field"],
      run: focusNextField,
    },
    {
      id: "to_answers",
      label: "From an input to the Answers",
      keys: ["Escape"],
      places: ["one_line_field", "input"],
      run: () => {
        showSection();
        focusAnswers();
      },
    },
  ];
}
