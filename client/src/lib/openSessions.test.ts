import { describe, expect, it } from "vitest";
import type { LiveSession } from "../protocol/protocol.gen";
import { askedOf, createSelector, nextSession, ownOpen, runningOf } from "./openSessions";

const ANA = { id: "ana", name: "Ana Agent" };
const SAM = { id: "sam", name: "Sam Supervisor" };

function session(session_id: string, change: Partial<LiveSession> = {}): LiveSession {
  return {
    session_id,
    title: "",
    workflow_name: "Broadband",
    section_name: "Greeting",
    status: "active",
    training: false,
    owner: ANA,
    driver: ANA,
    team_ids: [],
    started_ms: 1,
    section_ms: 1,
    call_back_ms: null,
    help: null,
    transfer: null,
    given: null,
    approval_asked_ms: null,
    workflow_key: null,
    section_key: null,
    watchers: [],
    driver_away_ms: null,
    changed_ms: 1,
    ...change,
  };
}

const idsOf = (sessions: readonly LiveSession[]) => sessions.map(({ session_id }) => session_id);

describe("one's own open Sessions", () => {
  it("are owned or driven, in the order in which they began, whatever one's roles", () => {
    const floor = [
      session("later", { started_ms: 9 }),
      session("taken", { driver: SAM, started_ms: 5 }),
      session("other", { owner: SAM, driver: SAM }),
    ];
    expect(idsOf(createSelector(ownOpen)(floor, "ana"))).toEqual(["taken", "later"]);
    expect(idsOf(createSelector(ownOpen)(floor, "sam"))).toEqual(["other", "taken"]);
  });

  it("are the same object while only others change", () => {
    const select = createSelector(ownOpen);
    const own = session("own");
    const before = select([own], "ana");
    expect(select([own, session("other", { owner: SAM, driver: SAM })], "ana")).toBe(before);
    expect(select([session("own", { title: "Mr Lindqvist" })], "ana")).not.toBe(before);
  });

  it("are running while one drives them oneself", () => {
    const sessions = [session("a"), session("b", { status: "paused" }), session("c", { driver: SAM })];
    expect(idsOf(runningOf(sessions, "ana"))).toEqual(["a"]);
  });

  it("follow each other round and round", () => {
    const [one, two] = [session("one"), session("two")];
    expect(nextSession([one, two], "two", 1)).toBe(one);
    expect(nextSession([one, two], null, -1)).toBe(two);
    expect(nextSession([one], "one", 1)).toBeNull();
  });
});

describe("Sessions that somebody asks one to take over", () => {
  it("are those that the server says so of, the first asked first", () => {
    const transfer = (asked_ms: number, asks_you: boolean): LiveSession["transfer"] => ({
      id: "t1",
      by: SAM,
      to: ANA,
      team: null,
      warm: false,
      note: null,
      asked_ms,
      until_ms: asked_ms + 60_000,
      passed_by: [],
      accepted_by: null,
      asks_you,
    });
    const floor = [
      session("own"),
      session("later", { transfer: transfer(9, true) }),
      session("others", { transfer: transfer(1, false) }),
      session("first", { transfer: transfer(5, true) }),
    ];
    expect(idsOf(askedOf(floor))).toEqual(["first", "later"]);
  });
});
