import { lazy, Suspense, useEffect, useState } from "react";
import type { Text } from "yjs";
import { hasCardNumber } from "../../lib/cards";
import { persistently } from "../../lib/persistently";
import { useNotes, useSync } from "../../sync";
import { useLive } from "./live";
import classes from "./NotesPanel.module.css";
import { CARD_CAUTION } from "./words";

/** The editor and Yjs come after the first paint: a call can start without them. */
const NotesEditor = lazy(() => persistently(() => import("./NotesEditor")));

/** Free text of the whole Session; everybody here may write at once. */
export function NotesPanel({ read_only = false }: { read_only?: boolean }) {
  const { session_id, model, person } = useLive();
  const sync = useSync();
  const notes = useNotes(session_id);
  const [is_full, setFull] = useState(false);
  const writing = model.doing
    .filter((doing) => doing.doing === "typing" && doing.field_key === null && doing.person_id !== person.id)
    .flatMap((doing) => model.people.find((present) => present.person_id === doing.person_id)?.name ?? []);
  const waiting = <p className={classes.waiting}>Loading Notes…</p>;
  return (
    <section className={classes.panel} aria-label="Notes" data-notes>
      <div className={classes.head}>
        <h2 className={classes.heading}>Notes</h2>
        {writing.length > 0 && <span className={classes.writing}>{writing.join(", ")} typing…</span>}
      </div>
      {notes === null ? (
        waiting
      ) : (
        <Suspense fallback={waiting}>
          <NotesEditor
            text={notes.text}
            read_only={read_only}
            onType={() => {
              setFull(false);
              sync.sendDoing(session_id, "typing", null);
            }}
            onRest={() => sync.sendDoing(session_id, "nothing", null)}
            onFull={() => setFull(true)}
          />
        </Suspense>
      )}
      {is_full && (
        <p role="alert" className={classes.full}>
          Notes hold at most 100,000 characters. Nothing was changed.
        </p>
      )}
      {!read_only && notes !== null && <CardCaution text={notes.text} />}
      {!read_only && (
        <p className={classes.about}>Everybody on this call reads the Notes, and Actions may send them.</p>
      )}
    </section>
  );
}

/** Notes are looked through once they have stood still. */
const STILL_MS = 400;

function CardCaution({ text }: { text: Text }) {
  const [has_card, setHasCard] = useState(false);
  useEffect(() => {
    const look = (): void => setHasCard(hasCardNumber(text.toString()));
    let timer = setTimeout(look);
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(look, STILL_MS);
    };
    text.observe(wait);
    return () => {
      clearTimeout(timer);
      text.unobserve(wait);
    };
  }, [text]);
  return <div role="status">{has_card && <p className={classes.care}>{CARD_CAUTION}</p>}</div>;
}
