// @vitest-environment happy-dom
import { act, cleanup, renderHook } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveSession } from "../protocol/protocol.gen";
import { type Sync, SyncProvider } from "../sync";
import { givenOf, putAway, useGivenSessions, withSeen } from "./given";

const BEN = { id: "ben", name: "Ben" };
const SAM = { id: "sam", name: "Sam" };

function given(session_id: string, at_ms: number | null, owner = BEN): LiveSession {
  return { session_id, owner, driver: owner, given: at_ms === null ? null : { by: SAM, at_ms } } as LiveSession;
}

const idsOf = (sessions: readonly LiveSession[]) => sessions.map(({ session_id }) => session_id);

describe("what somebody gave one", () => {
  it("[RA7] is one's own and not opened yet, the last one last", () => {
    const floor = [given("later", 9), given("others", 1, SAM), given("own", null), given("first", 5)];
    expect(idsOf(givenOf(floor, "ben", ""))).toEqual(["first", "later"]);
  });

  it("[RA7] is over once it was opened or put away, until it is given again", () => {
    const seen = withSeen(withSeen("", given("one", 5)), given("two", 6));
    expect(givenOf([given("one", 5), given("two", 6)], "ben", seen)).toEqual([]);
    expect(idsOf(givenOf([given("one", 8)], "ben", seen))).toEqual(["one"]);
  });

  it("[RA7] is remembered once each, and not for ever", () => {
    const once = withSeen("", given("one", 1));
    expect(withSeen(once, given("one", 1))).toBe(once);
    const many = Array.from({ length: 60 }, (_, each) => given(`s${each}`, each)).reduce(withSeen, "");
    expect(many.split(" ")).toHaveLength(50);
    expect(many).toContain("s59/59");
  });
});

describe("on a page", () => {
  const floor = { phase: "live", sessions: [given("one", 5), given("two", 6)] };
  const sync = {
    subscribe: () => () => {},
    followLiveSessions: () => () => {},
    liveSessions: () => floor,
  } as unknown as Sync;
  const wrapper = ({ children }: { children: ReactNode }) => createElement(SyncProvider, { sync, children });
  const shown = () => renderHook(() => useGivenSessions("ben"), { wrapper }).result;

  beforeEach(() => {
    localStorage.clear();
    history.replaceState(null, "", "/new");
  });
  afterEach(cleanup);

  it("[RA7] is over once it is opened, and after a reload", () => {
    const page = shown();
    expect(idsOf(page.current)).toEqual(["one", "two"]);
    act(() => history.pushState(null, "", "/sessions/one"));
    expect(idsOf(page.current)).toEqual(["two"]);
    act(() => history.pushState(null, "", "/new"));
    expect(idsOf(page.current)).toEqual(["two"]);
    expect(idsOf(shown().current)).toEqual(["two"]);
  });

  it("[RA7] is put away in every tab, also another one's", () => {
    const page = shown();
    act(() => putAway(given("two", 6)));
    expect(idsOf(page.current)).toEqual(["one"]);
    localStorage.setItem("sidecoach.given_seen", "one/5 two/6"); // by another tab, which tells this one:
    act(() => void dispatchEvent(new Event("storage")));
    expect(page.current).toEqual([]);
  });
});
