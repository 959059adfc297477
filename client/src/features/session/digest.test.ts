import { expect, it } from "vitest";
import type { View, WorkflowDocument } from "../../protocol/protocol.gen";
import { ANA, VERSION, view } from "../../sync/testing";
import type { ShownAction } from "./actions";
import { digestOf } from "./digest";
import { indexDocument } from "./live";

const bare = VERSION.document as unknown as WorkflowDocument;
const fields = bare.fields.map((field) => ({ ...field, type: "text" as const, options: [], unit: null }));
const guide = indexDocument({ ...bare, title: "", fields });

it("[DG1] tells the path with its Answers, filled Fields, Responses and Actions", () => {
  const seen = view();
  const field = { by: ANA, at_ms: 5, visit_id: "v1", shown: null, problem: null, suggested_by: null, valid: true };
  const [first, second] = guide.document.fields;
  if (first === undefined || second === undefined) throw new Error("expected two Fields");
  seen.fields[first.key] = { ...field, key: first.key, masked: false, content: "Lovelace" };
  seen.fields[second.key] = { ...field, key: second.key, masked: true, content: null, valid: false };
  seen.responses.r1 = { id: "r1", response_key: "gone", visit_id: "v1", by: ANA, at_ms: 7 };
  const digest = digestOf(seen, guide, []);
  expect(digest.steps).toEqual([
    { id: "v1", name: guide.sections.get("hello")?.name, answer: "", entered_ms: 0, left_ms: null },
  ]);
  expect(digest.values.map(({ text, is_valid }) => [text, is_valid])).toEqual([
    ["Lovelace", true],
    ["Filled, hidden", false],
  ]);
  expect(digest.said).toEqual([{ id: "r1", name: "gone", at_ms: 7 }]);
});

it("[DG1] begins with the Fields of the title", () => {
  const seen = view();
  const document = guide.document;
  const last = document.fields.at(-1);
  if (last === undefined) throw new Error("expected Fields");
  const field = { by: ANA, at_ms: 5, visit_id: "v1", shown: null, problem: null, suggested_by: null, valid: true };
  for (const { key } of document.fields) seen.fields[key] = { ...field, key, masked: false, content: "x" };
  const titled = indexDocument({ ...document, title: `Call of {{${last.key}}}` });
  expect(digestOf(seen, titled, []).values[0]?.key).toBe(last.key);
});

it("[DG1] leaves out what is not fired while the Session is open", () => {
  const shown = (id: string, status: string): ShownAction =>
    ({ action: { id, shown: status, status: "draft" }, name: id }) as unknown as ShownAction;
  const actions = [shown("later", "not_fired"), shown("gone out", "sent")];
  const seen = view();
  expect(digestOf(seen, guide, actions).actions.map(({ id }) => id)).toEqual(["gone out"]);
  const over = { ...seen, head: { ...seen.head, session: { ...seen.head.session, status: "ended" } } } as View;
  expect(digestOf(over, guide, actions).actions).toHaveLength(2);
});
