/** Moments that somebody marked, in words. */

import type { MomentLabel } from "../../protocol/protocol.gen";

/** In the order in which they are offered. */
export const MOMENT_LABELS: readonly MomentLabel[] = [
  "well_done",
  "to_discuss",
  "complaint",
  "promise",
  "compliance",
  "other",
];

export function momentWord(label: MomentLabel): string {
  switch (label) {
    case "well_done":
      return "Well done";
    case "to_discuss":
      return "To discuss";
    case "complaint":
      return "Complaint";
    case "promise":
      return "Promise";
    case "compliance":
      return "Compliance";
    case "other":
      return "Other";
  }
}
