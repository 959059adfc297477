/** Alerts in words. Rules AL4 to AL12. Pure. */

import type { Alert, AlertRule, Snooze } from "../protocol/protocol.gen";
import { formatElapsed } from "./time";

export const ALERT_RULES: Record<AlertRule, string> = {
  dwell: "Too long on a Section",
  idle: "No step",
  disconnected: "No page open",
  disclosure: "Disclosure left early",
  objections: "Many objections",
};

/** What is told now, and what the teams' budgets hold back; each the longest one first. */
export function sortAlerts(alerts: readonly Alert[]): { told: readonly Alert[]; held: readonly Alert[] } {
  const sorted = alerts.toSorted((one, other) => one.since_ms - other.since_ms);
  return { told: sorted.filter(({ held }) => !held), held: sorted.filter(({ held }) => held) };
}

/** `Greeting: 4:10, usually 1:05` */
export function alertText({ rule, since_ms, about: { what, usual, found } }: Alert, now_ms: number): string {
  const elapsed = formatElapsed(now_ms - since_ms);
  switch (rule) {
    case "dwell":
      return `${what}: ${elapsed}, usually ${formatElapsed((usual ?? 0) * 1_000)}`;
    case "idle":
      return `${what}: no step for ${elapsed}`;
    case "disconnected":
      return `${what}: no page open for ${elapsed}`;
    case "disclosure":
      return `${what}: left after ${found ?? 0} of ${usual ?? 0} s`;
    case "objections":
      return `${found ?? 0} objections in 10 minutes, usually ${usual ?? 0}; most: ${what}`;
    default:
      return rule satisfies never;
  }
}

/** Whether names of teams tell anything apart. */
export function areSeveralTeams(told: readonly (Alert | Snooze)[]): boolean {
  return new Set(told.map(({ team_id }) => team_id)).size > 1;
}
