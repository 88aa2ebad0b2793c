import type { Components, JsonSchema } from './components.ts';

/** A value that a schema describes, made of the examples in it. Of an object only what must be there. */
export function exampleOf(schema: JsonSchema, components: Components): unknown {
  const { $ref, examples, enum: words, anyOf, oneOf } = schema;
  if ($ref !== undefined) return exampleOf(components.find($ref), components);
  if (examples?.[0] !== undefined) return examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (words?.[0] !== undefined) return words[0];
  const [form] = anyOf ?? oneOf ?? [];
  if (form !== undefined) return exampleOf(form, components);
  return exampleOfType(schema, components);
}

function exampleOfType(schema: JsonSchema, components: Components): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
      return exampleObject(schema, components);
    case 'array':
      return exampleArray(schema, components);
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    case 'string':
      return schema.format === 'date-time' ? '2031-01-31T12:00:00Z' : '…';
    case 'null':
      return null;
    case undefined:
      return 'on';
    default:
      throw new TypeError(`no example of ${JSON.stringify(type)}`);
  }
}

function exampleObject({ properties = {}, required = [] }: JsonSchema, components: Components): unknown {
  const names = Object.keys(properties);
  // An edit has no field that must be there, and means nothing without one.
  const shown = required.length > 0 ? names.filter((name) => required.includes(name)) : names.slice(0, 1);
  const fields = shown.map((name) => {
    const property = properties[name];
    return [name, typeof property === 'object' ? exampleOf(property, components) : null];
  });
  return Object.fromEntries(fields);
}

function exampleArray({ items, maxItems }: JsonSchema, components: Components): unknown {
  if (maxItems === 0 || typeof items !== 'object' || Array.isArray(items)) return [];
  return [exampleOf(items, components)];
}
