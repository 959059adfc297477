/** What pages that are lists have in common: empty, loading or failed, and more of it. */

import { Button } from "@mantine/core";
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
  if (lines.length === 0) return phase === "loading" ? <p className={classes.empty}>Loading…</p> : empty;
  return (
    <>
      {children}
      {more_phase === "failed" && (
        <p role="alert" className={classes.wrong}>
          More could not be loaded.
        </p>
      )}
      {has_more && (
        <Button variant="default" className={classes.more} loading={more_phase === "loading"} onClick={more}>
          Show more
        </Button>
      )}
    </>
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
