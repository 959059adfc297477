/** Browsers that somebody is signed in with, the last seen first. */

import type { ReactNode } from "react";
import { formatMoment } from "../lib/time";
import type { SignInLine } from "../protocol/protocol.gen";
import classes from "./SignInList.module.css";

interface SignInListProps {
  lines: readonly SignInLine[];
  /** By the server's clock. */
  now_ms: number;
  /** What can be done about one. */
  act?: (line: SignInLine, name: string) => ReactNode;
}

export function SignInList({ lines, now_ms, act }: SignInListProps) {
  return (
    <ul className={classes.list}>
      {lines.map((line) => {
        const name = line.browser === "" ? "A browser that told no name" : line.browser;
        return (
          <li key={line.id} className={classes.line}>
            <div className={classes.what}>
              <span className={classes.name}>{name}</span>
              {line.is_here && <span className={classes.here}>This one</span>}
              <span className={classes.sub}>
                Since {formatMoment(line.created_ms, now_ms)} · last seen {formatMoment(line.last_seen_ms, now_ms)}
              </span>
            </div>
            {act?.(line, name)}
          </li>
        );
      })}
    </ul>
  );
}
