/** The Notes as they read at the moment on screen. They are text: what is looked at is not written into. */

import { useEffect, useState } from "react";
import type * as Yjs from "yjs";
import { persistently } from "../../lib/persistently";
import type { View } from "../../protocol/protocol.gen";
import { notesText } from "../../sync";
import { useLive } from "./live";
import classes from "./NotesPanel.module.css";
import replay_classes from "./ReplayScreen.module.css";

export function ReplayNotes() {
  const { view } = useLive();
  const text = useNotesText(view.notes_updates);
  return (
    <section className={classes.panel} aria-label="Notes" data-notes>
      <div className={classes.head}>
        <h2 className={classes.heading}>Notes</h2>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must be able to do that */}
      <p className={replay_classes.notes_text} data-empty={text === "" || undefined} tabIndex={0}>
        {text === "" ? "No Notes" : text}
      </p>
    </section>
  );
}

/** "" until Yjs is here. */
function useNotesText(updates: View["notes_updates"]): string {
  const [Y, setY] = useState<typeof Yjs | null>(null);
  const [held, setHeld] = useState<{ updates: View["notes_updates"] | null; text: string }>({
    updates: null,
    text: "",
  });
  const is_empty = Object.keys(updates).length === 0;
  useEffect(() => {
    if (!is_empty && Y === null) void persistently(() => import("yjs")).then((loaded) => setY(loaded));
  }, [is_empty, Y]);
  if (is_empty || Y === null) return "";
  if (held.updates === updates) return held.text;
  const text = notesText(Y, updates);
  setHeld({ updates, text });
  return text;
}
