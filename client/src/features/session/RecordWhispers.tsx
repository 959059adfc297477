/** On a record: that one whispered, or was whispered to; the words once they are asked for. Rule WH7. */

import { useState } from "react";
import { useLive } from "./live";
import classes from "./RecordScreen.module.css";
import row from "./WhisperBar.module.css";
import { WhisperList } from "./WhisperList";

export function RecordWhispers() {
  const count = Object.keys(useLive().view.whispers).length;
  // The customer may still see the screen on which the call has just ended.
  const [is_shown, setShown] = useState(false);
  return (
    <section aria-labelledby="whispers" className={classes.owners}>
      <h2 id="whispers" className={classes.heading}>
        Between you and colleagues
      </h2>
      {is_shown ? (
        <WhisperList />
      ) : (
        <button type="button" className={row.send} onClick={() => setShown(true)}>
          Show {count === 1 ? "1 message" : `${count} messages`}
        </button>
      )}
    </section>
  );
}
