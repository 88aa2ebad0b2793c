/** What the owners of the installation's zones may want, in any order; much of it is refused. */

import fc from 'fast-check';
import type { Command } from '../../src/domain/change.ts';
import { COMPLIANCE_SETS } from '../../src/domain/compliance.ts';
import { type Hostname, hostnamePattern, recordId } from '../../src/domain/ids.ts';
import { DEFAULT_ORIGIN } from '../../src/domain/record.ts';
import { SSL_MODES, TLS_VERSIONS } from '../../src/domain/settings.ts';
import type { Installation, ZoneMaterial } from './installation.ts';

/** A command for one zone. `lag`: so many revisions are not in force at every edge yet. */
export interface Wanted {
  readonly zone: ZoneMaterial;
  readonly command: Command;
  readonly lag: number;
}

/** Any command for any zone, with names that lie in it, in another zone, or nowhere. */
export function anyWanted({ zones }: Installation): fc.Arbitrary<Wanted> {
  const serverName = fc.constantFrom(null, ...zones.map(({ name }) => pattern(`www.${name}`)), pattern('nobody.test'));
  return fc
    .constantFrom(...zones)
    .chain((zone) =>
      fc.record({ zone: fc.constant(zone), command: anyCommand(zone, serverName), lag: fc.constantFrom(0, 0, 2) }),
    )
    .map((wanted) => Object.assign(wanted, { [fc.toStringMethod]: () => inWords(wanted) }));
}

/** Names that have records, associations, both or neither. */
export function namesAround({ name }: ZoneMaterial): readonly Hostname[] {
  return [`${name}`, `www.${name}`, `a.b.${name}`, `sub.${name}`, `www.sub.${name}`].map(pattern);
}

/** The commands that put every zone on the edge, so that few are needed to reach an interesting state. */
export function beginnings(zone: ZoneMaterial): readonly Command[] {
  const { id, account, name, authority, managed } = zone;
  return [
    { kind: 'create_zone', id, account, name, authority, managed },
    { kind: 'create_record', id: record('0'), draft: draft(pattern(`www.${name}`), '192.0.2.1', {}) },
    { kind: 'create_record', id: record('1'), draft: draft(pattern(`*.${name}`), '192.0.2.2', {}) },
  ];
}

function anyCommand(zone: ZoneMaterial, serverName: fc.Arbitrary<Hostname | null>): fc.Arbitrary<Command> {
  const name = fc.constantFrom(...namesAround(zone), pattern(`*.${zone.name}`), pattern(`*.b.${zone.name}`));
  const id = fc.constantFrom('0', '1', '2', '3').map(record);
  const upload = fc.constantFrom(...zone.uploads);
  // One of the zone level now and then, which is refused.
  const own = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.constantFrom(...zone.issued, ...zone.uploads.filter(({ level }) => level === 'hostname')),
    },
    upload,
  );
  const drafted = fc
    .record({ name, content: fc.constantFrom('192.0.2.1', '192.0.2.3'), serverName, proxied: fc.boolean() })
    .map(({ name: named, content, ...over }) => draft(named, content, over));
  const wish = fc
    .record({ name, upload: own, wish: fc.constantFrom('present', 'present', 'veto', 'void') })
    .map(({ name: named, upload: { id: certificate }, wish: kind }) => ({ hostname: named, certificate, wish: kind }));
  return fc.oneof(
    anySettings(),
    fc.record({ kind: fc.constant('edit_zone' as const), paused: fc.constantFrom(false, false, true) }),
    fc.record({ kind: fc.constant('create_record' as const), id, draft: drafted }),
    fc.record({ kind: fc.constant('update_record' as const), id, draft: drafted }),
    fc.record({ kind: fc.constant('delete_record' as const), id }),
    fc.record({ kind: fc.constant('add_certificate' as const), draft: upload }),
    fc.record({ kind: fc.constant('add_certificate' as const), draft: upload }),
    fc.record({
      kind: fc.constant('issue_certificate' as const),
      draft: fc.constantFrom(...zone.issued),
      hostnames: fc.array(name, { minLength: 1, maxLength: 2 }),
      present: fc.boolean(),
    }),
    fc
      .oneof(upload, fc.constantFrom(...zone.issued))
      .map(({ id: gone, level }) => ({ kind: 'delete_certificate' as const, level, id: gone })),
    fc.record({ kind: fc.constant('associate' as const), wishes: fc.array(wish, { minLength: 1, maxLength: 2 }) }),
    fc.record({ kind: fc.constant('associate' as const), wishes: fc.array(wish, { minLength: 1, maxLength: 2 }) }),
    lifeAndDeath(zone),
  );
}

function anySettings(): fc.Arbitrary<Command> {
  const settings = fc.record(
    {
      ssl: fc.constantFrom(...SSL_MODES, 'strict', 'full'),
      alwaysUseHttps: fc.boolean(),
      minTlsVersion: fc.constantFrom(...TLS_VERSIONS),
      compliance: fc.constantFrom(...COMPLIANCE_SETS),
      globalPull: fc.boolean(),
      zonePull: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  return fc.record({ kind: fc.constant('set' as const), settings });
}

// A zone below another is made once, before the other has names there, and stays.
function lifeAndDeath(zone: ZoneMaterial): fc.Arbitrary<Command> {
  const [create] = beginnings(zone);
  const commands: readonly Command[] = create === undefined ? [] : [create];
  return fc.constantFrom(...commands, ...(zone.name.endsWith('alpha.test') ? [] : [{ kind: 'delete_zone' } as const]));
}

function draft(
  name: Hostname,
  content: string,
  { serverName = null, proxied = true }: { readonly serverName?: Hostname | null; readonly proxied?: boolean },
) {
  const origin = { ...DEFAULT_ORIGIN, serverName };
  return { name, type: 'A', content, ttl: 1, proxied, origin, originSent: null, comment: null } as const;
}

function record(digit: string) {
  const id = recordId(digit.repeat(32));
  if (id === null) throw new Error(`not a digit of an id: ${digit}`);
  return id;
}

function pattern(text: string): Hostname {
  const parsed = hostnamePattern(text);
  if (parsed === null) throw new Error(`not a hostname: ${text}`);
  return parsed;
}

// A counterexample with all its certificates in PEM would fill pages.
function inWords({ zone, command, lag }: Wanted): string {
  const shown = JSON.stringify(command, (key, value: unknown) =>
    ['leaf', 'chain', 'sent', 'authority', 'managed'].includes(key) ? undefined : value,
  );
  return `${zone.name} (lag ${lag}): ${shown}`;
}
