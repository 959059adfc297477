/**
 * Of a look-up Field: other open Sessions with the value that was just saved, for the same customer's call. They come a
 * moment later than the value, when the hands are elsewhere: so they stand at the foot of the Fields and move none.
 */

import { createContext, use, useEffect, useId, useState } from "react";
import { createPortal } from "react-dom";
import { Link, useLocation } from "wouter";
import type { FieldDefinition, FieldView, SessionLine, SessionLines } from "../../protocol/protocol.gen";
import { resumeSession, useSync } from "../../sync";
import classes from "./LookUpOffer.module.css";
import { useLive } from "./live";
import { refusalText } from "./words";

/** Where offers are shown; null before it is on screen. */
export const OffersPlace = createContext<HTMLElement | null>(null);

/** A value is looked for once it has stood still. */
const STILL_MS = 400;

export function LookUpOffer({ field, held }: { field: FieldDefinition; held: FieldView | undefined }) {
  const { session_id, is_driving, person } = useLive();
  const is_fit = field.look_up && is_driving && held?.valid === true && !held.masked;
  const value = is_fit && typeof held.content === "string" ? held.content : null;
  const found = useHolders(field.key, value).filter((line) => line.session_id !== session_id);
  const place = use(OffersPlace);
  const heading = useId();
  const is_shown = found.length > 0 && place !== null;
  useEffect(() => {
    // Only if the foot would cover what has the focus.
    if (is_shown && place.parentElement?.contains(document.activeElement)) {
      document.activeElement?.scrollIntoView({ block: "nearest" });
    }
  }, [is_shown, place]);
  if (!is_shown) return null;
  return createPortal(
    <>
      <p id={heading} className={classes.heading}>
        Other Sessions with this {field.label}
      </p>
      <ul className={classes.offers} aria-labelledby={heading}>
        {found.map((line) => (
          <Offer key={line.session_id} line={line} is_own={line.owner.id === person.id} />
        ))}
      </ul>
    </>,
    place,
  );
}

function Offer({ line, is_own }: { line: SessionLine; is_own: boolean }) {
  const sync = useSync();
  const [, navigate] = useLocation();
  const [said, setSaid] = useState("");
  const href = `/sessions/${line.session_id}`;
  const resume = async (): Promise<void> => {
    setSaid("Resuming…");
    const code = await resumeSession(sync, line.session_id);
    if (code === null) navigate(href);
    else setSaid(refusalText(code));
  };
  return (
    <li className={classes.offer}>
      Also in: <span className={classes.title}>{line.title === "" ? line.workflow_name : line.title}</span> (
      {line.status}, {is_own ? "yours" : line.owner.name}
      {line.training && ", practice"}){" "}
      {line.may_watch && (
        <Link href={href} className={classes.go}>
          Open
        </Link>
      )}{" "}
      {line.may_resume && said === "" && (
        <button type="button" className={classes.go} onClick={() => void resume()}>
          Resume
        </button>
      )}
      {said}
    </li>
  );
}

/** Open and paused Sessions with this value; asked anew with each value. */
function useHolders(field_key: string, value: string | null): readonly SessionLine[] {
  const [found, setFound] = useState<{ value: string; lines: readonly SessionLine[] } | null>(null);
  useEffect(() => {
    if (value === null) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      const lines = await ask(`/api/look-up?${new URLSearchParams({ field: field_key, value })}`, gone.signal);
      if (!gone.signal.aborted) setFound({ value, lines });
    }, STILL_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [field_key, value]);
  return found !== null && found.value === value ? found.lines : [];
}

/** An offer that cannot be made is none: the call goes on without. */
async function ask(path: string, signal: AbortSignal): Promise<readonly SessionLine[]> {
  try {
    const answer = await fetch(path, { signal });
    const { lines }: SessionLines = answer.ok ? await answer.json() : { lines: [], next: null, counts: null };
    return lines;
  } catch {
    return [];
  }
}
