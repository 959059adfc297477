/** What can be done about the seat, loaded once who drives is on the screen. */

import { type ComponentType, lazy, Suspense } from "react";
import { persistently } from "../../lib/persistently";

type Parts = typeof import("./SeatActs");

/** One of them, which is not there until it is loaded. */
function part<Props extends object>(choose: (parts: Parts) => ComponentType<Props>) {
  const Part = lazy(async () => ({ default: choose(await persistently(() => import("./SeatActs"))) }));
  return (props: Props) => (
    <Suspense fallback={null}>
      <Part {...props} />
    </Suspense>
  );
}

export const SeatNews = part((parts) => parts.SeatNews);
export const SeatButtons = part((parts) => parts.SeatButtons);
export const SuggestInstead = part((parts) => parts.SuggestInstead);
