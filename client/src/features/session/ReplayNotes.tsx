/** The Notes as they read at the moment on screen. They are text: what is looked at is not written into. */

import { useEffect, useMemo, useState } from "react";
import { persistently } from "../../lib/persistently";
import type { View } from "../../protocol/protocol.gen";
import { createNotesReader, type NotesReader } from "../../sync";
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
  const [reader, setReader] = useState<NotesReader | null>(null);
  const is_empty = Object.keys(updates).length === 0;
  useEffect(() => {
    if (!is_empty && reader === null)
      void persistently(() => import("yjs")).then((Y) => setReader(createNotesReader(Y)));
  }, [is_empty, reader]);
  return useMemo(() => (is_empty || reader === null ? "" : reader.read(updates)), [is_empty, reader, updates]);
}
