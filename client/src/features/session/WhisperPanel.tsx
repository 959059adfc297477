/**
 * What was whispered to this person and waits: the oldest first, at one place. It takes no room of its own, never the
 * focus, and counts nothing in its first moment. Rule WH9.
 */

import { IconChevronDown, IconMessageCircle } from "@tabler/icons-react";
import { type KeyboardEvent, type SyntheticEvent, useRef, useState } from "react";
import { usePalette } from "../../palette/palette";
import type { WhisperView } from "../../protocol/protocol.gen";
import { mayShare, useLive } from "./live";
import { useNews } from "./news";
import { useStood } from "./useStood";
import { WhisperList } from "./WhisperList";
import classes from "./WhisperPanel.module.css";
import { latestBy, MAX_WHISPER, names, oneLine, READY_REPLIES, stateText, unreadBy } from "./whispers";

const ANYWHERE = ["answers", "one_line_field", "choice", "input", "elsewhere"] as const;

interface WhisperPanelProps {
  /** All of them are shown. */
  is_listed: boolean;
  onList: (is_listed: boolean) => void;
}

export function WhisperPanel({ is_listed, onList }: WhisperPanelProps) {
  const live = useLive();
  const { view, head, person, act } = live;
  const is_running = head.status === "active" || head.status === "reviewing";
  const unread = is_running ? unreadBy(view, person.id) : [];
  const [first] = unread;
  usePalette([
    {
      id: "whisper",
      label: "Whisper to whoever is here…",
      keys: ["y"],
      places: ["answers", "elsewhere"],
      when: () => document.querySelector("[data-whisper-words]") !== null,
      run: () => document.querySelector<HTMLElement>("[data-whisper-words]")?.focus(),
    },
    {
      id: "whispers",
      label: "Whispers in this Session",
      keys: ["Alt+5"],
      places: ANYWHERE,
      when: () => is_listed || Object.keys(view.whispers).length > 0,
      run: () => onList(!is_listed),
    },
    {
      id: "share_screen",
      label: head.screen_shared ? "The screen is not shared any more" : "The screen is shared with the customer",
      keys: [],
      places: [],
      when: () => mayShare(live),
      run: () => act({ type: "share_screen", shared: !head.screen_shared }),
    },
  ]);
  return (
    <>
      <Spoken unread={unread} />
      {is_listed && !head.screen_shared && (
        <section className={classes.list} aria-label="Whispers in this Session">
          <p className={classes.by}>Whispers in this Session</p>
          <WhisperList />
          <Reply label="Close" digit={5} onClick={() => onList(false)} />
        </section>
      )}
      {first !== undefined &&
        (!is_listed || head.screen_shared) &&
        (head.screen_shared ? (
          <section className={classes.waits} aria-label="Waiting">
            {unread.length} {unread.length === 1 ? "waits" : "wait"}
          </section>
        ) : (
          <One key={first.id} whisper={first} more={unread.length - 1} />
        ))}
    </>
  );
}

/** Said aloud once, and nothing of it while the customer sees, and may hear, the screen. */
function Spoken({ unread }: { unread: readonly WhisperView[] }) {
  const { view, head, person } = useLive();
  const is_open = !head.screen_shared;
  const arrived = useNews(
    unread.flatMap(({ id, by, text }) =>
      is_open && text !== null ? [{ key: id, text: `${by.name} whispers: ${text}` }] : [],
    ),
  );
  const mine = latestBy(view, person.id);
  const answered = useNews(
    is_open && mine !== undefined && mine.replies.length > 0
      ? [{ key: `${mine.id} ${mine.replies.length}`, text: stateText(mine, [], false) }]
      : [],
  );
  return (
    <div className="visually-hidden">
      <p aria-live="polite">{arrived}</p>
      <p aria-live="polite">{answered}</p>
    </div>
  );
}

function One({ whisper: { id, by, to, text }, more }: { whisper: WhisperView; more: number }) {
  const { person, act } = useLive();
  const [is_open, setOpen] = useState(false);
  const [words, setWords] = useState("");
  const { is_ripe, decide } = useRipe(id);
  const reply = (said: string): void => decide(() => act({ type: "reply_to_whisper", whisper_id: id, text: said }));
  const read = (): void => decide(() => act({ type: "read_whisper", whisper_id: id }));
  /** Where the focus was before it came to the answer. */
  const before = useRef<HTMLElement | null>(null);
  const leave = (): void => {
    if (before.current?.isConnected && before.current.checkVisibility()) before.current.focus();
  };
  const send = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (words.trim() === "") return;
    reply(oneLine(words));
    leave();
  };
  const goBack = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing || before.current === null) return;
    // In a Field it leads to the Answers.
    event.preventDefault();
    event.stopPropagation();
    leave();
  };
  usePalette([
    ...READY_REPLIES.map(({ said, label, keys }) => ({
      id: `whisper ${said}`,
      label,
      keys,
      places: ANYWHERE,
      run: () => reply(said),
    })),
    {
      id: "whisper_words",
      label: "Answer the whisper in your own words",
      keys: ["Alt+4"],
      places: ANYWHERE,
      run: () => {
        setOpen(true);
        requestAnimationFrame(() => document.querySelector<HTMLElement>("[data-whisper-reply]")?.focus());
      },
    },
    { id: "whisper_read", label: "The whisper is read", keys: ["Alt+0"], places: ANYWHERE, run: read },
  ]);
  const others = to.filter((each) => each.id !== person.id);
  return (
    <section
      className={classes.panel}
      aria-label={`Whispered by ${by.name}`}
      data-whisper={id}
      data-ripe={is_ripe || undefined}
      data-open={is_open || undefined}
    >
      <button type="button" className={classes.line} aria-expanded={is_open} onClick={() => setOpen(!is_open)}>
        <IconMessageCircle size={16} aria-hidden="true" />
        <span className={classes.cut}>
          <strong>{by.name}:</strong> {text}
        </span>
        {more > 0 && <span className={classes.more}>+{more}</span>}
        <IconChevronDown size={16} aria-hidden="true" />
      </button>
      <div className={classes.whole}>
        <p className={classes.by}>
          <IconMessageCircle size={15} aria-hidden="true" />
          <span>
            <strong>{by.name}</strong> whispers{others.length > 0 && ` to you and ${names(others, person.id)}`}
          </span>
        </p>
        <p className={classes.text}>{text}</p>
        <div className={classes.ready}>
          {READY_REPLIES.map(({ said }, place) => (
            <Reply key={said} label={said} digit={place + 1} onClick={() => reply(said)} />
          ))}
        </div>
        <form onSubmit={send} className={classes.words}>
          <input
            className={classes.input}
            data-whisper-reply
            data-unsaved={words.trim() !== "" || undefined}
            aria-label={`Answer ${by.name}`}
            aria-keyshortcuts="Alt+4"
            placeholder="Answer… (Alt 4)"
            maxLength={MAX_WHISPER}
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
            onKeyDown={goBack}
            onFocus={({ currentTarget, relatedTarget }) => {
              const is_within = currentTarget.closest("section")?.contains(relatedTarget);
              if (relatedTarget instanceof HTMLElement && !is_within) before.current = relatedTarget;
            }}
          />
          <Reply label="Read" digit={0} onClick={read} />
        </form>
        {more > 0 && <p className={classes.behind}>{more === 1 ? "1 more waits" : `${more} more wait`}</p>}
      </div>
    </section>
  );
}

function Reply({ label, digit, onClick }: { label: string; digit: number; onClick: () => void }) {
  return (
    <button type="button" className={classes.reply} aria-keyshortcuts={`Alt+${digit}`} onClick={onClick}>
      <span>{label}</span>
      <span className={classes.key} aria-hidden="true">
        Alt {digit}
      </span>
    </button>
  );
}

/** Deciding once, and not before it can have been seen; again if the server refused. */
function useRipe(id: string): { is_ripe: boolean; decide: (how: () => void) => void } {
  const { model } = useLive();
  const has_stood = useStood();
  const [is_decided, setDecided] = useState(false);
  const is_refused = model.refusals.some(
    ({ command }) =>
      (command.type === "reply_to_whisper" || command.type === "read_whisper") && command.whisper_id === id,
  );
  const is_ripe = has_stood && (!is_decided || is_refused);
  const decide = (how: () => void): void => {
    if (!is_ripe) return;
    setDecided(true);
    how();
  };
  return { is_ripe, decide };
}
