/** Outcomes in words, and what is typed for a parameter as the value that is sent. */

import type {
  ConnectionStatus,
  EventKind,
  IntegrationsAnswer,
  OutcomeKind,
  Parameter,
  RecentDeliveries,
  SecretState,
} from "../../protocol/protocol.gen";

const NAMES = new Intl.ListFormat("en");

export const STATUS_WORDS: Record<ConnectionStatus, string> = {
  ok: "OK",
  needs_attention: "Needs attention",
  disabled: "Disabled",
};

export const OUTCOME_WORDS: Record<OutcomeKind, string> = {
  sent: "Sent",
  retry: "Not sent, may work later",
  deferred: "Asked to wait",
  ambiguous: "May have been sent",
  refused: "Refused",
  unauthorised: "Not let in",
};

export const EVENT_WORDS: Record<EventKind, string> = {
  "session.started": "A Session starts",
  "session.paused": "It is paused",
  "session.resumed": "It goes on",
  "session.completed": "It is completed",
  "session.reopened": "Completing it is taken back",
  "session.ended": "It is ended early",
  "session.hung_up": "The customer hung up",
  "session.driver_changed": "Somebody else drives",
  "session.owner_changed": "It is somebody else's",
  "action.sent": "An Action is sent",
  "action.failed": "An Action fails",
  "action.unknown": "An Action may have been sent",
};

export function givenUpText(count: number): string {
  return count === 1 ? "1 event did not arrive" : `${count} events did not arrive`;
}

/** What is known of a secret: `Set, ends in …aa2f`. */
export function secretText(secret: SecretState | undefined): string {
  if (secret?.set !== true) return "Not set";
  return secret.last4 === "" ? "Set" : `Set, ends in …${secret.last4}`;
}

/** With what a test begins; to whom it goes is typed by who sends it. */
export function sampleOf({ type, options }: Parameter, is_target: boolean): string {
  if (is_target) return "";
  switch (type) {
    case "text":
      return "Test from Sidecoach";
    case "long_text":
      return "This is a test from Sidecoach.";
    case "html":
      return "<p>This is a test from Sidecoach.</p>";
    case "choice":
      return options[0]?.value ?? "";
    case "map":
    case "json":
      return '{"test": "yes"}';
    default:
      return "";
  }
}

export type ReadParameter =
  | { readonly is_good: true; readonly value: unknown }
  | { readonly is_good: false; readonly expected: string };

/** Undefined for what is left out. Whether a text will do is the server's to say. */
export function readParameter({ type }: Parameter, text: string): ReadParameter {
  const typed = text.trim();
  if (typed === "") return { is_good: true, value: undefined };
  switch (type) {
    case "integer":
    case "number": {
      const value = Number(typed);
      return Number.isFinite(value) ? { is_good: true, value } : { is_good: false, expected: "Expected a number" };
    }
    case "boolean":
      return { is_good: true, value: typed === "yes" };
    case "emails":
      return { is_good: true, value: typed.split(/[\s,;]+/).filter((each) => each !== "") };
    case "map":
    case "json":
      try {
        return { is_good: true, value: JSON.parse(typed) };
      } catch {
        return { is_good: false, expected: 'Expected JSON such as {"a": "b"}' };
      }
    default:
      return { is_good: true, value: text };
  }
}

/** How the last deliveries went; nothing if all arrived. */
export function recentText(recent: RecentDeliveries | null): string {
  if (recent === null || recent.failed === 0) return "";
  if (recent.of === 1) return "The last delivery failed";
  return recent.failed === recent.of
    ? `The last ${recent.of} deliveries failed`
    : `${recent.failed} of the last ${recent.of} deliveries failed`;
}

/** What is to be done about Connections that were not let in; nothing if there are none. */
export function notLetInText(names: readonly string[]): string {
  if (names.length === 0) return "";
  const [were, them] = names.length === 1 ? ["was", "it"] : ["were", "them"];
  return `${NAMES.format(names)} ${were} not let in. Actions that go through ${them} wait, and nothing is lost: give ${them} good credentials by Edit, then test ${them}.`;
}

/** What Workflows send through and nobody made yet, by Integration. */
export function missingText({ integrations, missing }: Pick<IntegrationsAnswer, "integrations" | "missing">): string {
  const named = integrations.flatMap(({ integration }) => {
    const names = missing.filter((each) => each.integration === integration.key).map(({ name }) => name ?? "any one");
    return names.length === 0 ? [] : [`${NAMES.format(names)} (${integration.name})`];
  });
  if (named.length === 0) return "";
  return `Actions of published Workflows wait for Connections that are not there yet: ${named.join("; ")}. Add them under these names.`;
}
