/** Everything that was whispered in this Session by and to whoever looks, with the answers. Rule WH7. */

import { formatMoment } from "../../lib/time";
import { useLive } from "./live";
import classes from "./RecordScreen.module.css";
import { hiddenWord, inOrder, nameOf, names } from "./whispers";

export function WhisperList() {
  const { view, head, person, offset_ms } = useLive();
  const now_ms = Date.now() + offset_ms;
  const is_hidden = head.screen_shared && (head.status === "active" || head.status === "reviewing");
  return (
    <ol className={classes.visits} aria-label="Whispers">
      {inOrder(view).map((whisper) => (
        <li key={whisper.id} className={classes.visit}>
          <span className={classes.at}>{formatMoment(whisper.at_ms, now_ms)}</span>
          <span className={classes.what}>
            <span className={classes.name}>
              {nameOf(whisper.by, person.id)} → {names(whisper.to, person.id)}
            </span>
            <span className={classes.answer}>{whisper.text ?? hiddenWord(is_hidden)}</span>
            {whisper.replies.map((reply) => (
              <span key={`${reply.by.id} ${reply.at_ms}`} className={classes.answer}>
                {nameOf(reply.by, person.id)}: {reply.text ?? hiddenWord(is_hidden)}
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}
