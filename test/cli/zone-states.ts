import assert from 'node:assert/strict';
import fc from 'fast-check';
import type {
  AskedState,
  HostnameState,
  Present,
  PresentZone,
  Wanted,
  WantedZone,
} from '../../src/cli/declare/state.ts';
import { askedState } from '../../src/cli/declare/visitors.ts';
import { ACCESS_MODES } from '../../src/domain/access-rule.ts';
import { COMPLIANCE_SETS } from '../../src/domain/compliance.ts';
import { type Hostname, hostname, hostnamePattern } from '../../src/domain/ids.ts';
import { RATE_ACTIONS, RATE_KEYS, type RateLimitDraft } from '../../src/domain/rate-limit.ts';
import { DEFAULT_ORIGIN, withEffectiveTtl } from '../../src/domain/record.ts';
import type { RecordDraft } from '../../src/domain/record-changes.ts';
import { SSL_MODES, TLS_VERSIONS } from '../../src/domain/settings.ts';
import { urlPattern } from '../../src/domain/url-pattern.ts';
import { clientAuthority } from '../scenarios/authorities.ts';

/** Zones as they may be, and as a file may want them: for properties of the planner. */

export function host(text: string): Hostname {
  const name = text.startsWith('*.') ? hostnamePattern(text) : hostname(text);
  assert.ok(name !== null);
  return name;
}

export const ZONES = ['one.test', 'two.test', 'three.test'].map(host);
export const [HOME, AWAY] = ['1', '2'].map((digit) => ({ id: digit.repeat(32), name: `account ${digit}` }));
export const ACCOUNTS = [HOME, AWAY].filter((one) => one !== undefined);
export const CERTIFICATES = ['1', '2'].map((digit) => ({
  id: `${digit.repeat(8)}-1111-4111-8111-111111111111`,
  fingerprint: digit.repeat(64),
}));

/** Each holds the next, and then the same for IPv6. */
const NETWORKS = ['0.0.0.0/0', '192.0.0.0/16', '192.0.2.0/24', '192.0.2.7/32', '2001:db8::/32', '2001:db8::1/128'];

const CAS = await Promise.all(['staff', 'partners'].map(async (name) => (await clientAuthority(name)).ca));
const asked = fc
  .record({
    certificates: fc.subarray(CAS, { minLength: 1 }).map((some) => some.join('')),
    name: fc.constantFrom(null, 'staff'),
  })
  .map((list): AskedState => askedState(list, 'a test'));

const record = (zone: Hostname): fc.Arbitrary<RecordDraft> =>
  fc
    .record({
      name: fc.constantFrom(zone, host(`www.${zone}`), host(`api.${zone}`)),
      where: fc.constantFrom(
        ...([
          ['A', '192.0.2.1'],
          ['A', '192.0.2.2'],
          ['AAAA', '2001:db8::1'],
          ['CNAME', 'origin.example.net'],
        ] as const),
      ),
      ttl: fc.constantFrom(1, 300),
      proxied: fc.boolean(),
      comment: fc.constantFrom(null, 'a remark'),
      port: fc.constantFrom(443, 8443),
    })
    .map(({ where: [type, content], port, ...rest }) => ({
      ...withEffectiveTtl(rest),
      type,
      content,
      origin: { ...DEFAULT_ORIGIN, httpsPort: port },
      originSent: port === 443 ? null : JSON.stringify({ https_port: port }),
    }));

/** Only what an API would accept: a CNAME alone at its name, nothing twice. */
const records = (zone: Hostname) =>
  fc.array(record(zone), { maxLength: 8 }).map((drafts) => {
    const kept: RecordDraft[] = [];
    for (const draft of drafts) if (!kept.some((other) => rivals(other, draft))) kept.push(draft);
    return kept;
  });

export function rivals(a: RecordDraft, b: RecordDraft): boolean {
  if (a.name !== b.name) return false;
  return a.type === 'CNAME' || b.type === 'CNAME' || (a.type === b.type && a.content === b.content);
}

const own = fc.record({ certificate: fc.constantFrom(...CERTIFICATES.map(({ id }) => id)), enabled: fc.boolean() });
const path = fc.constantFrom('/', '/status', '/healthz');
const choices = fc.record({
  ssl: fc.constantFrom(...SSL_MODES),
  alwaysUseHttps: fc.boolean(),
  minTlsVersion: fc.constantFrom(...TLS_VERSIONS),
  compliance: fc.constantFrom(...COMPLIANCE_SETS),
  zoneLevel: fc.boolean(),
  globalLevel: fc.boolean(),
  paused: fc.boolean(),
});

const accessRules = fc.uniqueArray(
  fc.record({
    mode: fc.constantFrom(...ACCESS_MODES),
    network: fc.constantFrom(...NETWORKS),
    notes: fc.constantFrom('', 'scrapers'),
  }),
  { selector: ({ network }) => network, maxLength: 4 },
);

// Also twins: the API has no objection to them.
const rateLimits = fc.array(
  fc
    .record({
      url: fc.constantFrom('*', '*.one.test/login*', 'two.test/api/'),
      methods: fc.constantFrom([], ['POST'], ['PUT', 'POST']),
      schemes: fc.constantFrom<readonly ('http' | 'https')[]>([], ['https'], ['http', 'https']),
      description: fc.constantFrom('', 'login', 'api'),
      disabled: fc.boolean(),
      key: fc.constantFrom(...RATE_KEYS),
      threshold: fc.constantFrom(5, 10),
      period: fc.constantFrom(10, 60),
      action: fc.constantFrom(...RATE_ACTIONS),
      timeout: fc.constantFrom(10, 600),
    })
    .map(({ url, methods, schemes, ...rest }): RateLimitDraft => {
      const pattern = urlPattern(url);
      assert.ok(pattern !== null);
      return { ...rest, match: { methods, schemes, url, pattern } };
    }),
  { maxLength: 4 },
);

function withIds<Rule>(
  rules: fc.Arbitrary<readonly Rule[]>,
): fc.Arbitrary<readonly (Rule & { readonly id: string })[]> {
  return rules.map((some) => some.map((rule, index) => ({ ...rule, id: String(index) })));
}

const presentZone = (zone: Hostname): fc.Arbitrary<PresentZone> =>
  fc.record({
    account: fc.constantFrom(...ACCOUNTS),
    choices,
    records: records(zone).map((drafts) => drafts.map((draft, index) => ({ ...draft, id: String(index) }))),
    hostnames: ownNames(zone, own),
    visitors: askingNames(zone, asked),
    accessRules: withIds(accessRules),
    rateLimits: withIds(rateLimits),
    looks: fc.record({ path, hostnames: askingNames(zone, path) }),
    certificates: fc.constant(CERTIFICATES),
  });

function ownNames<T>(zone: Hostname, value: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<Hostname, T>> {
  const name = fc.constantFrom(host(`www.${zone}`), host(`api.${zone}`));
  return fc.array(fc.tuple(name, value), { maxLength: 2 }).map((entries) => new Map(entries));
}

function askingNames<T>(zone: Hostname, value: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<Hostname, T>> {
  const name = fc.constantFrom(host(`www.${zone}`), host(`api.${zone}`), host(`*.${zone}`));
  return fc.array(fc.tuple(name, value), { maxLength: 3 }).map((entries) => new Map(entries));
}

const wantedZone = (zone: Hostname): fc.Arbitrary<WantedZone> =>
  fc.record({
    account: fc.constantFrom(null, ...ACCOUNTS.map(({ id }) => id), ...ACCOUNTS.map(({ name }) => name)),
    choices: fc.record({ ...arbitraryChoices }, { requiredKeys: [] }),
    records: fc.option(records(zone)),
    accessRules: fc.option(accessRules),
    rateLimits: fc.option(rateLimits),
    hostnames: fc.option(ownNames<HostnameState | 'inherit'>(zone, fc.oneof(own, fc.constant('inherit' as const)))),
    looks: fc.record({
      path: fc.option(path),
      hostnames: fc.option(askingNames<string | null>(zone, fc.option(path))),
    }),
    visitors: fc.option(askingNames<AskedState | 'none'>(zone, fc.oneof(asked, fc.constant('none' as const)))),
  });
const arbitraryChoices = {
  ssl: fc.constantFrom(...SSL_MODES),
  alwaysUseHttps: fc.boolean(),
  minTlsVersion: fc.constantFrom(...TLS_VERSIONS),
  compliance: fc.constantFrom(...COMPLIANCE_SETS),
  zoneLevel: fc.boolean(),
  globalLevel: fc.boolean(),
  paused: fc.boolean(),
};

export const present = fc
  .tuple(...ZONES.map((zone) => fc.option(presentZone(zone))))
  .map((zones): Present => ({ zones: mapped(zones), others: [], accounts: ACCOUNTS }));
export const wanted = fc
  .tuple(...ZONES.map((zone) => fc.option(wantedZone(zone))))
  .map((zones): Wanted => mapped(zones));

function mapped<T>(zones: readonly (T | null)[]): ReadonlyMap<Hostname, T> {
  return new Map(ZONES.flatMap((zone, index) => [[zone, zones[index] ?? null] as const]).filter(isThere));
}

function isThere<T>(entry: readonly [Hostname, T | null]): entry is readonly [Hostname, T] {
  return entry[1] !== null;
}
