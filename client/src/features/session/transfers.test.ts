import { expect, it } from "vitest";
import type { TransferView } from "../../protocol/protocol.gen";
import { outcomeText } from "./transfers";

const ANA = { id: "ana", name: "Ana" };
const BEN = { id: "ben", name: "Ben" };

it("[TR10] says who took back asking whom", () => {
  const sam = { id: "sam", name: "Sam" };
  const transfer = { by: ANA, to: BEN, team: null, accepted_by: null, outcome: "withdrawn", settled_by: sam };
  expect(outcomeText(transfer as unknown as TransferView)).toBe("Sam took back asking Ben");
});
