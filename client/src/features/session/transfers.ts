/** What became of a transfer, in words. Pure. */

import type { TransferView } from "../../protocol/protocol.gen";

export function outcomeText({ by, to, team, accepted_by, outcome, settled_by }: TransferView): string {
  const asked = (to ?? team)?.name ?? "";
  switch (outcome) {
    case "handed_over":
      return `${accepted_by?.name ?? asked} took it over`;
    case "declined":
      return accepted_by === null ? `${asked} declined` : `${accepted_by.name} came, and did not take it over`;
    case "withdrawn":
      return `${settled_by?.name ?? by.name} took back asking ${asked}`;
    case "timed_out":
      return `${asked} did not answer`;
    case "overtaken":
    case null:
      return `${asked} was asked to take it over`;
  }
}
