import { useEffect } from "react";

const MARK = /^\(\d+\) /;

/** Puts a number before the title of the tab, whatever the page calls itself; none for 0. */
export function useTitleMark(count: number): void {
  useEffect(() => {
    if (count === 0) return;
    const mark = (): void => {
      const marked = `(${count}) ${document.title.replace(MARK, "")}`;
      if (document.title !== marked) document.title = marked;
    };
    mark();
    const observer = new MutationObserver(mark);
    observer.observe(document.head, { subtree: true, childList: true, characterData: true });
    return () => {
      observer.disconnect();
      document.title = document.title.replace(MARK, "");
    };
  }, [count]);
}
