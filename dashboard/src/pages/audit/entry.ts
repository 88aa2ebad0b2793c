type Side = Readonly<Record<string, unknown>>;

/** An entry as `GET /postern/v1/audit` has it. */
export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly revision: number | null;
  readonly action: string;
  readonly actor: { readonly token: string; readonly name: string | null; readonly from: string };
  readonly zone: { readonly id: string; readonly name: string | null } | null;
  readonly before: Side;
  readonly after: Side;
}

/** One thing that differs; `null` where it was not there. */
export interface Difference {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What differs, down to single values; things that have names are called by them, not by their ids. */
export function differences({ before, after }: Pick<AuditEntry, 'before' | 'after'>): readonly Difference[] {
  const [old, now] = [leaves(before), leaves(after)];
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths]
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((one) => one.before !== one.after);
}

/** What an entry is about: the one thing in it that has a name, or how many there are. */
export function subjectOf({ before, after }: Pick<AuditEntry, 'before' | 'after'>): string {
  const own = nameIn(after) ?? nameIn(before);
  if (own !== null) return own;
  const things = [...Object.values(before), ...Object.values(after)].filter(isSide).flatMap(named);
  const names = [...new Set(things)];
  if (names.length === 0) return '';
  const [first = ''] = names;
  return names.length === 1 ? first : `${first} and ${(names.length - 1).toLocaleString()} more`;
}

// In this order: what people call a thing comes before what it has.
const NAMES = ['name', 'hostname', 'network', 'url', 'subject', 'description'] as const;

function nameIn(side: Side): string | null {
  for (const key of NAMES) {
    const value = side[key];
    if (typeof value === 'string' && value !== '') return value;
  }
  return hostsIn(side);
}

/** What has no name of its own, but names that it is for. */
function hostsIn({ hostnames }: Side): string | null {
  if (!Array.isArray(hostnames) || hostnames.length === 0) return null;
  const [first, ...rest] = hostnames.map(String);
  return rest.length === 0 ? `for ${first}` : `for ${first} and ${rest.length.toLocaleString()} more`;
}

function named(side: Side): readonly string[] {
  return Object.entries(side).map(([key, value]) => (isSide(value) ? (nameIn(value) ?? key) : key));
}

function isSide(value: unknown): value is Side {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function leaves(side: Side, above: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(side)) {
    const path = [...above, isSide(value) && above.length > 0 ? (nameIn(value) ?? key) : key];
    if (isSide(value)) for (const [below, text] of leaves(value, path)) found.set(below, text);
    else found.set(path.map((part) => part.replaceAll('_', ' ')).join(' › '), valueText(value));
  }
  return found;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map(valueText).join(', ');
  if (value === null || value === undefined) return '(none)';
  return JSON.stringify(value);
}

/** The list that holds this entry alone: a cursor is the place before which a page begins. */
export function entryPath(id: string, zone: string | null): string {
  const [revision = '0', sequence = '0'] = id.split('.');
  const query = new URLSearchParams({ limit: '1', cursor: `${revision}.${Number(sequence) + 1}` });
  if (zone !== null) query.set('zone', zone);
  return `/postern/v1/audit?${query}`;
}
