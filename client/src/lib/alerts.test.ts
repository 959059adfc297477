import { expect, it } from "vitest";
import type { Alert, AlertAbout, AlertRule } from "../protocol/protocol.gen";
import { alertText, areSeveralTeams, sortAlerts } from "./alerts";

function alert(id: number, rule: AlertRule, about: Partial<AlertAbout> = {}, change: Partial<Alert> = {}): Alert {
  const whole = { person: { id: "ana", name: "Ana" }, what: "Greeting", usual: null, found: null, ...about };
  const place = { team_id: "north", team_name: "North", session_id: "a" };
  return { id, rule, ...place, since_ms: 60_000 - id, raised_ms: 0, held: false, about: whole, ...change };
}

it.each<[AlertRule, Partial<AlertAbout>, string]>([
  ["dwell", { usual: 65 }, "Greeting: 4:10, usually 1:05"],
  ["idle", {}, "Greeting: no step for 4:10"],
  ["disconnected", {}, "Greeting: no page open for 4:10"],
  ["disclosure", { found: 3, usual: 20 }, "Greeting: left after 3 of 20 s"],
  ["objections", { what: "Too dear", found: 7, usual: 1.5 }, "7 objections in 10 minutes, usually 1.5; most: Too dear"],
])("[AL11] says what %s is about", (rule, about, text) => {
  expect(alertText(alert(0, rule, about), 60_000 + 250_000)).toBe(text);
});

it("[AL10] puts the longest first, and what is held back apart", () => {
  const alerts = [alert(1, "idle"), alert(2, "dwell"), alert(3, "idle", {}, { held: true })];
  const { told, held } = sortAlerts(alerts);
  expect([told.map(({ id }) => id), held.map(({ id }) => id)]).toEqual([[2, 1], [3]]);
});

it("[AL11] names teams where there are several", () => {
  expect(areSeveralTeams([alert(1, "idle"), alert(2, "idle")])).toBe(false);
  expect(areSeveralTeams([alert(1, "idle"), alert(2, "idle", {}, { team_id: "south" })])).toBe(true);
});
