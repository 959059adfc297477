/** The call's time: its Sections as bands, pauses as gaps, what happened as marks. One slider for keys and readers. */

import { useElementSize, useMergedRef } from "@mantine/hooks";
import { memo, type PointerEvent, useRef } from "react";
import { formatElapsed } from "../../lib/time";
import { indexAt, lengthOf, type Replay, stayAt } from "./replay";
import { MARKS, marksOf, placesOf } from "./replayMarks";
import classes from "./Scrubber.module.css";

/** As wide as a mark: none is nearer to the next. */
const MARK_PX = 24;
/** A band that is narrower has no room for a name. */
const NAME_PX = 44;

interface ScrubberProps {
  replay: Replay;
  index: number;
  place_ms: number;
  onSeek: (index: number) => void;
  onStep: (steps: number) => void;
}

export function Scrubber({ replay, index, place_ms, onSeek, onStep }: ScrubberProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const track = useRef<HTMLDivElement>(null);
  const merged = useMergedRef(ref, track);
  // Of a call of a moment all marks would stand in one place.
  const length_ms = Math.max(1, lengthOf(replay));
  const stay = stayAt(replay, index);
  const seekTo = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return;
    const part = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const to = indexAt(replay, part * length_ms);
    if (to !== index) onSeek(to);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      className={classes.slider}
      aria-label="Moment of the call"
      aria-valuemin={1}
      aria-valuemax={replay.steps.length}
      aria-valuenow={index + 1}
      aria-valuetext={`${formatElapsed(place_ms)} of ${formatElapsed(length_ms)}, Section ${stay?.name ?? ""}`}
      onKeyDown={(event) => {
        // Held down; the first press is the screen's, wherever the focus is.
        const by = event.repeat ? { ArrowRight: 1, ArrowLeft: -1 }[event.key] : undefined;
        if (by === undefined) return;
        event.preventDefault();
        onStep(by);
      }}
      onPointerDown={(event) => {
        const mark = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-mark]") : null;
        // A mark is what was meant, whatever is nearer by a pixel.
        if (mark !== null) return onSeek(Number(mark.dataset.mark));
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
    >
      <Marks replay={replay} length_ms={length_ms} width={width} />
      <div ref={merged} className={classes.track}>
        <Bands replay={replay} length_ms={length_ms} width={width} />
        {stay !== undefined && <Band {...bandOf(replay, replay.stays.indexOf(stay), length_ms, width)} is_current />}
        <Breaks replay={replay} length_ms={length_ms} />
        <span className={classes.passed} style={{ width: percent(place_ms, length_ms) }} />
        <span className={classes.thumb} style={{ left: percent(place_ms, length_ms) }} />
      </div>
    </div>
  );
}

function percent(ms: number, length_ms: number): string {
  return `${(100 * ms) / length_ms}%`;
}

interface Drawn {
  replay: Replay;
  length_ms: number;
  width: number;
}

/** These are drawn once, not with every step: there may be hundreds. */
const Marks = memo(function Marks({ replay, length_ms, width }: Drawn) {
  const marks = marksOf(replay, length_ms, Math.max(1, Math.floor(width / MARK_PX)));
  const places = placesOf(marks, length_ms, width, MARK_PX);
  return (
    <div className={classes.marks}>
      {marks.map(({ index, kind, text }, nth) => {
        const { Icon } = MARKS[kind];
        return (
          <span
            key={index}
            className={classes.mark}
            data-mark={index}
            data-kind={kind}
            style={{ left: places[nth] }}
            title={text}
          >
            <Icon size={14} aria-hidden="true" />
          </span>
        );
      })}
    </div>
  );
});

const Bands = memo(function Bands({ replay, length_ms, width }: Drawn) {
  return replay.stays.map(({ visit_id }, place) => (
    <Band key={visit_id} {...bandOf(replay, place, length_ms, width)} />
  ));
});

const Breaks = memo(function Breaks({ replay, length_ms }: Omit<Drawn, "width">) {
  return replay.breaks.map(({ from_ms, to_ms, lasted_ms, is_pause }) => (
    <span
      key={from_ms}
      className={classes.break}
      style={{ left: percent(from_ms, length_ms), width: percent(to_ms - from_ms, length_ms) }}
      title={`${is_pause ? "Paused" : "Finished"} for ${formatElapsed(lasted_ms)}`}
    />
  ));
});

interface BandProps {
  left: string;
  width: string;
  name: string;
  has_room: boolean;
  is_current?: boolean;
}

function Band({ left, width, name, has_room, is_current }: BandProps) {
  return (
    <span className={classes.band} data-current={is_current || undefined} style={{ left, width }} title={name}>
      {has_room && name}
    </span>
  );
}

function bandOf({ stays, steps }: Replay, place: number, length_ms: number, width: number): BandProps {
  const from_ms = steps[stays[place]?.first ?? 0]?.place_ms ?? 0;
  const to_ms = steps[stays[place + 1]?.first ?? -1]?.place_ms ?? length_ms;
  return {
    left: percent(from_ms, length_ms),
    width: percent(to_ms - from_ms, length_ms),
    name: stays[place]?.name ?? "",
    has_room: (width * (to_ms - from_ms)) / length_ms >= NAME_PX,
  };
}
