/** What is read out because others did it, each once. */

import { useState } from "react";

/** Something to be said once, for as long as its key is the same. */
export interface News {
  readonly key: string;
  readonly text: string;
}

/** What came last, until it is so no more; each is said once, whatever becomes of it. */
export function useNews(news: readonly News[]): string {
  const [{ seen, said }, setSaid] = useState<{ seen: readonly string[]; said: readonly string[] }>({
    seen: [],
    said: [],
  });
  const fresh = news.map(({ key }) => key).filter((key) => !seen.includes(key));
  const is_over = said.some((key) => news.every((each) => each.key !== key));
  if (fresh.length > 0) setSaid({ seen: [...seen, ...fresh], said: fresh });
  else if (is_over) setSaid({ seen, said: [] });
  return news
    .filter(({ key }) => said.includes(key))
    .map(({ text }) => text)
    .join(", ");
}
