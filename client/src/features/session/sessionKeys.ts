/** The keyboard of a live Session, all of it. Plain Enter never completes or ends; arrows never move on. */

import { flushSync } from "react-dom";
import { navigate } from "wouter/use-browser-location";
import type { Entry } from "../../palette/match";
import { isSendable, lockedByOther, type ShownAction } from "./actions";
import {
  focusAnswer,
  focusAnswers,
  focusComplete,
  focusFirstField,
  focusNextField,
  focusNotes,
  focusWaiting,
} from "./focus";
import type { DialogName } from "./LiveScreen";
import { isOnCall, type Live, mayEnd, mayGive, mayTransfer } from "./live";
import { replayPath } from "./replayPath";
import { findDeciding } from "./suggestions";
import type { Waiting } from "./waiting";

const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;
const OUTSIDE_INPUTS = ["answers", "elsewhere"] as const;

interface Screen {
  /** Brings a panel to the front where there is room for one only. */
  readonly show: (panel: "section" | "fields" | "notes") => void;
  readonly open: (dialog: DialogName) => void;
  readonly complete: () => void;
  readonly waiting: Waiting;
}

/** The top one on screen, if it can be sent as it is. */
function sendableNow({ may_act, person, offset_ms }: Live, { cards }: Waiting): ShownAction | undefined {
  const top = cards[0];
  if (top === undefined || !may_act) return undefined;
  return isSendable(top.action) && lockedByOther(top.action, person.id, Date.now() + offset_ms) === null
    ? top
    : undefined;
}

export function sessionKeys(live: Live, { show, open, complete, waiting }: Screen): readonly Entry[] {
  const { section, answers, selected, is_driving, may_move, head, person, act } = live;
  const top = sendableNow(live, waiting);
  const may_continue = may_move && selected?.to != null;
  const may_pause = is_driving;
  const may_resume = head.status === "paused" && (person.id === head.driver.id || person.id === head.owner.id);
  return [
    {
      id: "select_answer",
      label: "Select an Answer",
      keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"],
      places: OUTSIDE_INPUTS,
      when: () => may_move,
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
      label: head.status === "reviewing" ? "Complete Session & Fire Actions" : "Complete Session",
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
      id: "send_action",
      label: top === undefined ? "Send the Action that waits" : `Send: ${top.name}`,
      keys: ["Mod+e"],
      places: ANYWHERE,
      when: () => top !== undefined,
      run: (press) => {
        if (top === undefined) return;
        // From the palette it comes with a plain Enter: that leads to the button only.
        if (press === null) return focusWaiting();
        act({ type: "send_action", action_id: top.action.id, again: false, seen: live.model.seq });
      },
    },
    {
      id: "accept_suggestion",
      label: "Accept the suggested value",
      keys: ["Mod+."],
      places: ANYWHERE,
      when: () => is_driving && findDeciding("accept") !== null,
      run: () => findDeciding("accept")?.click(),
    },
    {
      id: "dismiss_suggestion",
      label: "Dismiss the suggested value",
      keys: ["Mod+Shift+."],
      places: ANYWHERE,
      when: () => is_driving && findDeciding("dismiss") !== null,
      run: () => findDeciding("dismiss")?.click(),
    },
    {
      id: "mute_suggestions",
      label: head.suggestions_muted ? "Hear suggestions again" : "Mute suggestions of persons",
      keys: [],
      places: [],
      when: () => is_driving,
      run: () => act({ type: "mute_suggestions", muted: !head.suggestions_muted }),
    },
    {
      id: "open_actions",
      label: "To the Actions that wait",
      keys: ["m"],
      places: OUTSIDE_INPUTS,
      when: () => waiting.cards.length + waiting.behind > 0,
      run: () => {
        flushSync(waiting.unfold);
        focusWaiting();
      },
    },
    {
      id: "leave_review",
      label: "From the review back to the Section",
      keys: ["r"],
      places: OUTSIDE_INPUTS,
      when: () => is_driving && head.status === "reviewing",
      run: () => act({ type: "leave_review" }),
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
    { id: "mark", label: "Mark this moment…", keys: ["k"], places: OUTSIDE_INPUTS, run: () => open("mark") },
    {
      id: "replay",
      label: "Rewind: replay this Session",
      keys: ["w"],
      places: OUTSIDE_INPUTS,
      when: () => !isOnCall(live),
      run: () => navigate(replayPath(live.session_id)),
    },
    {
      id: "transfer",
      label: "Transfer…",
      keys: [],
      places: [],
      when: () => mayTransfer(live),
      run: () => open("transfer"),
    },
    {
      id: "give",
      label: "Give to…",
      keys: [],
      places: [],
      when: () => mayGive(live),
      run: () => open("give"),
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
