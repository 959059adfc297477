/** What pages that are lists have in common: empty, loading or failed, filters, and more of it. */

import { Button, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Pages } from "../lib/usePages";
import classes from "./ListPage.module.css";

interface ListProps {
  list: Pages<unknown>;
  /** What stands there while there is nothing. */
  empty: ReactNode;
  children: ReactNode;
}

export function ListOf({ list, empty, children }: ListProps) {
  const { phase, lines, has_more, more_phase, more, again } = list;
  if (phase === "failed") {
    return (
      <ListMessage title="The list could not be loaded" is_alert>
        <Button mt="md" onClick={again}>
          Try again
        </Button>
      </ListMessage>
    );
  }
  if (lines.length === 0) return phase === "loading" ? <ListLoading /> : empty;
  return (
    <>
      {children}
      {more_phase === "failed" && (
        <p role="alert" className={classes.wrong}>
          More could not be loaded.
        </p>
      )}
      {has_more && <ShowMore is_loading={more_phase === "loading"} onMore={more} />}
    </>
  );
}

export function ListLoading() {
  return <p className={classes.empty}>Loading…</p>;
}

interface ShowMoreProps {
  is_loading?: boolean;
  onMore: () => void;
  children?: ReactNode;
}

export function ShowMore({ is_loading = false, onMore, children = "Show more" }: ShowMoreProps) {
  return (
    <Button variant="default" className={classes.more} loading={is_loading} onClick={onMore}>
      {children}
    </Button>
  );
}

interface ListMessageProps {
  title: string;
  is_alert?: boolean;
  children?: ReactNode;
}

export function ListMessage({ title, is_alert = false, children }: ListMessageProps) {
  return (
    <div className={classes.empty} role={is_alert ? "alert" : undefined}>
      <p className={classes.empty_title}>{title}</p>
      {children}
    </div>
  );
}

/** What stands over a list and should be read first. */
export function Caution({ children }: { children: ReactNode }) {
  return (
    <div className={classes.notice} data-problem role="status">
      <p>{children}</p>
    </div>
  );
}

interface Days {
  readonly from: string;
  readonly to: string;
}

interface FilterFieldsProps {
  days: Days;
  is_set: boolean;
  onDays: (change: Partial<Days>) => void;
  onClear: () => void;
  /** What else is asked for, before the days. */
  children: ReactNode;
}

export function FilterFields({ days, is_set, onDays, onClear, children }: FilterFieldsProps) {
  return (
    <fieldset className={classes.filters} aria-label="Filters">
      {children}
      <TextInput
        label="From"
        type="date"
        value={days.from}
        max={days.to}
        onChange={(event) => onDays({ from: event.currentTarget.value })}
      />
      <TextInput
        label="To"
        type="date"
        value={days.to}
        min={days.from}
        onChange={(event) => onDays({ to: event.currentTarget.value })}
      />
      {is_set && (
        <Button variant="subtle" className={classes.clear} onClick={onClear}>
          Clear filters
        </Button>
      )}
    </fieldset>
  );
}
