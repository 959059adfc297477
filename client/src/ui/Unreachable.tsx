/** Instead of a page for which no answer came, or none that helps: it asks on by itself. */

import { useEffect } from "react";
import { askAgain } from "../lib/http";
import { MessagePage } from "./MessagePage";

const ASK_EVERY_MS = 3_000;

export function Unreachable({ path }: { path: string }) {
  useEffect(() => {
    const timer = setInterval(() => askAgain(path), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [path]);
  return <MessagePage title="The server cannot be reached" text="Trying again every few seconds." />;
}
