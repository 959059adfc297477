/**
 * Somebody asks this person to take a Session over, or gave them one: told on every page, once, and in the tab's title.
 * Rules TR10 and RA7.
 */

import { lazy, Suspense, useState } from "react";
import { putAway, useGivenSessions } from "../../lib/given";
import { mayHelp } from "../../lib/help";
import type { Me } from "../../lib/locale";
import { titleOf, useAskedSessions } from "../../lib/openSessions";
import { persistently } from "../../lib/persistently";
import { useTitleMark } from "./useTitleMark";

/** Seldom needed, and then on top of whatever is there. */
const AskedCard = lazy(() => persistently(() => import("./AskedCard")).then((it) => ({ default: it.AskedCard })));

export function Asked({ person }: Pick<Me, "person">) {
  const asked = useAskedSessions(person.id);
  const given = useGivenSessions(person.id);
  const count = asked.length + given.length;
  const [was_asked, setWasAsked] = useState(false);
  if (count > 0 && !was_asked) setWasAsked(true);
  // Whoever is on the floor has one number for all: `useWaitingHelp`.
  useTitleMark(mayHelp(person.roles) ? 0 : count);
  const news = given.at(-1);
  return (
    <>
      <p className="visually-hidden" role="status">
        {asked[0]?.transfer && `${asked[0].transfer.by.name} asks you to take a Session over`}
      </p>
      <p className="visually-hidden" role="status">
        {news?.given && `${news.given.by.name} gave you a call: ${titleOf(news)}`}
      </p>
      {was_asked && (
        <Suspense fallback={null}>
          <AskedCard asked={asked} given={given} person_id={person.id} onPutAway={putAway} />
        </Suspense>
      )}
    </>
  );
}
