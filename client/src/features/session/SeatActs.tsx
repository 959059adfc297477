/** In the strip of the seat: what is asked about it, what it became, what this person may do. Rules SE20 to SE25. */

import { Button, CloseButton, Kbd, TextInput } from "@mantine/core";
import { type ReactNode, type SyntheticEvent, useEffect, useState } from "react";
import { writePreference } from "../../lib/preferences";
import { formatElapsed, useNow } from "../../lib/time";
import type { Entry } from "../../palette/match";
import { usePalette } from "../../palette/palette";
import type { HandoverView } from "../../protocol/protocol.gen";
import { type RefusedInput, useSync } from "../../sync";
import { useLive } from "./live";
import classes from "./SeatActs.module.css";
import {
  askingText,
  asSuggestion,
  changeText,
  failedHandover,
  failedText,
  freshChange,
  isAsked,
  isConcerned,
  isRunning,
  mayAskForSeat,
  mayRetake,
  mayTakeSeat,
  openHandover,
  takeToExplain,
} from "./seat";
import { RIPE_AFTER_MS } from "./useStood";

const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;
const OUTSIDE = ["answers", "elsewhere"] as const;

/** As long as the engine keeps it. */
const MAX_REASON = 255;

/** Beside who drives: that the seat passed, what is asked about it, or what became of that. */
export function SeatNews({ is_lost }: { is_lost: boolean }) {
  const live = useLive();
  const { head, person, view, offset_ms } = live;
  const now_ms = useNow() + offset_ms;
  const asking = isRunning(head) ? openHandover(view, now_ms) : undefined;
  const failed = asking === undefined ? failedHandover(view, now_ms) : undefined;
  const change = freshChange(live, now_ms);
  const is_concerned = asking !== undefined && isConcerned(live, asking);
  // What others are asked is told, and covers nothing.
  const told = asking !== undefined && !is_concerned ? askingText(live, asking) : undefined;
  const text = failed === undefined ? told : failedText(failed, person.id);
  const why = view.seat_changes[head.seat]?.reason ?? null;
  const is_quiet = asking === undefined && text === undefined && change === undefined;
  return (
    <>
      {change !== undefined && !is_lost && (
        <span className={classes.news} data-seat-news>
          {changeText(change, person.id)}
        </span>
      )}
      <span className={classes.news} role="status" data-seat-told={text !== undefined || undefined}>
        {text !== undefined && (
          <>
            <Who />
            {text}
          </>
        )}
      </span>
      {is_quiet && why !== null && head.driver.id !== person.id && !is_lost && (
        <span className={classes.reason} data-seat-why title={why}>
          Why: {why}
        </span>
      )}
      {asking !== undefined && is_concerned && <Asking key={asking.id} handover={asking} now_ms={now_ms} />}
      {asking === undefined && mayRetake(live) && <Retake key={head.seat} />}
    </>
  );
}

/** What may be done about the seat without being asked. */
export function SeatButtons() {
  const live = useLive();
  const { head, person, view, model, offset_ms, act } = live;
  const is_asking = openHandover(view, useNow() + offset_ms) !== undefined;
  const is_driving = isRunning(head) && head.driver.id === person.id;
  const may_hand_back = is_driving && head.owner.id !== person.id;
  const may_ask = mayAskForSeat(live) && !is_asking && !mayRetake(live);
  const others = model.people.filter(({ person_id, role }) => person_id !== person.id && role !== "taker");
  const ask = (): void => act({ type: "request_seat" });
  const take = (): void => act({ type: "take_seat" });
  const handBack = (): void => act({ type: "hand_back" });
  usePalette([
    { id: "ask_for_seat", label: "Ask for the seat", keys: ["v"], places: OUTSIDE, when: () => may_ask, run: ask },
    offered("take_seat", "Take the seat", mayTakeSeat(live), take),
    offered("hand_back", "Hand back", may_hand_back, handBack),
    ...others.map(({ person_id, name }) =>
      offered(`offer_${person_id}`, `Offer the seat to ${name}`, is_driving && !is_asking, () =>
        act({ type: "offer_seat", to_id: person_id }),
      ),
    ),
  ]);
  return (
    <>
      <Why />
      {may_hand_back && (
        <Button size="compact-sm" variant="default" onClick={handBack}>
          Hand back
        </Button>
      )}
      {mayAskForSeat(live) && (
        <Button
          size="compact-sm"
          variant="default"
          disabled={!may_ask}
          aria-keyshortcuts="V"
          title="Ask for the seat (V)"
          onClick={ask}
        >
          Ask for the seat
        </Button>
      )}
      {mayTakeSeat(live) && (
        <Button size="compact-sm" onClick={take}>
          Take the seat
        </Button>
      )}
    </>
  );
}

/** What was refused here goes to who drives now, by one press. Rule SE25. */
export function SuggestInstead({ refusal, onDone }: { refusal: RefusedInput; onDone: () => void }) {
  const live = useLive();
  const suggestion = refusal.code === "not_kept" ? null : asSuggestion(refusal.command, live);
  if (suggestion === null) return null;
  return (
    <Button
      size="compact-sm"
      variant="light"
      onClick={() => {
        live.act(suggestion);
        onDone();
      }}
    >
      Suggest to {live.head.driver.name}
    </Button>
  );
}

/** What only the palette offers. */
function offered(id: string, label: string, may: boolean, run: () => void): Entry {
  return { id, label, keys: [], places: [], when: () => may, run };
}

/** Over what stands there: who asks whom, how long there is to answer, and what this person may do about it. */
function Asking({ handover, now_ms }: { handover: HandoverView; now_ms: number }) {
  const live = useLive();
  const { person, act } = live;
  const { id, kind, by, until_ms } = handover;
  const is_asked = isAsked(live, handover);
  const text = askingText(live, handover);
  const yes = kind === "request" ? "Grant" : "Accept";
  const answer = (type: "grant_seat" | "accept_seat" | "decline_seat"): void => act({ type, handover_id: id });
  const left = formatElapsed(until_ms - now_ms);
  return (
    <Question
      label={text}
      says={is_asked ? `${text}. F4: ${yes}. Shift F4: Decline.` : text}
      left={left}
      {...(is_asked && {
        yes: [yes, () => answer(kind === "request" ? "grant_seat" : "accept_seat")],
        no: ["Decline", () => answer("decline_seat")],
      })}
    >
      {by.id === person.id && (
        <Button size="compact-sm" variant="default" onClick={() => act({ type: "withdraw_seat", handover_id: id })}>
          Take back
        </Button>
      )}
    </Question>
  );
}

/** To the owner whose driver is gone. */
function Retake() {
  const { head, act } = useLive();
  const text = `${head.driver.name} is gone`;
  return (
    <Question
      label={text}
      says={`${text}. F4: drive again.`}
      left={null}
      yes={["Drive again", () => act({ type: "take_seat" })]}
    />
  );
}

interface QuestionProps {
  label: string;
  says: string;
  left: string | null;
  yes?: readonly [label: string, run: () => void];
  no?: readonly [label: string, run: () => void];
  children?: ReactNode;
}

/** What comes under the hands counts for nothing at first, and only once. */
function Question({ label, says, left, yes, no, children }: QuestionProps) {
  const [is_ripe, setRipe] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRipe(true), RIPE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const once = (run: (() => void) | undefined): void => {
    if (!is_ripe || run === undefined) return;
    setRipe(false);
    // What was refused may be tried again; what was not is gone by then.
    setTimeout(() => setRipe(true), 2_000);
    run();
  };
  const may = (answer: QuestionProps["yes"]) => (): boolean => is_ripe && answer !== undefined;
  usePalette([
    {
      id: "seat_yes",
      label: "Yes to what is asked about the seat",
      keys: ["F4"],
      places: ANYWHERE,
      when: may(yes),
      run: () => once(yes?.[1]),
    },
    {
      id: "seat_no",
      label: "No to what is asked about the seat",
      keys: ["Shift+F4"],
      places: ANYWHERE,
      when: may(no),
      run: () => once(no?.[1]),
    },
  ]);
  return (
    <section className={classes.question} aria-label="Who drives next" data-seat-asked={is_ripe ? "ripe" : "young"}>
      <p className="visually-hidden" aria-live="polite">
        <Later text={says} />
      </p>
      <span className={classes.text}>
        <Who />
        <strong>{label}</strong>
        {left !== null && <span className="tabular"> · {left}</span>}
      </span>
      {yes !== undefined && (
        <Button size="compact-sm" aria-keyshortcuts="F4" onClick={() => once(yes[1])}>
          {yes[0]}
          <Kbd className={classes.key} aria-hidden="true">
            F4
          </Kbd>
        </Button>
      )}
      {no !== undefined && (
        <Button size="compact-sm" variant="default" aria-keyshortcuts="Shift+F4" onClick={() => once(no[1])}>
          {no[0]}
          <Kbd className={classes.key} aria-hidden="true">
            ⇧F4
          </Kbd>
        </Button>
      )}
      {children}
    </section>
  );
}

/** Said where the words of who drives are covered. */
function Who() {
  const { head, person } = useLive();
  return (
    <span className={classes.who}>{head.driver.id === person.id ? "You drive" : `${head.driver.name} drives`}. </span>
  );
}

/** A live region says what comes into it, not what it comes with. */
function Later({ text }: { text: string }) {
  const [is_later, setLater] = useState(false);
  useEffect(() => setLater(true), []);
  return is_later ? text : "";
}

/** After taking the seat, for as long as it takes to say why: never needed, in nobody's way. */
function Why() {
  const live = useLive();
  const take = takeToExplain(live);
  const [passed_over, setPassedOver] = useState<number | null>(null);
  const [why, setWhy] = useState("");
  if (take === undefined || take.generation === passed_over) return null;
  const say = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (why.trim() === "") return;
    live.act({ type: "explain_take", generation: take.generation, reason: why.trim() });
    setWhy("");
  };
  return (
    <form onSubmit={say} className={classes.why} aria-label="Why you took the seat">
      <TextInput
        size="xs"
        aria-label="Why you took the seat, if you like"
        placeholder="Why? Enter keeps it"
        value={why}
        maxLength={MAX_REASON}
        data-unsaved={why.trim() !== "" || undefined}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      <CloseButton size="sm" iconSize={16} aria-label="Say no reason" onClick={() => setPassedOver(take.generation)} />
    </form>
  );
}

/** Watching unseen, on this computer from now on. What one does shows one all the same. Rules PR4 and PR5. */
export function HideSwitch({ is_hidden }: { is_hidden: boolean }) {
  const sync = useSync();
  const hide = (): void => {
    writePreference("watch_hidden", is_hidden ? "no" : "yes");
    sync.hide(!is_hidden);
  };
  usePalette([
    { id: "hide", label: is_hidden ? "Be seen while watching" : "Watch unseen", keys: [], places: [], run: hide },
  ]);
  return (
    <>
      <span className={classes.wait} role="status">
        {is_hidden ? "Nobody sees you until you do something" : ""}
      </span>
      <Button size="compact-sm" variant="default" onClick={hide}>
        {is_hidden ? "Be seen" : "Watch unseen"}
      </Button>
    </>
  );
}
