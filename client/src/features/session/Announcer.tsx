import { formatMoment, useNow } from "../../lib/time";
import type { View } from "../../protocol/protocol.gen";
import { approvalsNow, type ShownAction, sentNow, waitingNow } from "./actions";
import { answerText, outcomeText } from "./actionWords";
import { type Guide, useLive } from "./live";
import { type News, useNews } from "./news";
import { suggestedText } from "./suggestions";
import { turnOf } from "./waiting";

/** Says aloud, to those who cannot see it, what others changed: who drives, where a watched Session stands. */
export function Announcer() {
  const { head, person, section, is_driving, actions, offset_ms, view, guide } = useLive();
  const now_ms = useNow() + offset_ms;
  const active = head.status === "active" ? actions : [];
  const arrived = useNews(waitingNews(active));
  const became = useNews(outcomeNews(active, now_ms));
  const answered = useNews(answerNews(active, now_ms));
  const suggested = useNews(suggestionNews(view, guide, person.id, head.screen_shared));
  const driver = head.driver.id === person.id ? "You drive" : `${head.driver.name} drives`;
  return (
    <div className="visually-hidden">
      <p aria-live="assertive">{driver}</p>
      <p aria-live="polite">{is_driving ? "" : `Section: ${section.name}`}</p>
      <p aria-live="polite">{head.status === "reviewing" && !is_driving ? "Actions are being reviewed" : ""}</p>
      <p aria-live="polite">{arrived === "" ? "" : `Action waiting: ${arrived}`}</p>
      <p aria-live="polite">{became}</p>
      <p aria-live="polite">{answered}</p>
      <p aria-live="polite">{suggested}</p>
      <p aria-live="polite">
        {head.hung_up_ms === null ? "" : `Customer hung up at ${formatMoment(head.hung_up_ms, now_ms)}`}
      </p>
      <p aria-live="polite">{head.status === "paused" ? "The Session is paused" : ""}</p>
    </div>
  );
}

function waitingNews(actions: readonly ShownAction[]): readonly News[] {
  return waitingNow(actions).flatMap(({ action, name }) =>
    action.status === "failed" ? [] : [{ key: turnOf(action), text: name }],
  );
}

function outcomeNews(actions: readonly ShownAction[], now_ms: number): readonly News[] {
  const failed = waitingNow(actions).filter(({ action }) => action.status === "failed");
  return [...sentNow(actions, now_ms), ...failed].flatMap((shown) => {
    const { id, status, fired_ms } = shown.action;
    const text = outcomeText(shown);
    return text === "" ? [] : [{ key: `${id} ${status} ${fired_ms}`, text }];
  });
}

function answerNews(actions: readonly ShownAction[], now_ms: number): readonly News[] {
  return approvalsNow(actions, now_ms).flatMap(({ action, name }) => {
    const text = answerText(action);
    return text === "" ? [] : [{ key: `${action.id} ${action.approval?.at_ms}`, text: `${name}: ${text}` }];
  });
}

function suggestionNews(view: View, guide: Guide, person_id: string, shared: boolean): readonly News[] {
  return Object.values(view.suggestions).flatMap((suggestion) => {
    if (suggestion.outcome !== null || suggestion.by.id === person_id) return [];
    // The customer may hear it, too; it is said when the screen is not shared any more.
    if (suggestion.kind === "line" && shared) return [];
    return [{ key: suggestion.id, text: `${suggestion.by.name} suggests ${suggestedText(suggestion, guide)}` }];
  });
}
