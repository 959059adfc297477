import { describe, expect, it } from "vitest";
import type { ActionView, Op } from "../protocol/protocol.gen";
import { wakeAt } from "./machine";
import { action, delta, ME, Page, refusal, S1, S2, setField, view, viewFrame, welcome } from "./testing";

const RESUMED = { type: "resumed", session_id: S1, audience: "owner", behind: 0 } as const;

function live(): Page {
  const page = new Page();
  page.live();
  return page;
}

function acknowledged(csn: number) {
  return { type: "acknowledged", session_id: S1, csn, seq: 2 } as const;
}

function csns(page: Page): number[] {
  return page.sentCommands().map(({ csn }) => csn);
}

describe("sending", () => {
  it("[CM20] numbers commands of all Sessions in one row and sends them in that order", () => {
    const page = live();
    page.input({ type: "follow", session_id: S2 });
    page.send({ type: "edit_notes", update: "AAA=" }, S2);
    page.send(setField("name", "x"), S1);
    expect(page.sentCommands()).toEqual([]);

    page.hear(viewFrame({ session_id: S2 }));

    expect(page.sentCommands().map(({ session_id, csn }) => [session_id, csn])).toEqual([
      [S2, 1],
      [S1, 2],
    ]);
  });

  it("[CM21] keeps no more under way than the server allows", () => {
    const page = live();
    page.hear(welcome(page.now_ms, 2));
    const keys = ["a", "b", "c", "d"];
    for (const key of keys) page.send(setField(key, "x"));
    expect(csns(page)).toEqual([1, 2]);
    page.hear(acknowledged(1));
    expect(csns(page)).toEqual([3]);
    page.hear(refusal(2, "unknown_field"));
    expect(csns(page)).toEqual([4]);
  });

  it("[CM27] fills in the visit and the seat that the person sees", () => {
    const page = live();
    page.send({ type: "select_answer", answer_key: "yes" });
    page.send({ type: "continue" });
    page.send(setField("name", "x"));
    page.send({ type: "take_seat" });
    page.send({ type: "resume" });
    expect(page.sentCommands().map(({ body }) => body)).toEqual([
      { type: "select_answer", answer_key: "yes", visit_id: "v1", seat: 1 },
      { type: "continue", visit_id: "v1", seat: 1 },
      { type: "set_field", field_key: "name", content: "x", visit_id: "v2", seat: 1 },
      { type: "take_seat", seat: 1 },
      { type: "resume" },
    ]);
  });

  it("[CM27] keeps as refused what was given before there was a view to place it in", () => {
    const page = new Page();
    page.connect();
    page.input({ type: "follow", session_id: S1 });
    const csn = page.send(setField("name", "x"));
    expect(page.session().refusals).toMatchObject([{ id: csn, code: "stale_visit", command: { content: "x" } }]);
    expect(page.session().pending_count).toBe(0);
  });

  it("[CM28] keeps as refused what this server would not take in one message", () => {
    const page = live();
    page.send(setField("name", "x".repeat(65_536)));
    page.send({ type: "edit_notes", update: "A".repeat(65_536) });
    page.send({ type: "edit_notes", update: "A".repeat(524_288) });
    expect(csns(page)).toEqual([2]);
    expect(page.session().refusals).toMatchObject([
      { id: 1, code: "too_large" },
      { id: 3, code: "too_large" },
    ]);
  });

  it("[CM29] joins a started Session once the start is answered, also if the answer was lost", () => {
    const page = new Page();
    page.connect();
    page.sent();
    page.input({
      type: "send",
      session_id: S1,
      command: { type: "start_session", version_id: "sales@1", training: false },
    });
    page.input({ type: "follow", session_id: S1 });
    expect(page.sent().map(({ type }) => type)).toEqual(["command"]);
    page.close(1006);
    page.connect();
    expect(page.sent().map(({ type }) => type)).toEqual(["hello", "command"]);

    page.hear(acknowledged(1));

    expect(page.sent()).toEqual([{ type: "join", session_id: S1, position: null, audience: null }]);
  });
});

describe("coalescing", () => {
  it("[CM26] replaces an unsent value of the same Field", () => {
    const page = live();
    page.close(1006);
    const first = page.send(setField("name", "A"));
    page.send(setField("other", "x"));
    expect(page.send(setField("name", "An"))).toBe(first);
    expect(page.send(setField("name", "Ana"))).toBe(first);
    page.connect();
    page.hear(RESUMED);
    expect(page.sentCommands().map(({ csn, body }) => [csn, "content" in body && body.content])).toEqual([
      [1, "Ana"],
      [2, "x"],
    ]);
  });

  it("[CM22] [CM26] leaves a sent value as it is", () => {
    const page = live();
    page.send(setField("name", "A"));
    page.close(1006);
    page.send(setField("name", "An"));
    page.connect();
    page.hear(RESUMED);
    expect(page.sentCommands().map(({ csn, body }) => [csn, "content" in body && body.content])).toEqual([
      [1, "A"],
      [1, "A"],
      [2, "An"],
    ]);
  });

  it("[CM26] does not reach across another command", () => {
    const page = live();
    page.close(1006);
    const first = page.send(setField("name", "A"));
    page.send({ type: "select_answer", answer_key: "yes" });
    expect(page.send(setField("name", "An"))).not.toBe(first);
  });
});

describe("settling", () => {
  it("[CM22] sends again what was not settled, unchanged, after the join is answered, and then goes on", () => {
    const page = live();
    page.send(setField("name", "A"));
    page.send({ type: "select_answer", answer_key: "yes" });
    const before = page.sentCommands();
    page.close(1006);
    page.send({ type: "end" });
    page.connect();
    expect(page.sent().map(({ type }) => type)).toEqual(["hello", "join"]);

    page.hear(RESUMED);

    const after = page.sentCommands();
    expect(after.slice(0, 2)).toEqual(before);
    expect(after[2]?.body).toEqual({ type: "end" });
  });

  it("[CM23] takes a delta of its own client id and csn as acknowledgement, even if it is not news", () => {
    const page = live();
    const csn = page.send(setField("name", "A"));
    page.hear(delta(1, { client_id: "b".repeat(32), csn }), delta(1, { client_id: null, csn: null }));
    expect(page.session()).toMatchObject({ pending_count: 1, saved: "saving" });
    page.hear(delta(1, { client_id: ME, csn }));
    expect(page.session()).toMatchObject({ pending_count: 0, saved: "saved" });
  });

  it("[CM23] takes `acknowledged` as the answer to a repeat", () => {
    const page = live();
    page.hear(acknowledged(page.send(setField("name", "A"))));
    expect(page.session().pending_count).toBe(0);
  });

  it.each(["stale_seat", "refused_before"] as const)("[CM24] keeps an input refused with %s", (code) => {
    const page = live();
    const csn = page.send(setField("name", "typed late"));
    page.hear(refusal(csn, code));
    expect(page.session()).toMatchObject({
      pending_count: 0,
      view: { fields: {} },
      refusals: [{ id: csn, code, command: { content: "typed late" }, at_ms: page.now_ms }],
    });
    page.hear(refusal(csn, code));
    expect(page.session().refusals).toHaveLength(1);

    page.input({ type: "dismiss_refusal", session_id: S1, id: csn });
    expect(page.session().refusals).toEqual([]);
  });

  it("[CM24] keeps only the last refused edit of the Notes, which contains those before", () => {
    const page = live();
    const edits = ["AAA=", "BBB="];
    for (const update of edits) page.hear(refusal(page.send({ type: "edit_notes", update }), "finished"));
    expect(page.session().refusals).toMatchObject([{ command: { update: "BBB=" } }]);
  });

  it("[CN30] leaves a connection on which a command is not answered within 45 s", () => {
    const page = live();
    page.send(setField("name", "A"));
    for (let s = 0; s < 40; s += 20) {
      page.advance(20_000);
      page.hear({ type: "ping" });
    }
    page.advance(4_999);
    expect(page.state.connection.phase).toBe("open");
    page.advance(1);
    expect(page.state.connection.phase).toBe("waiting");
  });
});

describe("not saved yet", () => {
  it("[CM25] tries again after 1, 2, 4, 8, 10 s under the same csn", () => {
    const page = live();
    const csn = page.send(setField("name", "A"));
    page.sent();
    for (const wait_ms of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
      page.hear(refusal(csn, "not_saved_yet"));
      expect(page.session()).toMatchObject({ pending_count: 1, saved: "not_saved", refusals: [] });
      page.advance(wait_ms - 1);
      expect(csns(page)).toEqual([]);
      page.hear({ type: "ping" });
      page.advance(1);
      expect(csns(page)).toEqual([csn]);
    }
    page.hear(acknowledged(csn));
    expect(page.session().saved).toBe("saved");
  });

  it("[CM25] sends nothing after it before it is settled, and then everything in order", () => {
    const page = live();
    const keys = ["a", "b", "c"];
    for (const key of keys) page.send(setField(key, "x"));
    expect(csns(page)).toEqual([1, 2, 3]);
    for (const csn of [1, 2, 3]) page.hear(refusal(csn, "not_saved_yet"));
    page.send({ type: "end" });

    page.advance(1_000);
    expect(csns(page)).toEqual([1]);
    page.hear(acknowledged(1));
    expect(csns(page)).toEqual([2, 3, 4]);
  });

  it("[CM25] lets a refusal settle it too", () => {
    const page = live();
    page.send(setField("a", "x"));
    page.send(setField("b", "x"));
    page.hear(refusal(1, "not_saved_yet"), refusal(2, "not_saved_yet"));
    page.sent();
    page.advance(1_000);
    page.hear(refusal(1, "finished"));
    expect(csns(page)).toEqual([1, 2]);
  });
});

describe("waiting", () => {
  it("[CM25] [CN31] asks for no wake-up that could not do anything, while the store is away on both ends", () => {
    const page = live();
    const csn = page.send(setField("name", "A"));
    page.hear(refusal(csn, "not_saved_yet"));
    page.close(1006);
    page.advance(1_000);
    page.connect();
    page.hear(refusal(null, "not_saved_yet"));
    page.now_ms += 500;
    expect(wakeAt(page.state)).toBe(page.now_ms + 500);
  });
});

describe("saved mark", () => {
  it("[DL27] does not say saved while something typed has not left", () => {
    const page = live();
    expect(page.session().saved).toBe("saved");
    page.hasDraft = true;
    expect(page.session()).toMatchObject({ saved: "saving", pending_count: 0 });
    page.close(1006);
    expect(page.session().saved).toBe("not_saved");
  });

  it("[DL27] says not saved while there is no connection", () => {
    const page = live();
    page.send(setField("name", "A"));
    expect(page.session().saved).toBe("saving");
    page.close(1006);
    expect(page.session()).toMatchObject({ saved: "not_saved", view: { fields: { name: { content: "A" } } } });
    expect(page.session().phase).toBe("live");
    expect(view().fields).toEqual({});
  });
});

describe("completing twice", () => {
  it("[CM24] is no refusal to tell anybody of", () => {
    const page = live();
    page.send({ type: "complete" });
    page.send({ type: "complete" });
    page.hear(delta(2, { client_id: ME, csn: 1 }), refusal(2, "finished"));
    expect(page.session()).toMatchObject({ pending_count: 0, refusals: [] });
  });
});

describe("sending an Action twice", () => {
  const put = (change: Partial<ActionView>): Op => ({
    op: "put",
    collection: "actions",
    id: "a1",
    record: action(change),
  });
  const send = { type: "send_action", action_id: "a1" } as const;

  it("[AX11] is no refusal to tell anybody of, if it was sent", () => {
    const page = live();
    page.send(send);
    page.hear(delta(2, { ops: [put({ status: "queued", shown: "pending" })] }), refusal(1, "action_settled"));
    expect(page.session()).toMatchObject({ pending_count: 0, refusals: [], seq: 2 });
  });

  it("[AX11] is told if it was removed meanwhile", () => {
    const page = live();
    page.send(send);
    page.hear(delta(2, { ops: [put({ status: "removed" })] }), refusal(1, "action_settled"));
    expect(page.session().refusals).toMatchObject([{ code: "action_settled" }]);
  });

  it("[AX11] says nothing when somebody else holds it", () => {
    const page = live();
    page.send({ type: "lock_action", action_id: "a1", locked: true });
    page.hear(refusal(1, "action_locked"));
    expect(page.session()).toMatchObject({ pending_count: 0, refusals: [] });
  });

  it("names neither visit nor seat, which completing does", () => {
    const page = live();
    page.send(send);
    page.send({ type: "complete", seen: 1 });
    expect(page.sentCommands().map(({ body }) => body)).toEqual([
      send,
      { type: "complete", seen: 1, visit_id: "v1", seat: 1 },
    ]);
  });
});
