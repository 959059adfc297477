/** The Workflows that this person pinned on this computer. */

import { usePreference } from "../../lib/preferences";
import type { WorkflowOffer } from "../../protocol/protocol.gen";
import { isOfLibrary } from "./recent";

const NAME = "pinned_workflows";
/** No key of a Workflow looks like this. */
const NEVER_CHOSEN = "?";

/** The pinned ones, and how to pin one or take its pin away. */
export function usePins(offers: readonly WorkflowOffer[]): [ReadonlySet<string>, (key: string) => void] {
  const [kept, keep] = usePreference(NAME, NEVER_CHOSEN);
  const pinned = kept === NEVER_CHOSEN ? firstPins(offers) : readPins(kept);
  return [pinned, (key) => keep(writePins(toggled(pinned, key)))];
}

/** Until somebody chooses: what stands beside a library is what an installation works with. Without a library, none. */
export function firstPins(offers: readonly WorkflowOffer[]): ReadonlySet<string> {
  const own = offers.filter((offer) => !isOfLibrary(offer));
  return new Set(own.length === offers.length ? [] : own.map(({ key }) => key));
}

function readPins(kept: string): ReadonlySet<string> {
  return new Set(kept.split(" ").filter(Boolean));
}

function writePins(pinned: ReadonlySet<string>): string {
  return [...pinned].join(" ");
}

function toggled(pinned: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const others = new Set([...pinned].filter((each) => each !== key));
  return pinned.has(key) ? others : others.add(key);
}
