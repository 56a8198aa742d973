/** From the JSON Schema of a command to the inputs of a form, and from what was typed to the command's data. */

export interface Schema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  anyOf?: readonly Schema[];
  $ref?: string;
  $defs?: Readonly<Record<string, Schema>>;
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
}

export interface CommandSchema {
  by: readonly string[];
  schema: Schema;
}

export interface Input {
  name: string;
  kind: "text" | "number" | "checkbox" | "choice" | "json";
  required: boolean;
  choices: readonly unknown[];
  hint: string;
  /** What stands in the input at first: text, or whether it is ticked. */
  initial: string | boolean;
}

/** What was typed cannot be the field's value. */
export class InputError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** One input per property; what has no simple input is typed as JSON. */
export function inputsOf(schema: Schema): Input[] {
  const root = resolve(schema, schema);
  const required = new Set(root.required ?? []);
  return Object.entries(root.properties ?? {}).map(([name, property]) => inputOf(name, property, schema, required.has(name)));
}

function inputOf(name: string, property: Schema, root: Schema, required: boolean): Input {
  const found = plain(property, root);
  const choices = found.enum ?? (found.const === undefined ? [] : [found.const]);
  const kind = choices.length > 0 ? "choice" : kindOf(found);
  const value = property.default ?? found.default;
  const initial = kind === "checkbox" ? value === true : shown(value, kind);
  return { name, kind, required, choices, hint: hintOf(found, property), initial };
}

/** The one alternative besides null, so that `string | null` is a text that may stay empty. */
function plain(property: Schema, root: Schema): Schema {
  const found = resolve(property, root);
  const others = found.anyOf?.map((other) => resolve(other, root)).filter(({ type }) => type !== "null");
  return others?.length === 1 && others[0] ? others[0] : found;
}

function resolve(schema: Schema, root: Schema): Schema {
  if (!schema.$ref) return schema;
  return root.$defs?.[schema.$ref.split("/").at(-1) ?? ""] ?? schema;
}

function kindOf({ type }: Schema): Input["kind"] {
  if (type === "integer" || type === "number") return "number";
  if (type === "boolean") return "checkbox";
  return type === "string" ? "text" : "json";
}

function hintOf({ minimum, maximum, description }: Schema, property: Schema): string {
  const range = minimum !== undefined || maximum !== undefined ? `${minimum ?? ""}–${maximum ?? ""}` : "";
  return [property.description ?? description, range].filter(Boolean).join(" · ");
}

function shown(value: unknown, kind: Input["kind"]): string {
  if (value === undefined || value === null) return "";
  return kind === "json" || kind === "choice" ? JSON.stringify(value) : String(value);
}

/** The command's data. Inputs left empty are left out, so that the server's defaults hold. Throws `InputError`. */
export function dataOf(inputs: readonly Input[], typed: Readonly<Record<string, string | boolean | number | null | undefined>>): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const input of inputs) {
    const value = valueOf(input, typed[input.name] ?? input.initial);
    if (value !== undefined) data[input.name] = value;
    else if (input.required) throw new InputError(input.name, "this is needed");
  }
  return data;
}

function valueOf({ name, kind }: Input, typed: string | boolean | number): unknown {
  if (kind === "checkbox") return Boolean(typed);
  const text = String(typed).trim();
  if (text === "") return undefined;
  if (kind === "text") return text;
  if (kind === "number") {
    const number = Number(text);
    if (Number.isFinite(number)) return number;
    throw new InputError(name, "this is no number");
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InputError(name, "this is no JSON, e.g. [1, 2] or \"text\"");
  }
}
