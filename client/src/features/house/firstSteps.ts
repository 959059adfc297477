/** What is left of the first steps. Pure. */

import type { FirstSteps } from "../../protocol/protocol.gen";

export const FIRST_STEPS = "/api/first-steps";

export function leftOf({ named, people, team, workflows, connection, practice }: FirstSteps): number {
  return [named, people, team, workflows, connection, practice].filter((is_done) => !is_done).length;
}
