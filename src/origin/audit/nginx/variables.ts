import type { ConfigSource } from '../../server/config-source.ts';
import { parseNginx } from '../../server/nginx/syntax.ts';
import type { Effective } from '../../server/nginx/tree.ts';
import { type Caller, callersVariable } from './caller.ts';
import { fixed, gap, type Holds, isText, matchesText, type Text } from '../text.ts';

/** A variable that a configuration makes: by a table, or by an address. */
type Made =
  | { readonly kind: 'map'; readonly source: string; readonly rows: readonly Row[] }
  | { readonly kind: 'address'; readonly otherwise: string };

/** One row of a `map`: key and value as written. */
interface Row {
  readonly key: string;
  readonly value: string;
}

export type MadeVariables = ReadonlyMap<string, Made>;

/** Values of `set`. */
export type SetVariables = ReadonlyMap<string, Text>;

/** All that decides what a variable holds. */
export interface Scope {
  readonly made: MadeVariables;
  readonly set: SetVariables;
  readonly caller: Caller;
  /** The server block asks for certificates. */
  readonly verifies: boolean;
  /** First name of the server block. */
  readonly serverName: string;
}

/** The variables that `map`, `geo` and the like make. `resolve` completes the path of an include. */
export function madeVariables(
  http: readonly Effective[],
  source: Pick<ConfigSource, 'read'>,
  resolve: (path: string) => string,
): MadeVariables {
  const made = new Map<string, Made>();
  for (const { name, args, inner } of http) {
    const target = (args.at(-1) ?? '').replace(/^\$/, '');
    if (inner === null || target === '') continue;
    const rows = rowsOf(inner, (path) => includedRows(resolve(path), source));
    if (name === 'map') made.set(target, { kind: 'map', source: args[0] ?? '', rows });
    if (name === 'geo')
      made.set(target, { kind: 'address', otherwise: rows.find(({ key }) => key === 'default')?.value ?? '' });
  }
  return made;
}

function rowsOf(inner: readonly Effective[], included: (path: string) => readonly Row[]): readonly Row[] {
  return inner.flatMap(({ name, args: [value] }) => {
    if (name === 'include') return included(value ?? '');
    return value === undefined ? [] : [{ key: name, value }];
  });
}

function includedRows(path: string, source: Pick<ConfigSource, 'read'>): readonly Row[] {
  const read = source.read(path);
  const directives = 'text' in read ? parseNginx(path, read.text) : [];
  if ('kind' in directives) return [];
  return directives.flatMap(({ name, args: [value] }) => (value === undefined ? [] : [{ key: name, value }]));
}

const MAX_DEPTH = 8;
const MAX_VALUES = 32;

/** All that a text with variables can come to; at most 32. */
export function valuesOf(written: string, scope: Scope, depth = 0): readonly Text[] {
  let values: readonly Text[] = [[]];
  for (const part of partsOf(written)) {
    const next = part.kind === 'text' ? [fixed(part.text)] : variable(part.name, scope, depth);
    values = values.flatMap((before) => next.map((after) => [...before, ...after]));
    if (values.length > MAX_VALUES) return [gap('unknown')];
  }
  return values;
}

type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'variable'; readonly name: string };

/** The fixed pieces and variables of a text. */
export function partsOf(written: string): readonly Part[] {
  return [...written.matchAll(/\$(?:\{(\w+)\}|(\w+))|[^$]+|\$/g)].map(([whole, braced, bare]) => {
    const name = braced ?? bare;
    return name === undefined ? { kind: 'text', text: whole } : { kind: 'variable', name: name.toLowerCase() };
  });
}

function variable(name: string, scope: Scope, depth: number): readonly Text[] {
  const own = scope.set.get(name);
  if (own !== undefined) return [own];
  const made = scope.made.get(name);
  if (depth < MAX_DEPTH && made?.kind === 'map') return fromMap(made, scope, depth);
  if (made?.kind === 'address') return [scope.caller.freedom.address ? gap('caller') : fixed(made.otherwise)];
  if (name === 'server_name') return [fixed(scope.serverName)];
  return [callersVariable(name, scope.caller, scope.verifies) ?? gap('unknown')];
}

function fromMap({ source, rows }: Made & { readonly kind: 'map' }, scope: Scope, depth: number): readonly Text[] {
  const found = new Set<string>();
  for (const value of valuesOf(source, scope, depth + 1)) for (const row of hits(value, rows)) found.add(row);
  const values = [...found].slice(0, MAX_VALUES).flatMap((value) => valuesOf(value, scope, depth + 1));
  return values.length > MAX_VALUES ? [gap('unknown')] : values;
}

const SPECIAL: ReadonlySet<string> = new Set(['default', 'hostnames', 'volatile']);

// As nginx looks: literal keys before patterns, the patterns in their order, and then the default.
function hits(value: Text, rows: readonly Row[]): readonly string[] {
  const keyed = rows.filter(({ key }) => !SPECIAL.has(key));
  const found: string[] = [];
  for (const { key, value: result } of [...keyed.filter(isLiteral), ...keyed.filter((row) => !isLiteral(row))]) {
    const holds = keyHolds(value, key);
    if (holds !== 'no') found.push(result);
    if (holds === 'yes') return found;
  }
  return [...found, rows.find(({ key }) => key === 'default')?.value ?? ''];
}

function isLiteral({ key }: Row): boolean {
  return !key.startsWith('~');
}

function keyHolds(value: Text, key: string): Holds {
  if (key.startsWith('~*')) return matchesText(value, key.slice(2), true);
  if (key.startsWith('~')) return matchesText(value, key.slice(1), false);
  return isText(value, key.replace(/^\\(?=[~\w])/, ''), true);
}
