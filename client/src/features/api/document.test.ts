import { describe, expect, test } from "vitest";
import { curlOf, groupsOf, type OpenApi, partsOf, typeText } from "./document";

const SCHEMAS = {
  Party: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  Order: {
    type: "object",
    properties: {
      owner: { $ref: "#/components/schemas/Party" },
      roles: { type: "array", items: { enum: ["agent", "coach"] } },
      note: { anyOf: [{ type: "string", description: "In words." }, { type: "null" }] },
    },
    required: ["owner", "roles"],
  },
};
const DOCUMENT: OpenApi = {
  info: { description: "" },
  paths: {
    "/api/v1/people/{id}": {
      post: {
        operationId: "add",
        summary: "Add somebody",
        tags: ["people"],
        security: [{ token: ["people:write"] }],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } } },
        responses: {
          "200": { description: "OK", content: { "application/json": { schema: { $ref: "#/c/s/Party" } } } },
          "404": { description: "- `unknown_person`: Nobody.\n- `not_found`: No such address.", content: {} },
        },
      },
    },
  },
  components: { schemas: SCHEMAS },
};

describe("the page of the document", () => {
  test("[AP18] shows each part of what is asked, and what lies in it", () => {
    expect(partsOf({ $ref: "#/components/schemas/Order" }, SCHEMAS)).toEqual([
      { name: "owner", type: "object", text: "", is_required: true, depth: 0 },
      { name: "id", type: "text", text: "", is_required: true, depth: 1 },
      { name: "roles", type: "list of agent | coach", text: "", is_required: true, depth: 0 },
      { name: "note", type: "text or null", text: "In words.", is_required: false, depth: 0 },
    ]);
    expect(typeText({ type: "object", additionalProperties: { type: "string" } })).toBe("object by key");
  });

  test("[AP18] shows operations by what they are about, with every problem", () => {
    const [group] = groupsOf(DOCUMENT);
    const [operation] = group?.operations ?? [];
    expect(group?.name).toBe("people");
    expect(operation).toMatchObject({ method: "POST", scope: "people:write", status: "200" });
    expect(operation?.problems.map(({ code }) => code)).toEqual(["unknown_person", "not_found"]);
    expect(operation && curlOf(operation, "https://calls.example")).toBe(
      [
        "curl -X POST https://calls.example/api/v1/people/{id}",
        "-H 'Authorization: Bearer sc_…'",
        '-H "Idempotency-Key: $(uuidgen)"',
        "-H 'Content-Type: application/json'",
        `-d '{"owner":"…","roles":["…"]}'`,
      ].join(" \\\n  "),
    );
  });
});
