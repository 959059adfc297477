/** Whether calls of others are watched unseen on this computer. Rules PR4 and PR7. */

import type { Me } from "./locale";
import { usePreference } from "./preferences";

/** Chosen, and still allowed; and how to choose. */
export function useWatchHidden({ permissions }: Pick<Me["person"], "permissions">): [boolean, (yes: boolean) => void] {
  const [chosen, choose] = usePreference("watch_hidden", "no");
  return [permissions.includes("hidden_watching") && chosen === "yes", (yes) => choose(yes ? "yes" : "no")];
}
