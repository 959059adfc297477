import { describe, expect, it } from "vitest";
import type { WorkflowVersion } from "../protocol/protocol.gen";
import { keptCommands, type Leftover } from "./keeping";
import { selectRefusedElsewhere, selectUnsaved } from "./selectors";
import { action, delta, ME, Page, refusal, S1, S2, setField, VERSION, viewFrame } from "./testing";

function live(): Page {
  const page = new Page();
  page.live();
  return page;
}

/** As the storage gives them back. */
function leftover(page: Page): Leftover {
  return { page_id: "gone", commands: JSON.parse(JSON.stringify(keptCommands(page.state))) };
}

/** A page that was closed without a connection, with these given. */
function closedOffline(...fields: [string, string][]): Leftover {
  const page = live();
  page.close(1006);
  for (const [key, content] of fields) page.send(setField(key, content));
  return leftover(page);
}

describe("what is kept of the queue", () => {
  it("[CM37] is every pending command with the client id and csn that it was given", () => {
    const page = live();
    page.send(setField("name", "Ada"));
    page.close(1006);
    page.send({ type: "select_answer", answer_key: "yes" });

    expect(keptCommands(page.state)).toMatchObject([
      { client_id: ME, csn: 1, session_id: S1, was_sent: true, command: { field_key: "name", content: "Ada" } },
      { client_id: ME, csn: 2, session_id: S1, was_sent: false, command: { type: "select_answer" } },
    ]);
  });

  it("[CM37] ends with its acknowledgement or its refusal", () => {
    const page = live();
    page.send(setField("name", "Ada"));
    page.send({ type: "select_answer", answer_key: "yes" });
    page.hear(delta(2, { client_id: ME, csn: 1 }), refusal(2, "stale_visit"));

    expect(keptCommands(page.state)).toEqual([]);
  });

  it("[CM38] is never the value of a sensitive Field, nor of one whose definition is not here", () => {
    const page = live();
    page.close(1006);
    page.send(setField("secret", "hunter2"));
    page.send(setField("code", "1234"));
    page.send(setField("elsewhere", "unknown"));

    const kept = JSON.stringify(keptCommands(page.state));
    for (const value of ["hunter2", "1234", "unknown"]) expect(kept).not.toContain(value);
    expect(selectUnsaved({ ...page.state, keeps: true })).toMatchObject({ count: 3, only_here: 3 });
  });

  it("[CM38] is nothing at all where the browser keeps nothing", () => {
    const page = live();
    page.close(1006);
    page.send(setField("name", "Ada"));
    expect(selectUnsaved(page.state)).toMatchObject({ count: 1, only_here: 1 });
    expect(selectUnsaved({ ...page.state, keeps: true })).toMatchObject({ count: 1, only_here: 0 });
  });
});

describe("a page that takes over", () => {
  it("[CM39] sends again under the old client id and csn, once the join is answered", () => {
    const page = new Page("b".repeat(32));
    page.input({ type: "take_over", leftover: closedOffline(["name", "Ada"]) });
    page.connect();
    const [hello] = page.sent();
    expect(hello).toMatchObject({ type: "hello", client_id: ME });

    page.hear(viewFrame());

    expect(page.sentCommands()).toMatchObject([{ csn: 1, session_id: S1, body: { content: "Ada", visit_id: "v1" } }]);
    page.hear(delta(2, { client_id: ME, csn: 1 }));
    expect(keptCommands(page.state)).toEqual([]);
  });

  it("[CM39] goes on above every csn that was ever given, settled ones too", () => {
    const before = live();
    before.input({ type: "follow", session_id: S2 });
    before.hear(viewFrame({ session_id: S2 }));
    before.send(setField("name", "Ada"), S1);
    before.send(setField("name", "Bea"), S2);
    before.hear(delta(2, { session_id: S2, client_id: ME, csn: 2 }));
    const left = leftover(before);
    expect(left.commands.map(({ csn }) => csn)).toEqual([1]);

    const page = new Page("b".repeat(32));
    page.input({ type: "take_over", leftover: left });
    page.connect();
    page.hear(viewFrame());
    page.sent();

    expect(page.send(setField("name", "Cleo"))).toBe(3);
  });

  it("[CM39] says hello anew if it was connected already", () => {
    const page = new Page("b".repeat(32));
    page.live();
    const { generation } = page;
    page.input({ type: "take_over", leftover: closedOffline(["name", "Ada"]) });
    page.input({ type: "woken" });
    expect(page.generation).toBeGreaterThan(generation);
  });

  it("[CM40] tells what was not kept as refused, in its Session, without its value", () => {
    const page = new Page("b".repeat(32));
    page.input({ type: "take_over", leftover: closedOffline(["name", "Ada"], ["secret", "hunter2"]) });
    page.connect();
    page.hear(viewFrame());

    expect(page.sentCommands().map(({ csn }) => csn)).toEqual([1]);
    expect(page.session().refusals).toMatchObject([{ id: 2, code: "not_kept", command: { content: null } }]);
  });

  it("[CM40] keeps a Session with refused inputs although nobody looks at it, until they are dismissed", () => {
    const page = new Page("b".repeat(32));
    page.input({ type: "take_over", leftover: closedOffline(["name", "Ada"]) });
    page.connect();
    page.hear(viewFrame());
    page.hear(refusal(1, "stale_seat"));
    page.advance(60_000);
    expect(selectRefusedElsewhere(page.state)).toEqual([S1]);

    page.input({ type: "dismiss_refusal", session_id: S1, id: 1 });
    page.advance(10_000);

    expect(selectRefusedElsewhere(page.state)).toEqual([]);
    expect(page.state.sessions).toEqual({});
  });
});

describe("an edit of an Action", () => {
  function kept(parameters: Record<string, unknown>) {
    const page = live();
    const [hello, ...others] = VERSION.document.sections;
    const sections = [{ ...hello, actions: [{ key: "book", parameters }] }, ...others];
    const version = { ...VERSION, document: { ...VERSION.document, sections } } as unknown as WorkflowVersion;
    page.input({ type: "version", version });
    page.hear(delta(2, { ops: [{ op: "put", collection: "actions", id: "a1", record: action() }] }));
    page.send({ type: "edit_action", action_id: "a1", path: "to", text: "hunter2" });
    return keptCommands(page.state);
  }

  it("[AX11] is kept, unless its template names a sensitive Field", () => {
    expect(kept({ to: "{{ fields.name }}" })).toMatchObject([{ is_withheld: false, command: { text: "hunter2" } }]);
    expect(kept({ to: "{{ fields.secret }}" })).toMatchObject([{ is_withheld: true, command: { text: null } }]);
  });

  it("[AX11] is not kept while it is not known what the template names", () => {
    const page = live();
    page.send({ type: "edit_action", action_id: "a9", path: "to", text: "hunter2" });
    expect(keptCommands(page.state)).toMatchObject([{ is_withheld: true, command: { text: null } }]);
  });
});
