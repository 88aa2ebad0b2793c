import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

const PLACE = '#/components/schemas/';

/** Whether a schema is described as what comes in or as what goes out. */
type Direction = 'input' | 'output';

/**
 * Schemas as JSON Schema 2020-12, which is OpenAPI 3.1's. Those that have a name (`id`) are gathered as components, and
 * everything else points to them.
 */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();
  /** Many calls take and answer the same. */
  readonly #known = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() };

  /** A schema, with references to the components. */
  describe(schema: z.ZodType, direction: Direction): JsonSchema {
    const described = this.#known[direction].get(schema) ?? this.#convert(schema, direction);
    this.#known[direction].set(schema, described);
    return described;
  }

  #convert(schema: z.ZodType, direction: Direction): JsonSchema {
    const whole = z.toJSONSchema(schema, { io: direction, unrepresentable: 'any', override: plain });
    const { $schema: _, $defs = {}, '~standard': __, ...own } = whole;
    for (const [name, definition] of Object.entries($defs)) this.#keep(name, pointed(definition));
    return pointed(own);
  }

  /** All components so far, by name. */
  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What a reference points to. */
  find(reference: string): JsonSchema {
    return this.#schemas.get(reference.replace(PLACE, '')) ?? {};
  }

  #keep(name: string, schema: JsonSchema): void {
    const known = this.#schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${name}`);
    }
    this.#schemas.set(name, schema);
  }
}

/** What a schema says in `input` stands for the whole of it: a transform cannot say otherwise what it reads. */
function plain({ jsonSchema }: { readonly jsonSchema: JsonSchema }): void {
  const { input } = jsonSchema;
  if (typeof input === 'object' && input !== null) {
    for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
    Object.assign(jsonSchema, input);
  }
  // Known formats say the same in a word.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

function pointed(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', PLACE) : value,
  );
  return JSON.parse(text);
}
