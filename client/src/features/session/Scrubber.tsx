/** The call's time: its Sections as bands, pauses as gaps, what happened as marks. One slider for keys and readers. */

import { useElementSize, useMergedRef } from "@mantine/hooks";
import { type PointerEvent, useMemo, useRef } from "react";
import { formatElapsed } from "../../lib/time";
import { indexAt, lengthOf, type Replay, stayAt } from "./replay";
import { MARKS, marksOf } from "./replayMarks";
import classes from "./Scrubber.module.css";

/** Marks are no nearer to each other. */
const MARK_PX = 18;
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
  const at = (ms: number): string => `${(100 * ms) / length_ms}%`;
  const marks = useMemo(
    () => marksOf(replay, length_ms, Math.max(1, Math.floor(width / MARK_PX))),
    [replay, length_ms, width],
  );
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
      <div className={classes.marks}>
        {marks.map(({ index: to, place_ms: ms, kind, text }) => {
          const { Icon } = MARKS[kind];
          return (
            <span
              key={to}
              className={classes.mark}
              data-mark={to}
              data-kind={kind}
              data-passed={to <= index || undefined}
              style={{ left: at(ms) }}
              title={text}
            >
              <Icon size={14} aria-hidden="true" />
            </span>
          );
        })}
      </div>
      <div ref={merged} className={classes.track}>
        {replay.stays.map(({ visit_id, name, first }, place) => {
          const from_ms = replay.steps[first]?.place_ms ?? 0;
          const next = replay.stays[place + 1];
          const to_ms = next === undefined ? length_ms : (replay.steps[next.first]?.place_ms ?? length_ms);
          const px = (width * (to_ms - from_ms)) / length_ms;
          return (
            <span
              key={visit_id}
              className={classes.band}
              data-current={visit_id === stay?.visit_id || undefined}
              style={{ left: at(from_ms), width: at(to_ms - from_ms) }}
              title={name}
            >
              {px >= NAME_PX && name}
            </span>
          );
        })}
        {replay.breaks.map(({ from_ms, to_ms, lasted_ms, is_pause }) => (
          <span
            key={from_ms}
            className={classes.break}
            style={{ left: at(from_ms), width: at(to_ms - from_ms) }}
            title={`${is_pause ? "Paused" : "Finished"} for ${formatElapsed(lasted_ms)}`}
          />
        ))}
        <span className={classes.passed} style={{ width: at(place_ms) }} />
        <span className={classes.thumb} style={{ left: at(place_ms) }} />
      </div>
    </div>
  );
}
