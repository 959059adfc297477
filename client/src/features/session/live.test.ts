import { describe, expect, it } from "vitest";
import { ANA, view } from "../../sync/testing";
import { isOnCall, type Live, mayShare } from "./live";

describe("the screen that the customer sees", () => {
  const head = view().head.session as NonNullable<Live["head"]>;
  const owner = { ...ANA, roles: ["agent"], permissions: [] } as unknown as Live["person"];
  const taken = { ...head, driver: { id: "sam", name: "Sam" } };

  it("[WH5] is ended by its owner off the seat too, and said to be shared by the driver only", () => {
    expect(mayShare({ head, person: owner, is_driving: true })).toBe(true);
    expect(mayShare({ head: taken, person: owner, is_driving: false })).toBe(false);
    const shared = { ...taken, screen_shared: true };
    expect(mayShare({ head: shared, person: owner, is_driving: false })).toBe(true);
    expect(mayShare({ head: { ...shared, status: "paused" }, person: owner, is_driving: false })).toBe(false);
    expect(mayShare({ head: shared, person: { ...owner, id: "cleo" }, is_driving: false })).toBe(false);
  });
});

it("[RP6] replays nothing to who is on the call, until it pauses", () => {
  const head = { driver: { id: "cleo" }, owner: { id: "ana" }, status: "active" };
  const seen = (id: string, status = "active") => ({ head: { ...head, status }, person: { id } }) as unknown as Live;
  expect(["ana", "cleo", "sam"].map((id) => isOnCall(seen(id)))).toEqual([true, true, false]);
  expect(isOnCall(seen("ana", "reviewing"))).toBe(true);
  expect(isOnCall(seen("ana", "paused"))).toBe(false);
});
