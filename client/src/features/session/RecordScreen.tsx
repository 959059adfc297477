/** A finished Session: how it ended, the way it took, its Fields and Notes. Nothing but its Fields can be edited. */

import { IconHistory } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { persistently } from "../../lib/persistently";
import { formatElapsed, formatMoment } from "../../lib/time";
import { usePalette } from "../../palette/palette";
import type { MomentView, VisitId, VisitView } from "../../protocol/protocol.gen";
import { Content } from "./Content";
import { RecordMenu } from "./Erasure";
import { type Live, useLive } from "./live";
import { NotesPanel } from "./NotesPanel";
import { LostDialog, Notices } from "./Notices";
import { allVisits } from "./path";
import { RecordFields } from "./RecordFields";
import { RecordHelp } from "./RecordHelp";
import classes from "./RecordScreen.module.css";
import { RecordTransfers } from "./RecordTransfers";
import { replayPath } from "./replayPath";
import { SessionHeader } from "./SessionHeader";
import { seatLines, visitAt } from "./seat";
import { outcomeWord, suggestedText } from "./suggestions";
import { UndoBar } from "./UndoBar";
import { VariableChip } from "./VariableChip";
import { Flag, MomentText } from "./VisitMoments";

/** Most records are read for something else, so it comes after the first paint. */
const RecordActions = lazy(() =>
  persistently(() => import("./RecordActions")).then((it) => ({ default: it.RecordActions })),
);

const RecordWhispers = lazy(() =>
  persistently(() => import("./RecordWhispers")).then((it) => ({ default: it.RecordWhispers })),
);

export function RecordScreen() {
  const { head, view, session_id } = useLive();
  const [, navigate] = useLocation();
  const outcome = useRef<HTMLDivElement>(null);
  usePalette([
    {
      id: "replay",
      label: "Replay this Session",
      keys: ["w"],
      places: ["elsewhere"],
      run: () => navigate(replayPath(session_id)),
    },
  ]);
  useEffect(() => {
    // The focus went with the screen before: how it ended is read out. Whoever is elsewhere on the page stays there.
    if (document.activeElement === document.body) outcome.current?.focus();
  }, []);
  return (
    <div className={classes.record}>
      <SessionHeader />
      <div
        ref={outcome}
        className={classes.outcome}
        data-outcome={head.won ? "won" : head.status}
        role="status"
        aria-labelledby="outcome when"
        tabIndex={-1}
      >
        <Outcome />
        <Link href={replayPath(session_id)} className={classes.replay} aria-keyshortcuts="W">
          <IconHistory size={16} aria-hidden="true" /> Replay
        </Link>
        <UndoBar />
        <RecordMenu />
      </div>
      <RecordBody>
        {/* Erased ones are another document: an editor that is open would keep the old text. */}
        <NotesPanel key={Object.keys(view.notes_updates).length === 0 ? "none" : "some"} read_only />
      </RecordBody>
      <div className={classes.notices}>
        <Notices />
      </div>
      <LostDialog />
    </div>
  );
}

/** How it ended, how long it took, whose it was. */
export function Outcome() {
  const live = useLive();
  const { head, offset_ms } = live;
  return (
    <>
      <strong id="outcome">{outcomeText(live)}</strong>
      <span id="when">
        in {formatElapsed(head.changed_ms - head.started_ms)} by {head.owner.name},{" "}
        {formatMoment(head.changed_ms, Date.now() + offset_ms)}
      </span>
      {head.hung_up_ms !== null && (
        <span>Customer hung up at {formatMoment(head.hung_up_ms, Date.now() + offset_ms)}</span>
      )}
      {head.end_reason !== null && <span className={classes.reason}>{head.end_reason}</span>}
      {head.switched_to !== null && <Link href={`/sessions/${head.switched_to}`}>The Session that went on</Link>}
    </>
  );
}

/** The way it took beside what was entered; the Notes are given. */
export function RecordBody({ children }: { children: ReactNode }) {
  const { view, actions } = useLive();
  return (
    <main className={classes.body}>
      <div>
        {actions.length > 0 && (
          <Suspense fallback={null}>
            <RecordActions />
          </Suspense>
        )}
        <section aria-labelledby="way">
          <h1 id="way" className={classes.heading}>
            What happened
          </h1>
          <ol className={classes.visits}>
            {allVisits(view).map((visit) => (
              <RecordVisit key={visit.id} visit={visit} />
            ))}
          </ol>
        </section>
        <Owners />
        <RecordTransfers />
        <RecordHelp />
        {Object.keys(view.whispers).length > 0 && (
          <Suspense fallback={null}>
            <RecordWhispers />
          </Suspense>
        )}
      </div>
      <div className={classes.side}>
        <RecordFields />
        <div className={classes.notes}>{children}</div>
      </div>
    </main>
  );
}

/** How it ended, in the words of the installation. */
function outcomeText({ head, policy }: Live): string {
  if (head.status === "completed") return head.won ? "WON" : "Completed";
  if (head.end_cause === "switched") return "Switched to another Workflow";
  if (head.end_cause === "expired") return "Expired: it was paused for too long";
  const reason = policy.end_reasons.find((each) => each.key === head.end_reason_key);
  return reason === undefined ? "Ended early" : `Ended early: ${reason.label}`;
}

/** Whose it was before, if it changed hands. Rule RA3. */
function Owners() {
  const { view, head } = useLive();
  const changes = Object.values(view.reassignments);
  if (changes.length === 0) return null;
  return (
    <section aria-labelledby="owners" className={classes.owners}>
      <h2 id="owners" className={classes.heading}>
        Who owned it
      </h2>
      <ol className={classes.visits}>
        {changes.map((each) => (
          <li key={each.id} className={classes.visit}>
            <span className={classes.at}>{formatMoment(each.at_ms, head.changed_ms)}</span>
            <span className={classes.what}>
              <span className={classes.name}>
                {each.was.name} → {each.to.name}
              </span>
              <span className={classes.answer}>
                {Object.values(view.transfers).some(({ settled_ms }) => settled_ms === each.at_ms)
                  ? "By transfer"
                  : each.by.id === each.to.id
                    ? `${each.to.name} resumed it`
                    : `Given by ${each.by.name}`}
                {each.reason !== null && `: ${each.reason}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function RecordVisit({ visit }: { visit: VisitView }) {
  const { guide, head, session_id } = useLive();
  const section = guide.sections.get(visit.section_key);
  const answer = section?.answers.find((each) => each.key === visit.answer_key);
  const left_ms = visit.left_ms ?? head.changed_ms;
  return (
    <li className={classes.visit} data-abandoned={visit.abandoned || undefined}>
      <span className={classes.at}>{formatMoment(visit.entered_ms, head.changed_ms)}</span>
      <span className={classes.what}>
        {section === undefined || section.content === "" ? (
          <span className={classes.name}>{section?.name ?? visit.section_key}</span>
        ) : (
          <details>
            <summary className={classes.name}>{section.name}</summary>
            <Content markdown={section.content} renderVariable={(key) => <VariableChip field_key={key} />} />
          </details>
        )}
        <Happened visit={visit} />
        {answer !== undefined && <span className={classes.answer}>{answer.label}</span>}
        {visit.abandoned && <span className={classes.answer}>Left behind</span>}
      </span>
      <span className={classes.took}>
        {formatElapsed(left_ms - visit.entered_ms)}
        <Link href={replayPath(session_id, `visits/${visit.id}`)} className={classes.from} title="Replay from here">
          <IconHistory size={16} aria-hidden="true" />
          <span className="visually-hidden">Replay from {section?.name ?? visit.section_key}</span>
        </Link>
      </span>
    </li>
  );
}

interface Happening {
  id: string;
  at_ms: number;
  what: ReactNode;
}

/** What was said, suggested and marked on a visit, and who drove from when, in its order. */
function Happened({ visit }: { visit: VisitView }) {
  const { guide, view, head, session_id } = useLive();
  const is_here = (each: { visit_id: VisitId }): boolean => each.visit_id === visit.id;
  const used = Object.values(view.responses)
    .filter(is_here)
    .map(({ id, at_ms, response_key }) => {
      return { id, at_ms, what: `Response: ${guide.responses.get(response_key)?.name ?? response_key}` };
    });
  const suggested = Object.values(view.suggestions)
    .filter(is_here)
    .map((each) => {
      const what = `${each.by.name} suggested ${suggestedText(each, guide)} (${outcomeWord(each.outcome)})`;
      return { id: each.id, at_ms: each.at_ms, what };
    });
  const marked = Object.values(view.moments)
    .filter(is_here)
    .map((each) => ({ id: each.id, at_ms: each.at_ms, what: <Marked moment={each} session_id={session_id} /> }));
  const seats = seatLines(view)
    .filter(({ at_ms }) => visitAt(view, at_ms) === visit.id)
    .map(({ id, at_ms, text }) => ({ id, at_ms, what: text }));
  const all: readonly Happening[] = [...used, ...suggested, ...marked, ...seats];
  if (all.length === 0) return null;
  return (
    <ol className={classes.happened} aria-label="What happened on it">
      {all
        .toSorted((one, other) => one.at_ms - other.at_ms)
        .map(({ id, at_ms, what }) => (
          <li key={id}>
            <span className={classes.when}>{formatMoment(at_ms, head.changed_ms)}</span>
            <span>{what}</span>
          </li>
        ))}
    </ol>
  );
}

function Marked({ moment, session_id }: { moment: MomentView; session_id: string }) {
  return (
    <>
      <Flag /> <MomentText moment={moment} />
      {moment.comment === null ? ", " : " · "}
      {moment.by.name}{" "}
      <Link href={replayPath(session_id, `moments/${moment.id}`)} className={classes.replay_from}>
        Replay from here
      </Link>
    </>
  );
}
