/** What moves through the time of a replay: scrubber, buttons, and what the entry on screen changed. Rules RP6 to RP8. */

import { ActionIcon, Drawer, Switch } from "@mantine/core";
import {
  IconChevronRight,
  IconListDetails,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
} from "@tabler/icons-react";
import { useState } from "react";
import { formatElapsed, formatMoment } from "../../lib/time";
import { type Player, SPEEDS, seek, shownIndex, togglePlay } from "./player";
import classes from "./ReplayDock.module.css";
import type { Move } from "./ReplayScreen";
import { lengthOf, type Replay } from "./replay";
import { by, bySection } from "./replayKeys";
import { type Chapter, chaptersOf, MARKS } from "./replayMarks";
import { Scrubber } from "./Scrubber";

interface ReplayDockProps {
  replay: Replay;
  player: Player;
  move: (move: Move) => void;
  is_live: boolean;
  is_whole: boolean;
  now_offset_ms: number;
}

export function ReplayDock({ replay, player, move, is_live, is_whole, now_offset_ms }: ReplayDockProps) {
  const [is_listed, setListed] = useState(false);
  const index = shownIndex(player, replay);
  const step = replay.steps[index];
  if (step === undefined) return null;
  const place_ms = Math.max(step.place_ms, player.is_playing ? player.place_ms : 0);
  const { Icon } = MARKS[step.kind];
  const go = (to: number): void => move((player, replay) => seek(player, replay, to));
  return (
    <section className={classes.dock} aria-label="Time">
      <div className={classes.top}>
        <p className={classes.change} aria-live={player.is_playing ? "off" : "polite"} data-change>
          <span className={classes.icon} data-kind={step.kind}>
            <Icon size={17} aria-hidden="true" />
          </span>
          <span className={classes.text} title={step.text}>
            {step.text}
          </span>
          <span className={classes.who}>
            <span className={classes.by}>{step.by.name}</span>
            <span>
              , {formatMoment(step.at_ms, Date.now() + now_offset_ms)} · entry {step.seq} of {replay.seq}
            </span>
          </span>
        </p>
        <button type="button" className={classes.list} onClick={() => setListed(true)}>
          <IconListDetails size={17} aria-hidden="true" /> <span>What happened</span>
        </button>
      </div>
      <Scrubber replay={replay} index={index} place_ms={place_ms} onSeek={go} onStep={(steps) => move(by(steps))} />
      <div className={classes.buttons}>
        <ActionIcon.Group>
          <Button label="Section before" keys="Shift+ArrowLeft" onPress={() => move(bySection(-1))}>
            <IconPlayerTrackPrev size={17} />
          </Button>
          <Button label="Entry before" keys="ArrowLeft" onPress={() => move(by(-1))}>
            <IconPlayerSkipBack size={17} />
          </Button>
          <ActionIcon
            variant="filled"
            size={38}
            aria-label={player.is_playing ? "Stop" : "Play"}
            aria-keyshortcuts="Space"
            onClick={() => move(togglePlay)}
          >
            {player.is_playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
          </ActionIcon>
          <Button label="Next entry" keys="ArrowRight" onPress={() => move(by(1))}>
            <IconPlayerSkipForward size={17} />
          </Button>
          <Button label="Next Section" keys="Shift+ArrowRight" onPress={() => move(bySection(1))}>
            <IconPlayerTrackNext size={17} />
          </Button>
        </ActionIcon.Group>
        <span className={classes.time} title="Time of the call; what it was paused is left out">
          {formatElapsed(place_ms)} <span className={classes.of}>of {formatElapsed(lengthOf(replay))}</span>
        </span>
        <fieldset className={classes.speeds} aria-label="Speed">
          {SPEEDS.map((speed) => (
            <button
              key={speed}
              type="button"
              className={classes.speed}
              aria-pressed={player.speed === speed}
              aria-label={`${speed} times as fast`}
              onClick={() => move((player) => ({ ...player, speed }))}
            >
              {speed}×
            </button>
          ))}
        </fieldset>
        <Switch
          size="xs"
          label="Skip silences"
          checked={player.skips_silence}
          onChange={({ currentTarget: { checked } }) => move((player) => ({ ...player, skips_silence: checked }))}
        />
        {!is_whole && (
          <span className={classes.loading} role="status">
            Loading…
          </span>
        )}
        {is_live && player.at === null && <span className={classes.newest}>Newest</span>}
      </div>
      <Drawer opened={is_listed} onClose={() => setListed(false)} position="right" size={440} title="What happened">
        {is_listed && (
          <What
            replay={replay}
            index={index}
            onGo={(to) => {
              go(to);
              setListed(false);
            }}
          />
        )}
      </Drawer>
    </section>
  );
}

interface ButtonProps {
  label: string;
  keys: string;
  onPress: () => void;
  children: React.ReactNode;
}

function Button({ label, keys, onPress, children }: ButtonProps) {
  return (
    <ActionIcon variant="default" size={38} aria-label={label} title={label} aria-keyshortcuts={keys} onClick={onPress}>
      {children}
    </ActionIcon>
  );
}

/** Of more steps only the Section on screen stands open at first. */
const FEW = 300;

/** Every mark of the scrubber in words, to go there. */
function What({ replay, index, onGo }: { replay: Replay; index: number; onGo: (index: number) => void }) {
  const chapters = chaptersOf(replay);
  const current = chapters.findLast(({ first }) => first <= index);
  return chapters.map((chapter) => (
    <ChapterLines
      key={chapter.first}
      chapter={chapter}
      index={chapter === current ? index : null}
      is_open_first={replay.steps.length <= FEW || chapter === current}
      onGo={onGo}
    />
  ));
}

interface ChapterProps {
  chapter: Chapter;
  /** Null if the step on screen is in another one. */
  index: number | null;
  is_open_first: boolean;
  onGo: (index: number) => void;
}

function ChapterLines({ chapter: { name, lines }, index, is_open_first, onGo }: ChapterProps) {
  const [is_open, setOpen] = useState(is_open_first);
  const current = index === null ? undefined : (lines.findLast((line) => line.index <= index) ?? lines[0]);
  return (
    <section>
      <h3 className={classes.chapter}>
        <button type="button" className={classes.line} aria-expanded={is_open} onClick={() => setOpen(!is_open)}>
          <IconChevronRight size={15} className={classes.chevron} aria-hidden="true" />
          <span className={classes.line_text}>{name}</span>
          <span className={classes.at}>{formatElapsed(lines[0]?.place_ms ?? 0)}</span>
        </button>
      </h3>
      {is_open && (
        <ol className={classes.lines}>
          {lines.map((line) => {
            const { Icon } = MARKS[line.kind];
            return (
              <li key={line.index}>
                <button
                  type="button"
                  className={classes.line}
                  aria-current={line === current ? "step" : undefined}
                  onClick={() => onGo(line.index)}
                >
                  <span className={classes.icon} data-kind={line.kind}>
                    <Icon size={15} aria-hidden="true" />
                  </span>
                  <span className={classes.line_text}>{line.text}</span>
                  <span className={classes.at}>{formatElapsed(line.place_ms)}</span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
