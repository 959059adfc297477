/** What is typed on the settings page, as a change of what holds. Pure. */

import type { GivenReason, HouseSettings, SettingsChange } from "../../protocol/protocol.gen";

/** What was typed over what holds; only that is sent. */
export type Typed = Partial<Omit<HouseSettings, "end_reasons">> & { readonly end_reasons?: readonly GivenReason[] };

/** A setting's words on the page. */
export const LABELS: Record<keyof HouseSettings, string> = {
  name: "Name",
  language: "Language and region",
  currency: "Currency",
  time_zone: "Time zone",
  end_reasons: "Reasons to end early",
  undo_s: "Undo after completing",
  driver_left_s: "Pause when the driver is gone",
  expires_days: "End what stays paused",
  archive_after_s: "Archive records",
  teammates_resume: "Teammates resume",
  retention_days: "Delete records",
  workflow_retention_days: "Delete records of a Workflow",
};

/** The reasons that are offered, as they are changed. */
export function offered(settings: HouseSettings): readonly GivenReason[] {
  return settings.end_reasons.filter(({ hidden }) => !hidden).map(({ key, label }) => ({ key, label }));
}

/** What is typed without what is the same anyway. */
export function changesOf(settings: HouseSettings, typed: Typed): Omit<SettingsChange, "version"> {
  return Object.fromEntries(
    Object.entries(typed).filter(([name, value]) => {
      const now = name === "end_reasons" ? offered(settings) : settings[name as keyof HouseSettings];
      return !isSame(now, value);
    }),
  );
}

/** Which settings somebody else changed between two versions, in the words of the page. */
export function changedNames(before: HouseSettings, after: HouseSettings): readonly string[] {
  const names = Object.keys(LABELS) as (keyof HouseSettings)[];
  return names.filter((name) => !isSame(before[name], after[name])).map((name) => LABELS[name]);
}

/** `900` seconds as `15 min`; seconds if nothing longer is exact. */
export function durationText(seconds: number): string {
  const units: readonly [number, string][] = [
    [86_400, "days"],
    [3_600, "h"],
    [60, "min"],
  ];
  const [size, word] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "s"];
  const count = seconds / size;
  return `${count} ${word === "days" && count === 1 ? "day" : word}`;
}

/** One reason one place up or down. */
export function moved<T>(all: readonly T[], place: number, by: -1 | 1): readonly T[] {
  const rest = all.filter((_, each) => each !== place);
  return rest.toSpliced(place + by, 0, ...all.slice(place, place + 1));
}

function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
