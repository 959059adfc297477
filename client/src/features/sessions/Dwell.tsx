/** Time in a Section beside what is usual there: it stands out where it is much longer. Rule AL2. */

import { createContext, type ReactNode, use, useEffect } from "react";
import { askAgain, useFetched } from "../../lib/http";
import { formatElapsed, useNow } from "../../lib/time";
import type { DwellAnswer, LiveSession } from "../../protocol/protocol.gen";
import { Elapsed } from "../../ui/Elapsed";
import classes from "./Dwell.module.css";
import { isLong } from "./usual";

const PATH = "/api/floor/dwell";
const ASK_EVERY_MS = 600_000;
const Usual = createContext<DwellAnswer["workflows"]>({});

/** Puts what is usual within reach of the rows, for those who are told. */
export function UsualTimes({ is_told, children }: { is_told: boolean; children: ReactNode }) {
  const fetched = useFetched<DwellAnswer>(is_told ? PATH : null);
  useEffect(() => {
    const timer = setInterval(() => askAgain(PATH), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return <Usual value={fetched.phase === "ready" ? fetched.value.workflows : {}}>{children}</Usual>;
}

export function Dwell({ session, offset_ms }: { session: LiveSession; offset_ms: number }) {
  const usual = use(Usual)[session.workflow_key ?? ""]?.[session.section_key ?? ""];
  const now_ms = useNow() + offset_ms;
  const elapsed = <Elapsed since_ms={session.section_ms} offset_ms={offset_ms} />;
  if (usual === undefined) return elapsed;
  const is_long = isLong(session, usual, now_ms);
  return (
    <span className={classes.dwell} data-long={is_long || undefined}>
      {elapsed}
      {is_long && <span className="visually-hidden">, longer than usual</span>}
      <span className={classes.usual}> usually {formatElapsed(usual.median_s * 1_000)}</span>
    </span>
  );
}
