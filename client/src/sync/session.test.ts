import { describe, expect, it } from "vitest";
import { apply } from "./apply";
import { delta, ME, Page, putField, refusal, S1, S2, setField, view, viewFrame } from "./testing";

function live(): Page {
  const page = new Page();
  page.live();
  return page;
}

function joins(page: Page) {
  return page.sent().filter((frame) => frame.type === "join");
}

describe("watching unseen", () => {
  function hidden(): Page {
    const page = new Page();
    page.input({ type: "hide", is_hidden: true });
    page.live();
    return page;
  }

  it("[PR4] joins every Session unseen once that was chosen, again too", () => {
    const page = hidden();
    expect(page.state.sessions[S1]?.is_hidden).toBe(true);
    page.close(1006);
    page.sent();
    page.connect();
    expect(joins(page)).toEqual([expect.objectContaining({ session_id: S1, hidden: true })]);
  });

  it("[PR4] joins anew when it is chosen for a Session that is open, and to be seen again", () => {
    const page = live();
    page.sent();
    page.input({ type: "hide", is_hidden: true });
    expect(joins(page)).toEqual([expect.objectContaining({ hidden: true })]);
    page.hear({ type: "resumed", session_id: S1, audience: "staff", behind: 0 });
    page.input({ type: "hide", is_hidden: false });
    const [again] = joins(page);
    expect(again).not.toHaveProperty("hidden");
  });

  it("[PR5] is seen from the first act on, also after the connection broke", () => {
    const page = hidden();
    page.input({ type: "doing", session_id: S1, doing: "typing", field_key: null });
    expect(page.state.sessions[S1]?.is_hidden).toBe(true);
    page.send(setField("name", "x"));
    expect(page.state.sessions[S1]?.is_hidden).toBe(false);
    page.close(1006);
    page.sent();
    page.connect();
    expect(joins(page)[0]).not.toHaveProperty("hidden");
  });

  it("[PR5] pointing is an act", () => {
    const page = hidden();
    page.input({ type: "doing", session_id: S1, doing: "pointing", field_key: null, target: "v1/answer/yes" });
    expect(page.state.sessions[S1]?.is_hidden).toBe(false);
  });
});

describe("following", () => {
  it("[CN28] joins on the first follower and leaves 5 s after the last", () => {
    const page = live();
    page.input({ type: "follow", session_id: S1 });
    page.input({ type: "unfollow", session_id: S1 });
    page.advance(10_000);
    expect(page.sent()).toEqual([]);

    page.input({ type: "unfollow", session_id: S1 });
    page.advance(4_999);
    expect(page.sent()).toEqual([]);
    page.advance(1);
    expect(page.sent()).toEqual([{ type: "leave", session_id: S1 }]);
    expect(page.state.sessions).toEqual({});
  });

  it("[CN28] stays for a follower that comes back within 5 s", () => {
    const page = live();
    page.input({ type: "unfollow", session_id: S1 });
    page.advance(4_000);
    page.input({ type: "follow", session_id: S1 });
    page.advance(10_000);
    expect(page.sent()).toEqual([]);
  });

  it("[CN28] does not leave before its commands are settled", () => {
    const page = live();
    const csn = page.send(setField("name", "x"));
    page.input({ type: "unfollow", session_id: S1 });
    page.sent();
    page.advance(20_000);
    expect(page.sent()).toEqual([]);

    page.hear(delta(2, { client_id: ME, csn }));
    expect(page.sent()).toEqual([{ type: "leave", session_id: S1 }]);
  });

  it("[CN29] joins every followed Session with the position held on each new connection", () => {
    const page = live();
    page.input({ type: "follow", session_id: S2 });
    page.hear(delta(2));
    page.close(1006);
    page.sent();

    page.connect();

    expect(joins(page)).toEqual([
      { type: "join", session_id: S1, position: { seq: 2, entry_id: "e2" }, audience: "owner" },
      { type: "join", session_id: S2, position: null, audience: null },
    ]);
    expect(page.session().phase).toBe("live");
  });

  it("[CN30] leaves a connection on which a join is not answered within 15 s", () => {
    const page = new Page();
    page.connect();
    page.input({ type: "follow", session_id: S1 });
    page.advance(15_000);
    expect(page.effects).toContainEqual({ type: "close", generation: 1 });
  });

  it.each([
    ["unknown_session", "unknown"],
    ["not_allowed", "forbidden"],
  ] as const)("[CN31] shows a Session refused with %s as %s, and asks again on the next connection", (code, phase) => {
    const page = live();
    page.close(1006);
    page.connect();
    page.sent();
    page.hear(refusal(null, code));
    expect(page.session()).toMatchObject({ phase, view: null });
    page.advance(30_000);
    expect(joins(page)).toEqual([]);

    page.close(1006);
    page.connect();
    expect(joins(page)).toEqual([{ type: "join", session_id: S1, position: null, audience: null }]);
  });

  it.each([
    ["unknown_session", "unknown"],
    ["not_allowed", "forbidden"],
  ] as const)("[CN31] stops following a live Session that is taken away with %s", (code, phase) => {
    const page = live();
    page.hear(delta(9), { type: "resumed", session_id: S1, audience: "owner", behind: 0 });
    page.sent();
    page.hear(refusal(null, code), delta(2, { ops: [putField("name", "x")] }));
    expect(page.session()).toMatchObject({ phase, view: null, audience: null, people: [] });
    page.input({ type: "doing", session_id: S1, doing: "typing", field_key: null });
    page.advance(30_000);
    expect(page.sent()).toEqual([]);

    page.close(1006);
    page.connect();
    expect(joins(page)).toEqual([{ type: "join", session_id: S1, position: null, audience: null }]);
  });

  it("[RA8] tells who owned it before who has it now, with the refusal", () => {
    const page = live();
    expect(page.session().passed).toBeNull();
    const passed = { to: { id: "ben", name: "Ben" }, by: { id: "sam", name: "Sam" } };
    page.hear(refusal(null, "not_allowed", passed));
    expect(page.session()).toMatchObject({ phase: "forbidden", passed });
  });

  it("[CN31] joins again once the person resumed what could not be watched", () => {
    const page = new Page();
    page.connect();
    page.input({ type: "follow", session_id: S1 });
    const csn = page.send({ type: "resume" });
    page.hear(refusal(null, "not_allowed"));
    expect(page.session().phase).toBe("forbidden");
    page.sent();

    page.hear({ type: "acknowledged", session_id: S1, csn, seq: 9 });

    expect(page.session().phase).toBe("joining");
    expect(joins(page)).toHaveLength(1);
  });

  it("[CN31] does not join again for a gap that was found before the Session was taken away", () => {
    const page = live();
    for (let gap = 0; gap < 3; gap += 1) {
      page.hear(delta(9), { type: "resumed", session_id: S1, audience: "owner", behind: 0 });
    }
    page.hear(delta(9));
    page.sent();
    page.hear(refusal(null, "not_allowed"));
    page.advance(30_000);
    expect(page.sent()).toEqual([]);
    expect(page.session().phase).toBe("forbidden");
  });

  it("[CN31] tries a join again after 1, 2, 4 s while the store is away", () => {
    const page = new Page();
    page.connect();
    page.input({ type: "follow", session_id: S1 });
    page.sent();
    for (const wait_ms of [1_000, 2_000, 4_000, 8_000, 10_000]) {
      page.hear(refusal(null, "not_saved_yet"));
      page.advance(wait_ms - 1);
      expect(joins(page)).toEqual([]);
      page.advance(1);
      expect(joins(page)).toHaveLength(1);
    }
  });

  it("[CN32] sends at most 10 doings a second, the last one in the end", () => {
    const page = live();
    page.input({ type: "doing", session_id: S1, doing: "typing", field_key: "name" });
    page.input({ type: "doing", session_id: S1, doing: "typing", field_key: "secret" });
    page.input({ type: "doing", session_id: S1, doing: "nothing", field_key: null });
    expect(page.sent()).toEqual([{ type: "ephemeral", session_id: S1, doing: "typing", field_key: "name" }]);
    page.advance(99);
    expect(page.sent()).toEqual([]);
    page.advance(1);
    expect(page.sent()).toEqual([{ type: "ephemeral", session_id: S1, doing: "nothing", field_key: null }]);
  });

  it("[CN32] tells nobody later what was done while apart", () => {
    const page = live();
    page.close(1006);
    page.input({ type: "doing", session_id: S1, doing: "typing", field_key: "name" });
    page.connect();
    page.hear({ type: "resumed", session_id: S1, audience: "owner", behind: 0 });
    expect(page.sent().filter((frame) => frame.type === "ephemeral")).toEqual([]);
  });

  it("[CN32] forgets what somebody does 5 s after it was last said", () => {
    const page = live();
    const typing = {
      type: "ephemeral",
      session_id: S1,
      person_id: "ben",
      doing: "typing",
      field_key: null,
      target: null,
    } as const;
    page.hear(typing);
    page.advance(3_000);
    page.hear(typing);
    page.advance(4_999);
    expect(page.session().doing).toEqual([typing]);
    page.advance(1);
    expect(page.session().doing).toEqual([]);

    page.hear(typing, { ...typing, doing: "nothing" });
    expect(page.session().doing).toEqual([]);
  });

  it("shows who is here, whole each time", () => {
    const page = live();
    const people = [{ person_id: "ana", name: "Ana Agent", role: "owner", since_ms: 0 }] as const;
    page.hear({ type: "presence", session_id: S1, people });
    expect(page.session().people).toEqual(people);
  });
});

describe("deltas", () => {
  it("[DL20] changes the named records and keeps all others as they are", () => {
    const before = { ...view(), fields: { old: {} as never } };
    const after = apply(before, [putField("name", "x"), { op: "remove", collection: "fields", id: "old" }]);
    expect(after.fields).toEqual({ name: expect.objectContaining({ content: "x" }) });
    expect(after.visits).toBe(before.visits);
    expect(before.fields).toHaveProperty("old");
    expect(apply(before, [])).toBe(before);
  });

  it("[DL21] applies what follows and drops what is not news", () => {
    const page = live();
    page.hear(delta(2, { ops: [putField("name", "two")] }), delta(3, { ops: [putField("name", "three")] }));
    page.hear(delta(2, { ops: [putField("name", "two")] }));
    expect(page.session().view?.fields.name?.content).toBe("three");
    expect(page.sent()).toEqual([]);
  });

  it.each([
    ["a missing entry", delta(3)],
    ["another history", delta(2, { previous_id: "other" })],
  ])("[DL22] joins once from the position at %s, and applies nothing", (_, frame) => {
    const page = live();
    page.hear({ ...frame, ops: [putField("name", "x")] }, delta(4), delta(5));
    expect(page.sent()).toEqual([
      { type: "join", session_id: S1, position: { seq: 1, entry_id: "e1" }, audience: "owner" },
    ]);
    expect(page.session().view?.fields).toEqual({});

    page.hear({ type: "resumed", session_id: S1, audience: "owner", behind: 1 }, delta(2), delta(3));
    expect(page.sent()).toEqual([]);
    expect(page.state.sessions[S1]?.position).toEqual({ seq: 3, entry_id: "e3" });
  });

  it("[DL23] asks for whole views 10 s apart when joining from the position keeps failing", () => {
    const page = live();
    const resumed = { type: "resumed", session_id: S1, audience: "owner", behind: 0 } as const;
    for (let gap = 0; gap < 3; gap += 1) {
      page.hear(delta(9));
      expect(joins(page)).toHaveLength(1);
      page.hear(resumed);
    }
    page.hear(delta(9), delta(10));
    expect(joins(page)).toEqual([]);
    page.advance(10_000);
    expect(joins(page)).toEqual([{ type: "join", session_id: S1, position: null, audience: "owner" }]);
    expect(page.session().view).not.toBeNull();
  });

  it("[DL24] replaces the confirmed view and keeps what is pending", () => {
    const page = live();
    page.send(setField("name", "mine"));
    const position = { seq: 900, entry_id: "e900" };
    page.hear(viewFrame({ reason: "too_far", position, view: apply(view(), [putField("other", "theirs")]) }));
    expect(page.session()).toMatchObject({ pending_count: 1, lost: null });
    expect(page.session().view?.fields).toMatchObject({ name: { content: "mine" }, other: { content: "theirs" } });
  });

  it("[DL26] keeps the list: whole, then put and remove", () => {
    const page = live();
    page.input({ type: "follow_list" });
    expect(page.sent()).toEqual([{ type: "join_list", takes_changes: true }]);
    page.hear({ type: "list", whole: false, put: [{ session_id: S2 } as never], remove: [], changed: [] });
    expect(page.state.list.sessions).toBeNull();
    page.hear({ type: "list", whole: true, put: [{ session_id: S1 } as never], remove: [], changed: [] });
    page.hear({ type: "list", whole: false, put: [{ session_id: S2 } as never], remove: [S1], changed: [] });
    expect(Object.keys(page.state.list.sessions ?? {})).toEqual([S2]);
    const changed = [S1, S2].map((session_id) => ({ session_id, to: { title: "Acme" } }));
    page.hear({ type: "list", whole: false, put: [], remove: [], changed });
    expect(page.state.list.sessions).toEqual({ [S2]: { session_id: S2, title: "Acme" } });

    page.close(1006);
    page.sent();
    page.connect();
    expect(page.sent()).toContainEqual({ type: "join_list", takes_changes: true });
    page.input({ type: "unfollow_list" });
    expect(page.sent()).toEqual([{ type: "leave_list" }]);
  });

  it("[AL11] shows the alerts that came last, to who follows the list", () => {
    const page = live();
    const told = (id: number) => ({ type: "alerts" as const, alerts: [{ id } as never], snoozes: [] });
    page.hear(told(1));
    expect(page.state.list.alerts.alerts).toEqual([]);
    page.input({ type: "follow_list" });
    page.hear(told(1));
    page.hear(told(2));
    expect(page.state.list.alerts.alerts).toEqual([{ id: 2 }]);
  });
});

describe("lost work", () => {
  function acknowledged(): Page {
    const page = live();
    const contents = ["first", "second"];
    for (const [place, content] of contents.entries()) {
      const csn = page.send(setField("name", content));
      page.hear(delta(place + 2, { client_id: ME, csn, ops: [putField("name", content)] }));
    }
    page.sent();
    return page;
  }

  it("[DL25] lists what was acknowledged after the point to which the server fell back", () => {
    const page = acknowledged();
    page.close(1006);
    page.connect();
    const position = { seq: 2, entry_id: "e2" };
    page.hear(viewFrame({ reason: "ahead", position, view: apply(view(), [putField("name", "first")]) }));
    expect(page.session().lost).toEqual({
      reason: "ahead",
      commands: [expect.objectContaining({ type: "set_field", content: "second" })],
    });
    page.input({ type: "dismiss_lost", session_id: S1 });
    expect(page.session().lost).toBeNull();
  });

  it("[DL25] lists after a fork what does not show in the new history", () => {
    const page = acknowledged();
    const position = { seq: 7, entry_id: "f7" };
    page.hear(viewFrame({ reason: "fork", position, view: apply(view(), [putField("name", "first")]) }));
    expect(page.session().lost?.commands).toHaveLength(1);
    page.hear(viewFrame({ reason: "fork", position, view: apply(view(), [putField("name", "first")]) }));
    expect(page.session().lost?.commands).toHaveLength(1);
  });

  it("[CN27] goes on under a new client id once everything that was sent is settled", () => {
    const page = live();
    const first = page.send(setField("name", "x"));
    page.close(1006);
    page.connect();
    page.sent();
    page.hear(viewFrame({ reason: "fork", position: { seq: 1, entry_id: "f1" } }));
    const second = page.send({ type: "end" });
    expect(page.sentCommands().map(({ csn }) => csn)).toEqual([first]);
    expect(page.state.client_id).toBe(ME);

    page.hear(delta(2, { previous_id: "f1", client_id: ME, csn: first }));
    expect(page.state.client_id).not.toBe(ME);
    page.input({ type: "opened", generation: page.generation });
    expect(page.sent()).toContainEqual({ type: "hello", client_id: page.state.client_id, build: "test" });
    page.connect();
    page.hear({ type: "resumed", session_id: S1, audience: "owner", behind: 0 });
    expect(page.sentCommands().map(({ csn }) => csn)).toEqual([second]);
  });
});
