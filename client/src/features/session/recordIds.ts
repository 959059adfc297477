import type { ActionId } from "../../protocol/protocol.gen";

/** Of the button that unfolds an Action of a record. */
export function buttonId(action_id: ActionId): string {
  return `unfold-${action_id}`;
}
