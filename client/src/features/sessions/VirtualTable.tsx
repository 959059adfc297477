/**
 * A table of any length of which only what is in sight is in the page. Its rows can all be reached: by arrow keys,
 * Home, End and Page from the one row that Tab leads to. Rule BP5.
 */

import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useCallback, useLayoutEffect, useRef, useState } from "react";
import board from "./Board.module.css";
import classes from "./SessionsPage.module.css";
import type { Keyed } from "./steady";
import type { SteadyRows } from "./useSteady";

/** Where a row stands. */
export interface RowPlace {
  readonly place: number;
  readonly measure: (row: HTMLTableRowElement | null) => void;
  /** Of the element in it that is marked `data-stop`. */
  readonly tab: 0 | -1;
}

/** What a row puts onto its `tr`. */
export function placed(key: string, { place, measure }: Pick<RowPlace, "place" | "measure">) {
  return { ref: measure, "data-key": key, "data-index": place, "aria-rowindex": place + 2 };
}

interface VirtualTableProps<T extends Keyed> {
  label: string;
  rows: readonly T[];
  columns: readonly { readonly name: string; readonly is_time?: boolean; readonly width: string }[];
  /** Whether a row is one to go to; others only head those below. */
  isStop: (row: T) => boolean;
  renderRow: (row: T, place: RowPlace) => ReactNode;
  handlers: SteadyRows<T>["handlers"];
}

const ROW_PX = 62;
/** The head stays on top of whatever is scrolled. */
const HEAD_PX = 42;
const BEYOND = 6;
/** What scrolls in the frame around every page. */
const SCROLLER = "#content";

export function VirtualTable<T extends Keyed>(props: VirtualTableProps<T>) {
  const { label, rows, columns, isStop, renderRow, handlers } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const [top_px, setTop] = useState(0);
  const [stop_key, setStopKey] = useState<string | null>(null);
  /** The row that gets the focus as soon as it is in the page. */
  const wanted = useRef<string | null>(null);
  const at = stop_key === null ? -1 : rows.findIndex(({ key }) => key === stop_key);
  const virtual = useVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    getItemKey: (place) => rows[place]?.key ?? place,
    getScrollElement: () => body.current?.closest(SCROLLER) ?? null,
    overscan: BEYOND,
    scrollMargin: top_px,
    scrollPaddingStart: HEAD_PX,
    // Whatever holds the focus stays in the page, however far it is scrolled away.
    rangeExtractor: useCallback(
      (range: Range) => {
        const places = defaultRangeExtractor(range);
        return at < 0 || at >= range.count || places.includes(at) ? places : [...places, at].sort((a, b) => a - b);
      },
      [at],
    ),
  });

  useLayoutEffect(() => {
    const scroller = body.current?.closest(SCROLLER);
    if (body.current === null || !scroller) return;
    const above_px = body.current.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    setTop(Math.round(above_px + scroller.scrollTop));
  });
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const stop = body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"] [data-stop]`);
    if (!stop) return;
    wanted.current = null;
    stop.focus({ preventScroll: true });
  });

  const stops = (place: number): boolean => {
    const row = rows[place];
    return row !== undefined && isStop(row);
  };
  const goTo = (place: number, step: 1 | -1): void => {
    let found = Math.min(Math.max(place, 0), rows.length - 1);
    while (rows[found] !== undefined && !stops(found)) found += step;
    const row = rows[found];
    if (row === undefined) return;
    wanted.current = row.key;
    setStopKey(row.key);
    virtual.scrollToIndex(found, { align: "auto" });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target as HTMLElement;
    if (!target.matches("[data-stop]")) return;
    const from = Number(target.closest("tr")?.dataset.index);
    const seen = virtual.range === null ? 1 : Math.max(1, virtual.range.endIndex - virtual.range.startIndex - 1);
    switch (event.key) {
      case "ArrowDown":
        goTo(from + 1, 1);
        break;
      case "ArrowUp":
        goTo(from - 1, -1);
        break;
      case "PageDown":
        goTo(from + seen, 1);
        break;
      case "PageUp":
        goTo(from - seen, -1);
        break;
      case "Home":
        goTo(0, 1);
        break;
      case "End":
        goTo(rows.length - 1, -1);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const items = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const tab_at = at >= 0 ? at : (items.find(({ index }) => index >= first && stops(index))?.index ?? -1);
  let reached_px = top_px;
  const shown = items.flatMap((item) => {
    const row = rows[item.index];
    if (row === undefined) return [];
    const gap_px = item.start - reached_px;
    reached_px = item.end;
    const place = { place: item.index, measure: virtual.measureElement, tab: item.index === tab_at ? 0 : -1 } as const;
    const itself = renderRow(row, place);
    return gap_px > 0 ? [<Space key={`above ${row.key}`} px={gap_px} columns={columns.length} />, itself] : [itself];
  });
  return (
    <table
      className={`${classes.table} ${board.table}`}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are gone through by arrow keys
      role="grid"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
      {...handlers}
      onFocus={(event) => {
        handlers.onFocus();
        setStopKey(event.target.closest("tr")?.dataset.key ?? null);
      }}
    >
      <colgroup>
        {columns.map(({ name, width }) => (
          <col key={name} style={{ width }} />
        ))}
      </colgroup>
      <thead className={board.head}>
        <tr aria-rowindex={1}>
          {columns.map(({ name, is_time }) => (
            <th key={name} scope="col" className={is_time ? `${classes.time} ${board.time}` : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {shown}
        <Space px={virtual.getTotalSize() + top_px - reached_px} columns={columns.length} />
      </tbody>
    </table>
  );
}

/** Stands for the rows that are out of sight. */
function Space({ px, columns }: { px: number; columns: number }) {
  if (px <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true" className={board.space}>
      <td colSpan={columns} style={{ height: px }} />
    </tr>
  );
}
