/** A Session that is open: path, Section, Fields and Notes side by side, or one at a time where it is narrow. */

import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { persistently } from "../../lib/persistently";
import { usePalette } from "../../palette/palette";
import type { Key, View, VisitId } from "../../protocol/protocol.gen";
import { useSync } from "../../sync";
import { ActionPopover } from "./ActionPopover";
import { Announcer } from "./Announcer";
import { needsReview, stayBehind, whatBackDoes } from "./actions";
import { BackDialog } from "./BackDialog";
import { DigestStrip } from "./DigestStrip";
import { EndDialog } from "./EndDialog";
import type { WantedField } from "./FieldRow";
import { FieldsPanel } from "./FieldsPanel";
import { focusAnswers } from "./focus";
import { GoToDialog } from "./GoToDialog";
import classes from "./LiveScreen.module.css";
import { useLive } from "./live";
import { MarkDialog } from "./MarkDialog";
import { MissingDialog } from "./MissingDialog";
import { NotesPanel } from "./NotesPanel";
import { LostDialog, Notices } from "./Notices";
import { PathPanel } from "./PathPanel";
import { PausedBand } from "./PausedBand";
import { PeekDrawer } from "./PeekDrawer";
import { Pointed } from "./Pointed";
import { pulse, targetAt } from "./pointing";
import type { ReadResponse } from "./ResponsesBar";
import { SeatStrip } from "./SeatStrip";
import { SectionPanel } from "./SectionPanel";
import { SessionHeader } from "./SessionHeader";
import { SuggestBar } from "./SuggestBar";
import { sessionKeys } from "./sessionKeys";
import { countOpen, maySuggest, watchesToSuggest } from "./suggestions";
import { suggestKeys } from "./suggestKeys";
import { useWaiting } from "./waiting";

/** Needed at the end of a call, so it comes after the first paint. */
const ReviewPanel = lazy(() => persistently(() => import("./ReviewPanel")).then((it) => ({ default: it.ReviewPanel })));

/** Needed now and then, by supervisors only. */
const GiveDialog = lazy(() => persistently(() => import("./GiveDialog")).then((it) => ({ default: it.GiveDialog })));
const TransferDialog = lazy(() =>
  persistently(() => import("./TransferDialog")).then((it) => ({ default: it.TransferDialog })),
);
const SwitchDialog = lazy(() =>
  persistently(() => import("./SwitchDialog")).then((it) => ({ default: it.SwitchDialog })),
);
const WhisperBar = lazy(() => persistently(() => import("./WhisperBar")).then((it) => ({ default: it.WhisperBar })));
const WhisperPanel = lazy(() =>
  persistently(() => import("./WhisperPanel")).then((it) => ({ default: it.WhisperPanel })),
);
type Panel = "section" | "fields" | "notes" | "path";
export type DialogName = "go_to" | "missing" | "end" | "switch" | "transfer" | "give" | "mark";

const PANELS: readonly [Panel, string][] = [
  ["section", "Section"],
  ["fields", "Fields"],
  ["notes", "Notes"],
  ["path", "Path"],
];

export function LiveScreen() {
  const live = useLive();
  const sync = useSync();
  const [panel, setPanel] = useState<Panel>("section");
  const [is_pointing, setPointing] = useState(false);
  const [lists_whispers, setListsWhispers] = useState(false);
  const [peeked, setPeeked] = useState<Key | null>(null);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [wanted, setWanted] = useState<{ field: WantedField; visit_id: VisitId } | null>(null);
  const [read, setRead] = useState<ReadResponse | null>(null);
  const visit_id = live.visit.id;
  const is_paused = live.head.status === "paused";
  const may_point = maySuggest(live);
  const close = (): void => setDialog(null);
  const openField = (key: Key): void => {
    setPanel("fields");
    setWanted({ field: { key }, visit_id });
  };
  const suggestField = (key: Key): void => {
    flushSync(() => setPanel("fields"));
    setWanted({ field: { key, is_to_suggest: true }, visit_id });
  };
  const suggested = countOpen(live.view, live.guide.document.fields);
  const waiting = useWaiting();
  const is_reviewing = live.head.status === "reviewing";
  const shows_review = is_reviewing || (is_paused && live.head.came_from === "reviewing");
  const [asked, setAsked] = useState<View["actions"] | null>(null);
  const [back_to, setBackTo] = useState<VisitId | null>(null);
  const finish = (anyway: boolean): void => {
    for (const { id, code } of live.model.refusals) if (code === "review_changed") live.model.dismissRefusal(id);
    setAsked(live.view.actions);
    live.act({ type: "complete", anyway, ...(is_reviewing && { seen: live.model.seq }) });
  };
  const complete = (): void => {
    const is_asked = live.missing.length > 0 || stayBehind(live.actions).length > 0;
    // What opens the review asks there.
    if (is_asked && (is_reviewing || !needsReview(live.actions))) setDialog("missing");
    else finish(false);
  };
  const back = (to_visit_id: VisitId): void => {
    const { withdrawn, sent } = whatBackDoes(live.view, live.guide, to_visit_id);
    if (withdrawn.length + sent.length > 0) setBackTo(to_visit_id);
    else live.act({ type: "back", to_visit_id });
  };
  useFocusAfterReview(is_reviewing, live.is_driving);
  const keys = sessionKeys(live, {
    // At once, so that what gets the focus next is on screen.
    show: (next) => flushSync(() => setPanel(next)),
    open: setDialog,
    complete,
    waiting,
  });
  const point = (target: string): void => {
    setPointing(false);
    sync.point(live.session_id, target);
    pulse(target, visit_id, "You");
  };
  // What opens over the screen gets the focus a moment later: until then no key may mean the screen below.
  const is_covered = dialog !== null || peeked !== null || back_to !== null;
  usePalette(is_covered ? [] : [...keys, ...suggestKeys(live, suggestField, point)]);
  return (
    <div
      onClickCapture={(event) => {
        if (!(event.altKey || is_pointing) || !may_point || !(event.target instanceof Element)) return;
        const target = targetAt(event.target, visit_id);
        if (target === null) return;
        event.preventDefault();
        event.stopPropagation();
        point(target);
      }}
      className={classes.screen}
      data-panel={panel}
      data-cards={waiting.cards.length + waiting.sent.length > 0 || undefined}
      data-pointing={(is_pointing && may_point) || undefined}
      data-training={live.head.training || undefined}
    >
      <SessionHeader onOpen={setDialog} onWhispers={() => setListsWhispers(true)} waiting={waiting} />
      <SeatStrip onRead={(key) => setRead({ key })} />
      {watchesToSuggest(live) && (
        <div className={classes.bars}>
          <SuggestBar is_pointing={is_pointing} onPoint={setPointing} />
          <div className={classes.whisper}>
            <Suspense fallback={null}>
              <WhisperBar />
            </Suspense>
          </div>
        </div>
      )}
      <DigestStrip />
      <div className={classes.body}>
        <nav className={classes.tabs} aria-label="Panels">
          {PANELS.map(([each, label]) => (
            <button
              key={each}
              type="button"
              className={classes.tab}
              data-tab={each}
              aria-pressed={panel === each}
              onClick={() => setPanel(each)}
            >
              {label}
              {each === "fields" && suggested > 0 && (
                <span className={classes.news}>
                  {suggested}
                  <span className="visually-hidden"> suggested</span>
                </span>
              )}
            </button>
          ))}
        </nav>
        <div className={classes.path}>
          <PathPanel onBack={back} onPeek={setPeeked} onFind={() => setDialog("go_to")} />
        </div>
        <div className={classes.section}>
          <div className={classes.stay} hidden={shows_review}>
            <SectionPanel onOpenField={openField} onComplete={complete} read={read} />
          </div>
          {shows_review && (
            <Suspense fallback={<p className={classes.opening}>Opening the review…</p>}>
              <ReviewPanel onOpenField={openField} onComplete={complete} asked={asked} />
            </Suspense>
          )}
          {is_paused && <PausedBand onEnd={() => setDialog("end")} />}
          <Notices />
        </div>
        <div className={classes.fields}>
          <FieldsPanel wanted={wanted?.visit_id === visit_id ? wanted.field : null} />
        </div>
        <div className={classes.notes}>
          <NotesPanel />
        </div>
        <ActionPopover waiting={waiting} onOpenField={openField} />
      </div>
      <PeekDrawer section_key={peeked} onPeek={setPeeked} />
      <GoToDialog opened={dialog === "go_to"} onClose={close} onPeek={setPeeked} />
      <MissingDialog
        opened={dialog === "missing"}
        onClose={close}
        onOpenField={openField}
        onFinish={() => finish(true)}
      />
      <BackDialog to_visit_id={back_to} onClose={() => setBackTo(null)} />
      <EndDialog opened={dialog === "end"} onClose={close} />
      {dialog === "switch" && (
        <Suspense>
          <SwitchDialog opened onClose={close} />
        </Suspense>
      )}
      {dialog === "transfer" && (
        <Suspense fallback={null}>
          <TransferDialog onClose={close} />
        </Suspense>
      )}
      {dialog === "give" && (
        <Suspense fallback={null}>
          <GiveDialog onClose={close} />
        </Suspense>
      )}
      {dialog === "mark" && <MarkDialog onClose={close} />}
      <LostDialog />
      <Suspense fallback={null}>
        <WhisperPanel is_listed={lists_whispers} onList={setListsWhispers} />
      </Suspense>
      <Pointed />
      <Announcer />
    </div>
  );
}

/** Who leaves the review comes back to the Section's name; a watcher's focus stays where it is. */
function useFocusAfterReview(is_reviewing: boolean, is_driving: boolean): void {
  const was_reviewing = useRef(is_reviewing);
  useEffect(() => {
    const has_left = was_reviewing.current && !is_reviewing;
    was_reviewing.current = is_reviewing;
    if (has_left && is_driving && document.activeElement === document.body) focusAnswers();
  }, [is_reviewing, is_driving]);
}
