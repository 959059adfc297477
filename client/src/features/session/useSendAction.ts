import { useState } from "react";
import { useNow } from "../../lib/time";
import { isSendable, lockedByOther, type ShownAction } from "./actions";
import { useLive } from "./live";

interface SendAction {
  readonly may_send: boolean;
  /** `again`: it may have been sent before, and the sender checked. */
  readonly send: (again?: boolean) => void;
}

/** Sends one Action as it is seen here; once, however often it is pressed. */
export function useSendAction({ action }: ShownAction): SendAction {
  const { act, may_act, model, person, offset_ms } = useLive();
  const now_ms = useNow() + offset_ms;
  const [pressed, setPressed] = useState(false);
  if (pressed && model.pending_count === 0) setPressed(false);
  return {
    may_send: may_act && !pressed && isSendable(action) && lockedByOther(action, person.id, now_ms) === null,
    send: (again = false) => {
      setPressed(true);
      act({ type: "send_action", action_id: action.id, again, seen: model.seq });
    },
  };
}
