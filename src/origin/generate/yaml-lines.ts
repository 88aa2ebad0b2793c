import type { Lines } from './lines.ts';

/** What stands in a YAML file. A key that begins with `#` is a comment: its value is the text. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

/** Block style, strings in double quotes wherever they could be taken for something else (YAML 1.2 §7.3). */
export function yamlLines(value: Yaml): Lines {
  if (typeof value !== 'object') return [scalar(value)];
  if (Object.keys(value).length === 0) return [Array.isArray(value) ? '[]' : '{}'];
  if (Array.isArray(value)) return value.flatMap(listed);
  return Object.entries(value).flatMap(([key, one]) => entry(key, one));
}

function listed(value: Yaml): Lines {
  const lines = yamlLines(value);
  const start = Math.max(
    lines.findIndex((line) => !line.startsWith('#')),
    0,
  );
  const [first = '', ...rest] = lines.slice(start);
  return [...lines.slice(0, start), `- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function entry(key: string, value: Yaml): Lines {
  const name = scalar(key);
  if (typeof value !== 'object') return [key.startsWith('#') ? `# ${value}` : `${name}: ${scalar(value)}`];
  const lines = yamlLines(value);
  if (Object.keys(value).length === 0) return [`${name}: ${lines.join('')}`];
  return [`${name}:`, ...lines.map((line) => `  ${line}`)];
}

// Letters first, and nothing that YAML 1.1 readers take for a truth value: Kubernetes' is one of them.
const PLAIN = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z0-9_./-]*$/i;

function scalar(value: string | number | boolean): string {
  return typeof value === 'string' && !PLAIN.test(value) ? JSON.stringify(value) : String(value);
}
