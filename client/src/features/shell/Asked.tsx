/** Somebody asks this person to take a Session over: told on every page, once, and in the tab's title. Rule TR10. */

import { lazy, Suspense, useState } from "react";
import { mayHelp } from "../../lib/help";
import type { Me } from "../../lib/locale";
import { useAskedSessions } from "../../lib/openSessions";
import { persistently } from "../../lib/persistently";
import { useTitleMark } from "./useTitleMark";

/** Seldom needed, and then on top of whatever is there. */
const AskedCard = lazy(() => persistently(() => import("./AskedCard")).then((it) => ({ default: it.AskedCard })));

export function Asked({ person }: Pick<Me, "person">) {
  const asked = useAskedSessions(person.id);
  const [was_asked, setWasAsked] = useState(false);
  if (asked.length > 0 && !was_asked) setWasAsked(true);
  // Whoever is on the floor has one number for all: `useWaitingHelp`.
  useTitleMark(mayHelp(person.roles) ? 0 : asked.length);
  return (
    <>
      <p className="visually-hidden" role="status">
        {asked[0]?.transfer && `${asked[0].transfer.by.name} asks you to take a Session over`}
      </p>
      {was_asked && (
        <Suspense fallback={null}>
          <AskedCard asked={asked} />
        </Suspense>
      )}
    </>
  );
}
