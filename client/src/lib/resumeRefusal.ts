/** Why a paused Session was not resumed, in a few words that stand beside its button. */

import type { RefuseCode } from "../protocol/protocol.gen";

export function resumeRefusal(code: RefuseCode | "not_kept"): string {
  switch (code) {
    case "not_paused":
      return "Somebody else was faster";
    // A teammate who resumes it takes it over, and from then on it is open to nobody else of the team.
    case "not_allowed":
      return "It is not open to you any more; somebody else may have been faster";
    case "finished":
      return "It has ended meanwhile";
    case "unknown_session":
      return "It was deleted";
    default:
      return "It could not be resumed";
  }
}
