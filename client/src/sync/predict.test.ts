import { describe, expect, it } from "vitest";
import type { Condition, Section, View } from "../protocol/protocol.gen";
import { apply } from "./apply";
import { Page, putField, refusal, S1, setField, VERSION, view, viewFrame } from "./testing";

function live(): Page {
  const page = new Page();
  page.live();
  return page;
}

const SELECTED = apply(view(), [
  { op: "put", collection: "visits", id: "v1", record: { ...view().visits.v1, selected: "yes" } },
]);

describe("predicting", () => {
  it("[CM30] shows a selection and the next Section at once", () => {
    const page = live();
    page.send({ type: "select_answer", answer_key: "yes" });
    page.send({ type: "continue" });
    expect(page.session().view).toMatchObject({
      head: { session: { current_visit_id: "v2", path: ["v1", "v2"] } },
      visits: {
        v1: { selected: "yes", answer_key: "yes", left_ms: page.now_ms },
        v2: { section_key: "offer", entered: "answer", previous_id: "v1", left_ms: null },
      },
    });
  });

  it("[CM30] shows a value as it was entered, by the driver, and an emptied Field as empty", () => {
    const page = live();
    page.send(setField("name", "Ana"));
    expect(page.session().view?.fields.name).toMatchObject({ content: "Ana", valid: true, by: { id: "ana" } });
    page.send({ type: "select_answer", answer_key: "yes" });
    page.send(setField("name", ""));
    expect(page.session().view?.fields).toEqual({});
  });

  it("[CM30] shows a value in the review as well, but moves nowhere", () => {
    const page = new Page();
    page.connect();
    page.input({ type: "follow", session_id: S1 });
    const reviewing = { ...view(), head: { session: { ...view().head.session, status: "reviewing" } } } as View;
    page.hear(viewFrame({ view: reviewing }));
    page.send(setField("name", "Ana"));
    page.send({ type: "select_answer", answer_key: "yes" });
    expect(page.session().view).toMatchObject({
      fields: { name: { content: "Ana" } },
      visits: { v1: { selected: null } },
    });
  });

  it("[CM30] adds an edit of the Notes", () => {
    const page = live();
    const csn = page.send({ type: "edit_notes", update: "AAA=" });
    expect(page.session().view?.notes_updates).toEqual({ [`pending-${csn}`]: { update: "AAA=" } });
  });

  it("[CM30] shows a Response as said", () => {
    const page = live();
    page.send({ type: "use_response", response_key: "too_dear" });
    expect(page.session().view?.responses).toMatchObject({ r1: { response_key: "too_dear", visit_id: "v1" } });
  });

  it("[CM30] follows conditions: hidden Answers, what an Answer writes, and routes", () => {
    const filled: Condition = { type: "field", field: "name", op: "filled", value: null };
    const withRoutes = (holds: Condition): Page => {
      const page = live();
      page.send({ type: "select_answer", answer_key: "yes" });
      const { document } = VERSION;
      const sections = document.sections.map((section) => ({
        ...section,
        answers: section.answers.map((answer) => ({
          ...answer,
          visible_when: holds,
          writes: { field: "name", value: "written" },
        })),
        routes: section.key === "offer" ? [{ when: filled, to: "done" }] : [],
      }));
      const done = { ...sections[0], key: "done", answers: [], routes: [] } as Section;
      page.input({
        type: "version",
        version: { ...VERSION, document: { ...document, sections: [...sections, done] } },
      });
      page.send({ type: "continue" });
      return page;
    };
    expect(withRoutes(filled).session().view?.head.session?.path).toEqual(["v1"]);
    const view = withRoutes({ type: "not", of: filled }).session().view;
    expect(view?.fields.name?.content).toBe("written");
    expect(view?.visits).toMatchObject({
      v2: { section_key: "offer", entered: "answer", previous_id: "v1" },
      v3: { section_key: "done", entered: "route", previous_id: "v2", left_ms: null },
    });
    expect(view?.head.session?.path).toEqual(["v1", "v2", "v3"]);
  });

  it("[CM30] stays where it is at an Answer that leads nowhere, and without the version", () => {
    const page = live();
    page.send({ type: "select_answer", answer_key: "no" });
    page.send({ type: "continue" });
    expect(page.session().view?.head.session?.current_visit_id).toBe("v1");

    const unversioned = new Page();
    unversioned.connect();
    unversioned.input({ type: "follow", session_id: view().head.session?.session_id ?? "" });
    unversioned.hear(viewFrame({ view: SELECTED }));
    unversioned.send({ type: "continue" });
    expect(unversioned.session().view?.head.session?.current_visit_id).toBe("v1");
  });

  it("[CM30] changes nothing in a view that already contains the effect", () => {
    const page = live();
    page.send({ type: "select_answer", answer_key: "yes" });
    page.send({ type: "continue" });
    const moved = page.session().view;
    expect(moved).not.toBeNull();
    if (moved === null) return;

    page.hear(viewFrame({ view: moved, position: { seq: 3, entry_id: "e3" } }));

    expect(page.session().view).toBe(moved);
  });

  it("[CM30] changes nothing in a view that already holds the value", () => {
    const page = live();
    page.send(setField("name", "Ana"));
    const stored = apply(view(), [putField("name", "Ana")]);
    page.hear(viewFrame({ view: stored, position: { seq: 2, entry_id: "e2" }, audience: "owner" }));
    expect(page.session().view).toBe(stored);
  });

  it.each([{ status: "paused" as const }, { seat: 2 }, { current_visit_id: "v9" }])(
    "[CM30] changes nothing where the server would refuse: %j",
    (change) => {
      const page = live();
      page.send({ type: "select_answer", answer_key: "yes" });
      page.send({ type: "continue" });
      page.send(setField("name", "late"));
      const head = { ...view().head.session, ...change };
      const other = apply(view(), [{ op: "put", collection: "head", id: "session", record: head }]);
      page.hear(viewFrame({ view: other }));
      expect(page.session().view).toBe(other);
    },
  );

  it("[CM30] heals when the command is refused", () => {
    const page = live();
    page.send({ type: "select_answer", answer_key: "yes" });
    const csn = page.send({ type: "continue" });
    page.hear(refusal(csn, "leads_nowhere"));
    expect(page.session().view?.head.session?.current_visit_id).toBe("v1");
    expect(page.session().view?.visits.v1?.selected).toBe("yes");
  });

  it.each(["secret", "code"])("[CM31] masks the sensitive Field %s for a driver who is not the owner", (key) => {
    const page = live();
    page.send(setField(key, "4111"));
    expect(page.session().view?.fields[key]).toMatchObject({ masked: false, content: "4111" });
    page.hear(viewFrame({ audience: "staff" }));
    expect(page.session().view?.fields[key]).toMatchObject({ masked: true, content: null });
    page.send(setField("name", "Ana"));
    expect(page.session().view?.fields.name).toMatchObject({ masked: false, content: "Ana" });
  });
});
