import { expect, it } from "vitest";
import { isOnCall, type Live } from "./live";

it("[RP6] replays nothing to who is on the call, until it pauses", () => {
  const head = { driver: { id: "cleo" }, owner: { id: "ana" }, status: "active" };
  const seen = (id: string, status = "active") => ({ head: { ...head, status }, person: { id } }) as unknown as Live;
  expect(["ana", "cleo", "sam"].map((id) => isOnCall(seen(id)))).toEqual([true, true, false]);
  expect(isOnCall(seen("ana", "reviewing"))).toBe(true);
  expect(isOnCall(seen("ana", "paused"))).toBe(false);
});
