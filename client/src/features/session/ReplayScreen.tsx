/** The Session's screen as it was after one entry, of which nothing can be pressed, above what moves through time. */

import { lazy, Suspense, useEffect, useMemo, useReducer, useState, useSyncExternalStore } from "react";
import { Link, useLocation } from "wouter";
import { persistently } from "../../lib/persistently";
import { StoppedClock } from "../../lib/time";
import type { Key, Policy, SessionId, View } from "../../protocol/protocol.gen";
import type { SessionModel } from "../../sync";
import { CopyButton } from "../../ui/CopyButton";
import { StatusBadge } from "../../ui/StatusBadge";
import { DigestStrip } from "./DigestStrip";
import { FieldsPanel } from "./FieldsPanel";
import live_classes from "./LiveScreen.module.css";
import { type Guide, isOpen, type Live, LiveContext, type Person, useLive } from "./live";
import { liveOf } from "./liveOf";
import { PathPanel } from "./PathPanel";
import { PausedBand } from "./PausedBand";
import { PeekDrawer } from "./PeekDrawer";
import { AT_END, type Player, play, seek, shownIndex } from "./player";
import { Outcome, RecordBody } from "./RecordScreen";
import record_classes from "./RecordScreen.module.css";
import { ReplayDock } from "./ReplayDock";
import { ReplayNotes } from "./ReplayNotes";
import classes from "./ReplayScreen.module.css";
import "./Replay.css";
import { indexOf, type Replay, viewAt } from "./replay";
import { useReplayKeys } from "./replayKeys";
import { replayPath } from "./replayPath";
import { SectionPanel } from "./SectionPanel";

const ReviewPanel = lazy(() => persistently(() => import("./ReviewPanel")).then((it) => ({ default: it.ReviewPanel })));

interface ReplayScreenProps {
  session_id: SessionId;
  policy: Policy;
  guide: Guide;
  replay: Replay;
  /** All that there is was loaded. */
  is_whole: boolean;
  server_offset_ms: number;
}

/** A change of where the replay stands, made of what it is. */
export type Move = (player: Player, replay: Replay) => Player;

const TICK_MS = 100;

export function ReplayScreen({ session_id, policy, guide, replay, is_whole, server_offset_ms }: ReplayScreenProps) {
  const is_live = isOpenNow(replay.last);
  const { player, move } = usePlayer(replay, is_whole, is_live, session_id);
  const index = shownIndex(player, replay);
  const step = replay.steps[index];
  const view = useMemo(() => viewAt(replay, index), [replay, index]);
  const at_ms = step?.at_ms ?? 0;
  const live = useMemo(
    () =>
      liveOf(view, {
        ...NOBODY,
        session_id,
        guide,
        policy,
        // Whatever asks for the time is told the moment on screen.
        offset_ms: at_ms - Date.now(),
      }),
    [view, session_id, guide, policy, at_ms],
  );
  const [, navigate] = useLocation();
  const leave = (): void => navigate(`/sessions/${session_id}`);
  useReplayKeys({ move, leave, is_live });
  useMarks(step?.where ?? [], step?.by.name ?? "");
  if (live === null || step === undefined) return null;
  return (
    <LiveContext value={live}>
      <StoppedClock value={at_ms - live.offset_ms}>
        <div className={classes.replay}>
          <Header live={live} replay={replay} index={index} is_live={is_live} />
          <Past live={live} />
          <ReplayDock
            replay={replay}
            player={player}
            move={move}
            is_live={is_live}
            is_whole={is_whole}
            now_offset_ms={server_offset_ms}
          />
        </div>
      </StoppedClock>
    </LiveContext>
  );
}

function isOpenNow(view: View): boolean {
  const head = view.head.session;
  return head !== undefined && isOpen(head);
}

/** Where it stands, told by the address first; it goes on by itself while it plays. */
function usePlayer(replay: Replay, is_whole: boolean, is_live: boolean, session_id: SessionId) {
  const [player, move] = useReducer((player: Player, change: Move) => change(player, replay), AT_END);
  const hash = useSyncExternalStore(followAddress, () => window.location.hash);
  const [followed, setFollowed] = useState<string | null>(null);
  // An address that names what is not loaded yet waits for it.
  const named = indexOf(replay, hash);
  if (hash !== followed && (named !== null || is_whole)) {
    setFollowed(hash);
    if (named !== null) move((player, replay) => seek(player, replay, named));
    else if (followed === null && !is_live) move((player, replay) => seek(player, replay, 0));
  }
  const index = shownIndex(player, replay);
  const seq = player.at === null && is_live ? null : (replay.steps[index]?.seq ?? null);
  useEffect(() => {
    if (followed === null || player.is_playing) return;
    const timer = setTimeout(() => {
      const path = seq === null ? replayPath(session_id) : replayPath(session_id, seq);
      if (window.location.pathname + window.location.hash === path) return;
      setFollowed(new URL(path, window.location.href).hash);
      window.history.replaceState(window.history.state, "", path);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [seq, session_id, followed, player.is_playing]);
  useEffect(() => {
    if (!player.is_playing) return;
    let before_ms = performance.now();
    const timer = setInterval(() => {
      const now_ms = performance.now();
      const passed_ms = now_ms - before_ms;
      before_ms = now_ms;
      move((player, replay) => play(player, replay, passed_ms));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [player.is_playing]);
  return { player, move };
}

/** The address follows whoever stays at a step for so long. */
const SETTLED_MS = 300;

/** wouter tells of what it changes itself, the browser of the rest. */
const ADDRESS_EVENTS = ["hashchange", "popstate", "pushState", "replaceState"];

function followAddress(listener: () => void): () => void {
  for (const each of ADDRESS_EVENTS) window.addEventListener(each, listener);
  return () => {
    for (const each of ADDRESS_EVENTS) window.removeEventListener(each, listener);
  };
}

/** Whoever looks at the past is nobody in it: nothing is offered to be pressed, and nothing is sent. */
const NOBODY: Pick<Live, "person" | "model" | "saver" | "leaf_saver" | "act"> = {
  person: { id: "", name: "", roles: [], permissions: [] } satisfies Person,
  model: {
    phase: "live",
    audience: null,
    view: null,
    seq: null,
    pending_count: 0,
    saved: "saved",
    refusals: [],
    people: [],
    is_hidden: false,
    passed: null,
    doing: [],
    lost: null,
    dismissRefusal: () => undefined,
    dismissLost: () => undefined,
  } satisfies SessionModel,
  saver: { change: () => undefined, flush: () => undefined },
  leaf_saver: { change: () => undefined, flush: () => undefined },
  act: () => undefined,
};

/** Marks in its place what the entry changed, with who did it. Moves nothing. */
function useMarks(where: readonly string[], who: string): void {
  const places = where.join(" ");
  useEffect(() => {
    // Within its panel; what is on screen stays where it is.
    findAll(places)[0]?.scrollIntoView({ block: "nearest" });
  }, [places]);
  useEffect(() => {
    const found = findAll(places);
    for (const each of found) each.setAttribute("data-changed", who);
    return () => {
      for (const each of found) each.removeAttribute("data-changed");
    };
  });
}

function findAll(places: string): readonly Element[] {
  return places.split(" ").flatMap((place) => (place === "" ? [] : [...document.querySelectorAll(selectorOf(place))]));
}

function selectorOf(place: string): string {
  const [kind = "", name] = place.split("/");
  if (name !== undefined)
    return `:is([data-${kind}="${CSS.escape(name)}"], [data-record-${kind}="${CSS.escape(name)}"])`;
  return kind === "section" ? "[data-section-name]" : `[data-${kind}]`;
}

interface HeaderProps {
  live: Live;
  replay: Replay;
  index: number;
  is_live: boolean;
}

function Header({ live: { head, guide, session_id }, replay, index, is_live }: HeaderProps) {
  const title = head.title === "" ? guide.document.name : head.title;
  const after = replay.last.head.session?.switched_to ?? null;
  return (
    <section className={classes.header} aria-label="Replay">
      <title>{`Replay: ${title} · Sidecoach`}</title>
      <span className={classes.mode}>Replay</span>
      <div className={classes.what}>
        <p className={classes.title}>{title}</p>
        <p className={classes.facts}>
          <StatusBadge status={head.status} won={head.won} />
          <span>{head.driver.name} drives</span>
          {head.owner.id !== head.driver.id && <span>{head.owner.name}’s Session</span>}
          {head.switched_from !== null && <Link href={replayPath(head.switched_from)}>The Session before</Link>}
          {after !== null && <Link href={replayPath(after)}>The Session after</Link>}
        </p>
      </div>
      <CopyButton
        label="Copy a link to this moment"
        size={36}
        text={() => new URL(replayPath(session_id, replay.steps[index]?.seq), window.location.href).href}
      />
      <Link href={`/sessions/${session_id}`} className={classes.back} data-live={is_live || undefined}>
        {is_live ? "Back to live" : "To the record"}
      </Link>
    </section>
  );
}

type Panel = "section" | "fields" | "notes" | "path";

const PANELS: readonly [Panel, string][] = [
  ["section", "Section"],
  ["fields", "Fields"],
  ["notes", "Notes"],
  ["path", "Path"],
];

/** Both screens stay: the focus is not lost, and nothing is announced, where a step leads from one to the other. */
function Past({ live }: { live: Live }) {
  const is_open = isOpen(live.head);
  return (
    <>
      <div className={classes.place} hidden={!is_open}>
        <PastScreen />
      </div>
      {!is_open && (
        <section className={classes.record} aria-label="Record">
          <div className={record_classes.outcome} data-outcome={live.head.won ? "won" : live.head.status}>
            <Outcome />
          </div>
          <RecordBody>
            <ReplayNotes />
          </RecordBody>
        </section>
      )}
    </>
  );
}

/** Where the digest would leave the Section no room above what moves through time. */
const TIGHT = "(max-width: 699px), (max-height: 760px)";

function PastScreen() {
  const { head } = useLive();
  const [panel, setPanel] = useState<Panel>("section");
  const [peeked, setPeeked] = useState<Key | null>(null);
  const is_paused = head.status === "paused";
  const shows_review = head.status === "reviewing" || (is_paused && head.came_from === "reviewing");
  return (
    <div className={live_classes.screen} data-panel={panel} data-training={head.training || undefined}>
      <DigestStrip folded_where={TIGHT} />
      <div className={live_classes.body}>
        <nav className={live_classes.tabs} aria-label="Panels">
          {PANELS.map(([each, label]) => (
            <button
              key={each}
              type="button"
              className={live_classes.tab}
              data-tab={each}
              aria-pressed={panel === each}
              onClick={() => setPanel(each)}
            >
              {label}
            </button>
          ))}
        </nav>
        <div className={live_classes.path}>
          <PathPanel onBack={() => undefined} onPeek={setPeeked} onFind={null} />
        </div>
        <div className={live_classes.section}>
          <div className={live_classes.stay} hidden={shows_review}>
            <SectionPanel onOpenField={() => setPanel("fields")} onComplete={() => undefined} read={null} />
          </div>
          {shows_review && (
            <Suspense>
              <ReviewPanel onOpenField={() => setPanel("fields")} onComplete={() => undefined} asked={null} />
            </Suspense>
          )}
          {is_paused && <PausedBand onEnd={() => undefined} />}
        </div>
        <div className={live_classes.fields}>
          <FieldsPanel wanted={null} />
        </div>
        <div className={live_classes.notes}>
          <ReplayNotes />
        </div>
      </div>
      <PeekDrawer section_key={peeked} onPeek={setPeeked} />
    </div>
  );
}
