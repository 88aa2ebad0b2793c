import type { JsonSchema } from './components.ts';
import type { Parameter } from './document.ts';
import { html, type Markup, withCode } from '../../../wire/markup.ts';

/** What a value may be, in a few words; a named schema is a link to its own place on the page. */
export function typeOf(schema: JsonSchema): Markup {
  const { $ref, anyOf, items } = schema;
  if ($ref !== undefined) return reference($ref.replace('#/components/schemas/', ''));
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return joined(schema.enum.map((word) => html`<code>${JSON.stringify(word)}</code>`));
  if (anyOf !== undefined) return joined(anyOf.map(typeOf));
  if (schema.type === 'array') {
    return typeof items === 'object' && !Array.isArray(items) ? html`list of ${typeOf(items)}` : html`list`;
  }
  if (schema.format === 'date-time') return html`time`;
  const types = [schema.type ?? 'anything'].flat();
  return joined(types.map((type) => html`${TYPES[type] ?? type}`));
}

const TYPES: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', boolean: 'true or false' };

function reference(name: string): Markup {
  return html`<a href="#${name}">${name}</a>`;
}

function joined(parts: readonly Markup[]): Markup {
  const spaced = parts.map((part, index) => (index === 0 ? part : html` <span class="or">or</span> ${part}`));
  return html`${spaced}`;
}

/** The fields of an object, or what else a schema is, as a table. */
export function fieldsTable(schema: JsonSchema): Markup {
  const forms = schema.anyOf ?? schema.oneOf;
  if (forms !== undefined) return html`${forms.map((form) => html`<div class="form">${fieldsTable(form)}</div>`)}`;
  if (schema.properties === undefined) return html`<p class="whole">${typeOf(schema)}</p>`;
  return html`<table>${rowsOf(schema, '')}</table>`;
}

const MAX_DEPTH = 3;

function rowsOf(schema: JsonSchema, prefix: string): readonly Markup[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, field]) => {
    if (typeof field !== 'object') return [];
    const path = `${prefix}${name}`;
    const row = fieldRow({ name: path, required: required.includes(name), field });
    const inner = insideOf(field);
    if (inner === null || path.split('.').length >= MAX_DEPTH) return [row];
    return [row, ...rowsOf(inner.schema, `${path}${inner.mark}`)];
  });
}

/** The object in a field, in the items of its list, or in one of its forms. */
function insideOf(field: JsonSchema): { readonly schema: JsonSchema; readonly mark: string } | null {
  if (field.properties !== undefined) return { schema: field, mark: '.' };
  const { items, anyOf } = field;
  if (typeof items === 'object' && !Array.isArray(items) && items.properties !== undefined) {
    return { schema: items, mark: '[].' };
  }
  const form = anyOf?.find(({ properties }) => properties !== undefined);
  return form === undefined ? null : { schema: form, mark: '.' };
}

/** Parameters of one place as a table. */
export function parametersTable(parameters: readonly Parameter[]): Markup {
  const rows = parameters.map(({ name, required, schema, description }) =>
    fieldRow({ name, required, field: description === undefined ? schema : { ...schema, description } }),
  );
  return html`<table>${rows}</table>`;
}

interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly field: JsonSchema;
}

function fieldRow({ name, required, field }: Field): Markup {
  const mark = required ? html`` : html` <span class="optional">optional</span>`;
  const { description } = field;
  const limits = limitsOf(field);
  return html`<tr><th scope="row"><code>${name}</code>${mark}</th><td>${typeOf(field)}${limits}${
    description === undefined ? '' : html`<br><span class="told">${withCode(description)}</span>`
  }</td></tr>`;
}

function limitsOf(field: JsonSchema): Markup {
  const { minimum, maximum, maxLength, maxItems, default: otherwise } = field;
  const limits = [
    ...(minimum !== undefined && maximum !== undefined ? [`${minimum} to ${maximum}`] : []),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(maxItems === undefined || maxItems === 0 ? [] : [`at most ${maxItems} entries`]),
    ...(otherwise === undefined ? [] : [`else ${JSON.stringify(otherwise)}`]),
  ];
  return limits.length === 0 ? html`` : html`<span class="limits">, ${limits.join(', ')}</span>`;
}
