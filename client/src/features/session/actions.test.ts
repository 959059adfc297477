import { describe, expect, it } from "vitest";
import type { ActionTemplate, ActionView, LeafView, WorkflowDocument } from "../../protocol/protocol.gen";
import { action, VERSION, view } from "../../sync/testing";
import {
  APPROVED_MS,
  approvalsNow,
  changedSince,
  correctionOf,
  inStandingOrder,
  isOutOfDate,
  leafKey,
  leafOf,
  lockedByOther,
  mayAct,
  mayApprove,
  needsReview,
  reviewOrder,
  SENT_MS,
  sentNow,
  shownActions,
  stayBehind,
  totals,
  unfiredByEnding,
  waitingNow,
  wantsSomebody,
  whatBackDoes,
} from "./actions";
import { indexDocument } from "./live";

const ANA = { id: "ana", name: "Ana Agent", roles: ["agent"] };
const SAM = { id: "sam", name: "Sam Supervisor", roles: ["supervisor"] };

function template(change: Partial<ActionTemplate>): ActionTemplate {
  return {
    key: "book",
    name: "Book a visit",
    integration: "webhook.post@1",
    connection: "Field service",
    parameters: {},
    timing: "immediate",
    condition: null,
    every_visit: false,
    fires_on_any_end: false,
    removable: true,
    editable: null,
    second_person: null,
    hold_s: 0,
    compensates: null,
    after: null,
    results: {},
    ...change,
  };
}

const TEMPLATES = [
  template({}),
  template({ key: "ship", name: "Ship", timing: "delayed", fires_on_any_end: true }),
  template({ key: "report", name: "Report", timing: "automatic" }),
  template({ key: "unbook", name: "Call the visit off", timing: "delayed", compensates: "book" }),
];
const DOCUMENT = {
  ...VERSION.document,
  sections: VERSION.document.sections.map((each, place) => ({ ...each, actions: place === 0 ? TEMPLATES : [] })),
} as WorkflowDocument;
const GUIDE = indexDocument(DOCUMENT);

function leaf(change: Partial<LeafView>): LeafView {
  return {
    path: "to",
    label: "To",
    type: "text",
    options: [],
    required: false,
    text: "",
    template_text: null,
    edited: false,
    editable: true,
    masked: false,
    problem: null,
    missing: [],
    ...change,
  };
}

function shown(...actions: Partial<ActionView>[]) {
  const found = actions.map((each, place) => action({ id: `a${place + 1}`, ...each }));
  return shownActions({ ...view(), actions: Object.fromEntries(found.map((each) => [each.id, each])) }, GUIDE);
}

function ids(found: readonly { action: ActionView }[]): string[] {
  return found.map((each) => each.action.id);
}

describe("shownActions", () => {
  it("keeps the order in which they were triggered, past the ninth", () => {
    expect(ids(shown({ id: "a10" }, { id: "a2" }, { id: "a1" }))).toEqual(["a1", "a2", "a10"]);
  });

  it("says to whom: the first address, else the Connection; nothing while the address is missing", () => {
    const [addressed, connected, empty] = shown(
      { leaves: [leaf({ text: "hello" }), leaf({ type: "email", text: "a@example.com" })] },
      { leaves: [leaf({ text: "visit.book" })] },
      { leaves: [leaf({ type: "emails", text: null })] },
    );
    expect([addressed?.target, connected?.target, empty?.target]).toEqual(["a@example.com", "Field service", ""]);
  });
});

describe("waitingNow", () => {
  it("[AX1] has immediate ones that nobody dealt with, or that failed; the newest first", () => {
    const all = shown(
      {},
      { key: "ship" },
      { status: "sent" },
      { status: "removed" },
      { status: "awaiting_approval" },
      { status: "failed" },
    );
    expect(ids(waitingNow(all))).toEqual(["a6", "a5", "a1"]);
  });
});

describe("sentNow", () => {
  it("[AX1] has immediate ones under way, sent a moment ago, or unknown; the last sent first", () => {
    const all = shown(
      { status: "queued", fired_ms: 10 },
      { status: "sent", settled_ms: 1_000, fired_ms: 30 },
      { status: "sent", settled_ms: 999, fired_ms: 40 },
      { status: "unknown", fired_ms: 20 },
      { status: "unknown", dismissed_by: SAM },
      { status: "failed" },
      { key: "ship", status: "in_flight" },
    );
    expect(ids(sentNow(all, 999 + SENT_MS))).toEqual(["a2", "a4", "a1"]);
  });

  it("[AX1] wants somebody to look whether an unknown one was sent", () => {
    const wanted = ["draft", "declined", "failed", "unknown", "queued", "sent"] as const;
    expect(wanted.map((status) => wantsSomebody(action({ status })))).toEqual([true, true, true, true, false, false]);
  });
});

describe("approvalsNow", () => {
  it("[AX7] has what is asked or declined, and what was approved a moment ago", () => {
    const yes = { asked_ms: 0, by: SAM, at_ms: 1_000, approved: true, reason: null };
    const all = shown(
      { status: "awaiting_approval" },
      { status: "declined" },
      { approval: yes },
      { approval: { ...yes, at_ms: 999 } },
      { approval: { ...yes, approved: null, at_ms: null } },
      { status: "queued", approval: yes },
    );
    expect(ids(approvalsNow(all, 999 + APPROVED_MS))).toEqual(["a1", "a2", "a3"]);
  });
});

describe("the review", () => {
  it("[AX4] opens for what is delayed, untreated, failed or unknown; not for automatic, removed or sent ones", () => {
    expect(needsReview(shown({ key: "ship" }))).toBe(true);
    expect(needsReview(shown({}))).toBe(true);
    expect(needsReview(shown({ key: "report", status: "unknown" }))).toBe(true);
    expect(needsReview(shown({ key: "report" }, { status: "removed" }, { status: "sent" }))).toBe(false);
  });

  it("[AX4] begins with what cannot be sent; what goes by itself is apart", () => {
    const { reviewed, automatic } = reviewOrder(
      shown(
        { status: "sent" },
        { status: "removed" },
        { key: "ship" },
        { key: "report" },
        { key: "ship", valid: false },
        { status: "withdrawn" },
        { key: "report", valid: false },
      ),
      () => false,
    );
    expect(ids(reviewed)).toEqual(["a5", "a7", "a3", "a1", "a2"]);
    expect(ids(automatic)).toEqual(["a4"]);
  });

  it("[AX4, AX7] begins with what waits for the word of who looks at it", () => {
    const all = shown({ key: "ship", valid: false }, { key: "ship" }, { key: "ship", status: "awaiting_approval" });
    expect(ids(reviewOrder(all, ({ status }) => status === "awaiting_approval").reviewed)).toEqual(["a3", "a1", "a2"]);
    expect(ids(reviewOrder(all, () => false).reviewed)).toEqual(["a1", "a2", "a3"]);
  });

  it("[AX4] stands as it was while it is looked at; what comes later comes last", () => {
    const all = shown({}, {}, {});
    expect(ids(inStandingOrder(["a3", "a1"], all))).toEqual(["a3", "a1", "a2"]);
  });

  it("[AX5] leaves behind what is invalid or failed too often, but nothing that a person decided about", () => {
    const all = shown(
      {},
      { valid: false },
      { status: "failed", blocked: true },
      { status: "failed" },
      { status: "removed", valid: false },
      { status: "declined", valid: false },
    );
    expect(ids(stayBehind(all))).toEqual(["a2", "a3"]);
  });

  it("[AX6] tells what somebody else made another thing, and who", () => {
    const before = { a1: action({ leaves: [leaf({ text: "9" })] }), a2: action({ id: "a2" }) };
    const after = {
      a1: action({ leaves: [leaf({ text: "10", edited: true })], edited_by: SAM }),
      a2: action({ id: "a2", locked_by: SAM }),
    };
    expect(changedSince(before, after, "ana")).toEqual({ ids: new Set(["a1"]), by: "Sam Supervisor" });
    expect(changedSince(before, before, "ana")).toEqual({ ids: new Set(), by: "Somebody else" });
  });
});

describe("ways out", () => {
  it("[AX10] ending leaves not fired what does not fire on any end", () => {
    const all = shown({}, { key: "ship" }, { key: "ship", valid: false }, { status: "sent" }, { status: "removed" });
    expect(ids(unfiredByEnding(all))).toEqual(["a1", "a3"]);
  });

  it("[AX10] going back withdraws what was triggered on the way, and says what makes up for what was sent", () => {
    const base = view();
    const head = { ...base.head.session, path: ["v1", "v2"], current_visit_id: "v2" };
    const v2 = { ...base.visits.v1, id: "v2", section_key: "offer", previous_id: "v1" };
    const seen = {
      ...base,
      head: { session: head },
      visits: { ...base.visits, v2 },
      actions: {
        a1: action({ section_key: "hello" }),
        a2: action({ id: "a2", key: "ship", section_key: "offer", visit_id: "v2" }),
        a3: action({ id: "a3", section_key: "offer", visit_id: "v2", status: "queued", shown: "pending" }),
        a4: action({ id: "a4", section_key: "offer", visit_id: "v2", status: "removed" }),
        a5: action({ id: "a5", section_key: "hello", visit_id: "v2" }),
      },
    } as ReturnType<typeof view>;
    const { withdrawn, sent } = whatBackDoes(seen, GUIDE, "v1");
    expect(ids(withdrawn)).toEqual(["a2"]);
    expect(sent.map((each) => [each.sent.action.id, each.made_up_by])).toEqual([["a3", "Call the visit off"]]);
    expect(whatBackDoes(seen, GUIDE, "v2")).toEqual({ withdrawn: [], sent: [] });
  });
});

describe("totals", () => {
  it("[AX8] count each status that people read; removed ones apart, withdrawn ones not at all", () => {
    const all = shown(
      { status: "sent", shown: "sent" },
      { status: "sent", shown: "sent" },
      { status: "declined" },
      { status: "removed" },
      { status: "withdrawn" },
    );
    expect(totals(all)).toEqual({
      shown: [
        ["sent", 2],
        ["not_fired", 1],
      ],
      removed: 1,
    });
  });
});

describe("a corrected send", () => {
  const old = action({ id: "a1", status: "sent", out_of_date: true });
  const shown = (change: Partial<ActionView>) => ({
    action: action({ id: "a2", corrects: "a1", ...change }),
    template: template({}),
    name: "Book a visit",
    target: "",
  });

  it("[AX9] leaves the first out of date until it is sent", () => {
    expect(isOutOfDate(old, [])).toBe(true);
    expect(isOutOfDate(old, [shown({ status: "draft" })])).toBe(true);
    expect(isOutOfDate(old, [shown({ status: "sent" })])).toBe(false);
    expect(isOutOfDate({ ...old, out_of_date: false }, [])).toBe(false);
  });

  it("[AX9] is the last one that nobody removed", () => {
    expect(correctionOf(old, [shown({ status: "removed" }), shown({ corrects: "a7" })])).toBeNull();
    expect(correctionOf(old, [shown({ status: "sent" }), shown({ id: "a3" })])?.id).toBe("a3");
  });
});

describe("rights", () => {
  const head = view().head.session as NonNullable<ReturnType<typeof view>["head"]["session"]>;
  const day_ms = 24 * 3_600_000;

  it("[AX3] are the driver's and the supervisor's; the owner's on a record, for a day", () => {
    const coach = { id: "cleo", name: "Cleo", roles: ["coach"] };
    expect(mayAct(head, ANA, 0)).toBe(true);
    expect(mayAct(head, SAM, 0)).toBe(true);
    expect(mayAct(head, coach, 0)).toBe(false);
    expect(mayAct({ ...head, status: "paused" }, ANA, 0)).toBe(false);
    expect(mayAct({ ...head, status: "ended" }, ANA, day_ms - 1)).toBe(true);
    expect(mayAct({ ...head, status: "ended" }, ANA, day_ms)).toBe(false);
    expect(mayAct({ ...head, status: "ended" }, SAM, day_ms)).toBe(true);
  });

  it("[AX7] to approve have supervisors with no hand in it", () => {
    const asked = action({ status: "awaiting_approval" });
    expect(mayApprove(asked, head, SAM)).toBe(true);
    expect(mayApprove(asked, head, ANA)).toBe(false);
    expect(mayApprove({ ...asked, edited_by: SAM }, head, SAM)).toBe(false);
    expect(mayApprove(asked, { ...head, driver: SAM }, SAM)).toBe(false);
    expect(mayApprove(action(), head, SAM)).toBe(false);
  });

  it("[AX2] stand back while somebody else edits it, until the lock lapses", () => {
    const locked = action({ locked_by: SAM, locked_until_ms: 1_000 });
    expect(lockedByOther(locked, "ana", 999)).toEqual(SAM);
    expect(lockedByOther(locked, "ana", 1_000)).toBeNull();
    expect(lockedByOther(locked, "sam", 0)).toBeNull();
  });
});

it("names one value by one key, whatever its path", () => {
  expect(leafOf(leafKey("a12", "data.first name"))).toEqual({ action_id: "a12", path: "data.first name" });
});
