/** The OpenAPI document as its page shows it: operations by group, and the parts of what they take and give. Pure. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Told {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly { readonly token: readonly string[] }[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>;
}

export interface OpenApi {
  readonly info: { readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Told>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Part {
  readonly name: string;
  readonly type: string;
  readonly text: string;
  readonly is_required: boolean;
  /** How deep it lies in what holds it. */
  readonly depth: number;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly scope: string;
  readonly parameters: readonly Part[];
  readonly body: readonly Part[];
  readonly answer: readonly Part[];
  readonly status: string;
  /** By status, each code with what it means. */
  readonly problems: readonly { readonly status: string; readonly code: string; readonly text: string }[];
}

export interface Group {
  readonly name: string;
  readonly operations: readonly Operation[];
}

const DEEPEST = 4;

/** All operations, in the order of the document, by what they are about. */
export function groupsOf(document: OpenApi): readonly Group[] {
  const groups = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, told] of Object.entries(methods)) {
      const name = told.tags[0] ?? "";
      groups.set(name, [...(groups.get(name) ?? []), operationOf(document, path, method, told)]);
    }
  }
  return [...groups].map(([name, operations]) => ({ name, operations }));
}

function operationOf({ components }: OpenApi, path: string, method: string, told: Told): Operation {
  const [status, answer] = Object.entries(told.responses).find(([status]) => status.startsWith("2")) ?? ["", undefined];
  return {
    id: told.operationId,
    method: method.toUpperCase(),
    path,
    summary: told.summary,
    scope: told.security[0]?.token[0] ?? "",
    parameters: told.parameters.map(({ name, in: place, required, description, schema }) => ({
      name,
      type: `${typeText(schema)}${place === "query" ? "" : `, ${place}`}`,
      text: description ?? schema.description ?? "",
      is_required: required,
      depth: 0,
    })),
    body: partsOf(told.requestBody?.content["application/json"]?.schema, components.schemas),
    answer: partsOf(answer?.content["application/json"]?.schema, components.schemas),
    status,
    problems: Object.entries(told.responses)
      .filter(([status]) => !status.startsWith("2"))
      .flatMap(([status, { description }]) =>
        [...description.matchAll(/^- `(\w+)`: (.*)$/gm)].map(([, code = "", text = ""]) => ({ status, code, text })),
      ),
  };
}

/** What an object holds, and what these hold, down to where nobody reads on. */
export function partsOf(
  schema: Schema | undefined,
  schemas: Readonly<Record<string, Schema>>,
  depth = 0,
): readonly Part[] {
  const whole = schema === undefined ? undefined : resolved(schema, schemas);
  if (whole?.properties === undefined || depth >= DEEPEST) return [];
  return Object.entries(whole.properties).flatMap(([name, given]) => {
    const inner = innerOf(given, schemas);
    const part: Part = {
      name,
      type: typeText(given, schemas),
      text:
        given.description ??
        (given.anyOf ?? []).find((one) => one.description)?.description ??
        inner?.description ??
        "",
      is_required: whole.required?.includes(name) ?? false,
      depth,
    };
    return [part, ...partsOf(inner, schemas, depth + 1)];
  });
}

/** The object that a property is, or is a list of, if it is one. */
function innerOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema | undefined {
  const [only, ...others] = (schema.anyOf ?? [schema]).filter((one) => one.type !== "null");
  if (only === undefined || others.length > 0) return undefined;
  const one = resolved(only.items ?? only, schemas);
  return one.properties === undefined ? undefined : one;
}

/** `text or null`, `list of whole number`, `live | paused`. */
export function typeText(schema: Schema, schemas: Readonly<Record<string, Schema>> = {}): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => typeText(one, schemas)).join(" or ");
  const whole = resolved(schema, schemas);
  if (whole.enum !== undefined) return whole.enum.map(String).join(" | ");
  switch (whole.type) {
    case "array":
      return `list of ${whole.items === undefined ? "anything" : typeText(whole.items, schemas)}`;
    case "object":
      return typeof whole.additionalProperties === "object" ? "object by key" : "object";
    case "integer":
      return "whole number";
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    default:
      return whole.type ?? "anything";
  }
}

function resolved(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  if (schema.$ref === undefined) return schema;
  return schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {};
}

/** A request that can be pasted into a terminal. */
export function curlOf({ method, path, body }: Operation, address: string): string {
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}${address}${path}`, "-H 'Authorization: Bearer sc_…'"];
  if (method === "POST") lines.push('-H "Idempotency-Key: $(uuidgen)"');
  if (body.length > 0) {
    const needed = body.filter(({ is_required, depth }) => is_required && depth === 0);
    const example = needed.map(({ name, type }) => [name, type.startsWith("list") ? ["…"] : "…"]);
    lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(Object.fromEntries(example))}'`);
  }
  return lines.join(" \\\n  ");
}
