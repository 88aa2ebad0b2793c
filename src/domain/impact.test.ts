import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Command, change } from './change.ts';
import { severityOf } from './consequence.ts';
import { counted, detailOf, doing, facts, told } from './impact.fixture.ts';
import { type Act, impact } from './impact.ts';
import { type PullPlan, plan } from './plan.ts';
import { SSL_MODES } from './settings.ts';
import type { TrafficFacts } from './traffic.ts';
import type { Since } from './traffic-words.ts';
import type { Verdict } from './verdict.ts';
import { after, edgeFor, frozen, host, idOf, newZone, NOW, rotationDraft, to, wish, world } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

type ZoneCommand = Exclude<Command, { kind: 'create_zone' }>;

const WWW = host('www.example.test');
const API = host('api.example.test');

const set = (settings: Parameters<typeof to.set>[0]) => doing(to.set(settings));

/** www and api are served with the certificate of the zone; own has one of its own; dns is not proxied. */
const SHOP = after(
  newZone(),
  to.serve('www.example.test'),
  to.serve('api.example.test'),
  to.serve('own.example.test'),
  to.serve('dns.example.test', { proxied: false }),
  to.upload('special', { level: 'hostname' }),
  to.associate(wish('own.example.test', 'special')),
  to.set({ zonePull: true }),
);

const update = (name: string, draft: object) =>
  doing({ kind: 'update_record', id: idOf.record(`${name}.example.test`), draft });

describe('what follows from each kind of change', () => {
  const table: readonly (readonly [title: string, act: Act, told: string, seen?: Record<string, Verdict>])[] = [
    ['mode flexible', set({ ssl: 'flexible' }), 'pulled_in_plaintext www api own'],
    ['mode off', set({ ssl: 'off' }), 'redirected_to_http www api own; http_in_plaintext www api own'],
    ['mode full', set({ ssl: 'full' }), 'origin_unverified www api own'],
    ['mode as it is', set({ ssl: 'strict' }), 'no_effect'],
    [
      'mode flexible, where one was seen locked',
      set({ ssl: 'flexible' }),
      'locked_origin_refuses www; pulled_in_plaintext www api own',
      { 'www.example.test': 'locked', 'api.example.test': 'open' },
    ],
    ['zone level off', set({ zonePull: false }), 'pulled_without_certificate www api'],
    [
      'zone level off with the global one on',
      set({ zonePull: false, globalPull: true }),
      'locked_origin_refuses www; identity_changes www api',
      { 'www.example.test': 'locked' },
    ],
    ['global level on beside the zone level', set({ globalPull: true }), 'no_effect'],
    ['a veto', doing(to.associate(wish('www.example.test', 'special', 'veto'))), 'pulled_without_certificate www'],
    ['falling back', doing(to.associate(wish('own.example.test', 'special', 'void'))), 'identity_changes own'],
    ['an assignment', doing(to.associate(wish('api.example.test', 'special'))), 'identity_changes api'],
    ['record grey', update('www', { proxied: false }), 'origin_exposed www'],
    ['record orange', update('dns', { proxied: true }), 'redirected_to_https dns; pulled_with_certificate dns'],
    ['record elsewhere', update('www', { content: '192.0.2.9' }), 'origins_change www'],
    ['record of a new name', doing(to.serve('new.example.test')), 'newly_served new'],
    [
      'another record of a name',
      doing(to.serve('www.example.test', { content: '192.0.2.2' }, 'second')),
      'origins_change www',
    ],
    ['record with another comment', update('www', { comment: 'new' }), 'no_effect'],
    ['record deleted', doing({ kind: 'delete_record', id: idOf.record('api.example.test') }), 'no_longer_served api'],
    ['certificate in use', doing(to.drop('special', 'hostname')), 'problem certificate_in_use'],
    ['managed certificate', doing(to.drop('managed')), 'problem managed_certificate'],
    ['always_use_https off', set({ alwaysUseHttps: false }), 'http_in_plaintext www api own'],
    ['pause', doing({ kind: 'edit_zone', paused: true }), 'no_longer_served www api own'],
    ['zone deleted', doing({ kind: 'delete_zone' }), 'no_longer_served www api own; keys_destroyed'],
    [
      'leafs',
      { kind: 'rotate', what: 'leaf', revokeFirst: false },
      'rotation_held www api; rotation_proves_first www api; rotation_leaves_uploads own',
    ],
    [
      'a root',
      { kind: 'rotate', what: 'root', revokeFirst: false },
      'bundle_changes www api; rotation_held api; rotation_proves_first www api; rotation_leaves_uploads own',
      { 'www.example.test': 'locked' },
    ],
    [
      'a root that is revoked first',
      { kind: 'rotate', what: 'root', revokeFirst: true },
      'pulls_stop_until_trusted www api; rotation_leaves_uploads own',
    ],
    [
      'leafs that are revoked first',
      { kind: 'rotate', what: 'leaf', revokeFirst: true },
      'shown_without_proof www api; rotation_leaves_uploads own',
    ],
  ];
  for (const [title, act, expected, seen = {}] of table) {
    test(title, () => assert.equal(told(SHOP, act, { seen }), expected));
  }

  test('a deleted upload leaves the zone level to the managed certificate, or to nobody where it is spare', () => {
    const zone = after(SHOP, to.upload('brought'), to.upload('spare', { level: 'hostname' }));
    assert.equal(told(zone, doing(to.drop('brought'))), 'identity_changes www api');
    assert.equal(told(zone, doing(to.drop('spare', 'hostname'))), 'certificate_unused');
  });

  test('one of two records of a name turns grey: its address is told, the name is served on', () => {
    const zone = after(SHOP, to.serve('www.example.test', { content: '192.0.2.2' }, 'second'));
    const grey = doing({ kind: 'update_record', id: idOf.record('second'), draft: { proxied: false } });
    assert.equal(told(zone, grey), 'origin_exposed www; fewer_origins www');
    const outcome = impact(zone, grey, facts(zone));
    assert.match(outcome.kind === 'impact' ? (outcome.consequences[0]?.detail ?? '') : '', /192\.0\.2\.2/);
  });

  test('where the mode carries no certificate, a level says that it has no effect, and why', () => {
    const flexible = after(SHOP, to.set({ ssl: 'flexible', zonePull: false }));
    const outcome = impact(flexible, set({ zonePull: true }), facts(flexible));
    assert.ok(outcome.kind === 'impact');
    assert.deepEqual(
      outcome.consequences.map(({ code }) => code),
      ['no_effect'],
    );
    assert.match(outcome.consequences[0]?.detail ?? '', /SSL mode is flexible/);
  });

  test('while a rotation is under way another one is refused', () => {
    const zone = after(SHOP, { kind: 'start_rotation', draft: rotationDraft('first') });
    assert.equal(told(zone, { kind: 'rotate', what: 'leaf', revokeFirst: false }), 'problem rotation_running');
  });
});

describe('an origin that is to insist on the certificate', () => {
  const enforce: Act = { kind: 'enforce', hostnames: [WWW] };
  const traffic = (pulls: number, withoutCertificate: number): TrafficFacts =>
    counted({ hostnames: new Map([[WWW, { pulls, withoutCertificate, refused: 0 }]]) });

  test('who still comes without one is counted', () => {
    const outcome = impact(SHOP, enforce, facts(SHOP, { traffic: traffic(41, 3) }));
    assert.ok(outcome.kind === 'impact');
    const [first] = outcome.consequences;
    assert.equal(first?.code, 'callers_without_certificate');
    assert.equal(first.detail, '3 of 41 pulls in the last hour had no certificate.');
    assert.equal(told(SHOP, enforce, { traffic: traffic(41, 0) }), 'past_edge_unknown www');
    assert.equal(told(SHOP, enforce, { traffic: traffic(0, 0) }), 'no_traffic www');
    assert.equal(told(SHOP, enforce), 'traffic_unknown www');
  });

  test('what the origin itself tells counts more than what the edge saw', () => {
    const callers = { accepted: 38, without: 2, foreign: 1, unverified: 0, looks: 11 };
    const outcome = impact(SHOP, enforce, facts(SHOP, { traffic: traffic(41, 0), callers: { [WWW]: callers } }));
    assert.ok(outcome.kind === 'impact');
    const [first] = outcome.consequences;
    assert.equal(first?.code, 'callers_without_certificate');
    assert.equal(
      first.detail,
      '3 of 41 requests that reached the origin in the last hour had none that it would accept.',
    );
    assert.equal(
      told(SHOP, enforce, { callers: { [WWW]: { ...callers, without: 0, foreign: 0 } } }),
      'nobody_refusable www',
    );
    assert.equal(
      told(SHOP, enforce, { callers: { [WWW]: { ...callers, accepted: 0, without: 0, foreign: 0 } } }),
      'no_traffic www',
    );
  });

  test('where it was watched for a short time, it is said for how long, who came, and what is not known', () => {
    const all: Act = { kind: 'enforce', hostnames: [WWW, API] };
    const came = (accepted: number) => ({ accepted, without: 0, foreign: 0, unverified: 0, looks: 3 });
    const since = { ago: 150_000 };
    const callers = { [WWW]: came(2), [API]: came(1) };
    const outcome = impact(SHOP, all, facts(SHOP, { callers, since }));
    assert.ok(outcome.kind === 'impact');
    const [first, ...others] = outcome.consequences;
    assert.deepEqual([first?.code, first?.hostnames, others], ['watched_briefly', [WWW, API], []]);
    assert.equal(first?.detail, '3 requests since it was configured 2 minutes ago, all by the edge.');
    const hour = impact(SHOP, all, facts(SHOP, { callers }));
    assert.ok(hour.kind === 'impact');
    assert.equal(hour.consequences[0]?.detail, '3 requests in the last hour, all by the edge.');
    const stranger = { ...callers, [API]: { ...came(1), without: 1 } };
    assert.equal(told(SHOP, all, { callers: stranger, since }), 'callers_without_certificate api; watched_briefly www');
    assert.equal(told(SHOP, enforce, { callers: { [WWW]: came(0) }, since }), 'watched_briefly www; no_traffic www');
    assert.equal(told(SHOP, enforce, { callers, since, seen: { [WWW]: 'locked' } }), 'already_locked www');
  });

  test('who comes by no name of the lock is refused too: it is said, in a figure of its own, and no calm beside it', () => {
    const came = { accepted: 5, without: 0, foreign: 0, unverified: 0, looks: 0 };
    const callers = { [WWW]: came };
    const byOtherNames = { accepted: 0, without: 2, foreign: 1, unverified: 0, looks: 0 };
    const outcome = impact(SHOP, enforce, facts(SHOP, { callers, byOtherNames }));
    assert.ok(outcome.kind === 'impact');
    const [first, ...others] = outcome.consequences;
    assert.deepEqual([first?.code, first?.count, others], ['callers_by_other_names', 0, []]);
    assert.equal(first?.detail, '3 requests in the last hour.');
    const since = { ago: 150_000 };
    assert.equal(told(SHOP, enforce, { callers, byOtherNames, since }), 'callers_by_other_names; watched_briefly www');
    const both = { [WWW]: { ...came, without: 1 } };
    assert.equal(
      told(SHOP, enforce, { callers: both, byOtherNames }),
      'callers_without_certificate www; callers_by_other_names',
    );
    const pulls = { ...byOtherNames, accepted: 4, without: 0, foreign: 0 };
    assert.equal(told(SHOP, enforce, { callers, byOtherNames: pulls }), 'edge_by_other_names; nobody_refusable www');
  });

  test('what the edge shows there decides before that', () => {
    const calm = { callers: { [WWW]: { accepted: 5, without: 0, foreign: 0, unverified: 0, looks: 0 } } };
    assert.equal(
      told(after(SHOP, to.set({ zonePull: false })), enforce, calm),
      'enforce_refuses_edge www; nobody_refusable www',
    );
    assert.equal(
      told(after(SHOP, to.set({ ssl: 'flexible' })), enforce, calm),
      'enforce_refuses_edge www; nobody_refusable www',
    );
    const shared = after(SHOP, to.set({ zonePull: false, globalPull: true }));
    assert.equal(told(shared, enforce, calm), 'shared_lets_neighbours_in www; nobody_refusable www');
    assert.equal(
      told(after(SHOP, to.set({ alwaysUseHttps: false })), enforce, calm),
      'http_in_plaintext www; nobody_refusable www',
    );
    assert.equal(
      told(SHOP, enforce, { ...calm, seen: { [WWW]: 'broken' } }),
      'edge_refused_already www; nobody_refusable www',
    );
    assert.equal(told(SHOP, enforce, { ...calm, seen: { [WWW]: 'locked' } }), 'already_locked www');
  });

  test('each name is weighed by itself: one that the edge does not serve works now, and stops', () => {
    const [nowhere, grey] = [host('nowhere.example.test'), host('dns.example.test')];
    const all: Act = { kind: 'enforce', hostnames: [WWW, nowhere, grey] };
    const came = { accepted: 9, without: 0, foreign: 0, unverified: 0, looks: 0 };
    const callers = { [WWW]: came, [nowhere]: { ...came, accepted: 0, without: 4 } };
    assert.equal(told(SHOP, all, { callers }), 'enforce_unserved nowhere; enforce_dns_only dns; nobody_refusable www');
    const detail = (code: string, since?: Since) =>
      detailOf(SHOP, all, code, { callers, ...(since === undefined ? {} : { since }) });
    assert.equal(detail('enforce_unserved'), '4 requests for them reached the origin in the last hour.');
    assert.match(detail('enforce_unserved', { ago: 60_000 }), /since it was configured a minute ago/);
    assert.equal(detail('enforce_dns_only'), '', 'nobody tells of it');
    const strangers = { [WWW]: { ...came, without: 1 }, [grey]: { ...came, without: 5 } };
    assert.match(detailOf(SHOP, all, 'callers_without_certificate', { callers: strangers }), /^1 of 10 requests/);
    assert.equal(
      told(SHOP, { kind: 'enforce', hostnames: [WWW, nowhere] }),
      'enforce_unserved nowhere; traffic_unknown www',
    );
  });

  test('a name of another zone is refused', () => {
    const outcome = impact(SHOP, { kind: 'enforce', hostnames: [WWW, host('www.other.test')] }, facts(SHOP));
    assert.ok(outcome.kind === 'problem');
    assert.deepEqual([outcome.code, outcome.pointer], ['hostname_outside_zone', '/other_names/0']);
  });
});

const NAMES = ['a', 'b', 'c'].map((label) => `${label}.example.test`);

const commands: fc.Arbitrary<ZoneCommand> = fc.oneof(
  fc
    .record({
      ssl: fc.constantFrom(...SSL_MODES),
      zonePull: fc.boolean(),
      globalPull: fc.boolean(),
      alwaysUseHttps: fc.boolean(),
    })
    .map((settings) => ({ kind: 'set', settings }) as const),
  fc
    .record({ name: fc.constantFrom(...NAMES), proxied: fc.boolean(), last: fc.integer({ min: 1, max: 2 }) })
    .map(({ name, proxied, last }) => {
      const draft = { proxied, content: `192.0.2.${last}` };
      return { kind: 'update_record', id: idOf.record(name), draft } as const;
    }),
  fc.constantFrom(...NAMES).map((name) => ({ kind: 'delete_record', id: idOf.record(name) }) as const),
  fc
    .record({ name: fc.constantFrom(...NAMES), kind: fc.constantFrom('present', 'veto', 'void') })
    .map(({ name, kind }) => ({ kind: 'associate', wishes: [wish(name, 'own', kind)] }) as const),
  fc.boolean().map((paused) => ({ kind: 'edit_zone', paused }) as const),
  fc.constant({ kind: 'delete_zone' } as const),
);

const BEGINNING = after(newZone(), ...NAMES.map((name) => to.serve(name)), to.upload('own', { level: 'hostname' }));

/** The zone after those commands that it allows. */
function through(steps: readonly ZoneCommand[]): Zone {
  return steps.reduce((zone, step) => {
    const changed = step.kind === 'delete_zone' ? null : change(zone, step, world());
    return changed?.kind === 'changed' && changed.zone !== null ? changed.zone : zone;
  }, BEGINNING);
}

function plans(zone: Zone | null, name: string): readonly PullPlan[] {
  const edge = zone === null ? edgeFor() : edgeFor(zone);
  return (['https', 'http'] as const).map((scheme) => plan(edge, host(name), scheme, NOW));
}

test('whatever is changed: it is refused as the change is, names only what is pulled otherwise, and changes nothing', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 6 }), commands, (steps, command) => {
      const zone = frozen(through(steps));
      const seen = { [NAMES[0] ?? '']: 'locked', [NAMES[1] ?? '']: 'open' } as const;
      const outcome = impact(zone, { kind: 'change', command }, facts(zone, { seen }));
      const changed = change(zone, command, world());
      if (changed.kind === 'problem' || outcome.kind === 'problem') {
        assert.deepEqual(outcome, changed);
        return;
      }
      const named = new Set(outcome.consequences.flatMap(({ hostnames }) => hostnames));
      for (const name of NAMES) {
        const [before, then] = [plans(zone, name), plans(changed.zone, name)];
        const kinds = (both: readonly PullPlan[]) => both.map(({ kind }) => kind).join(' ');
        if (named.has(host(name))) assert.notDeepEqual(before, then);
        if (kinds(before) !== kinds(then))
          assert.ok(named.has(host(name)), `${name}: ${kinds(before)}, then ${kinds(then)}`);
      }
      const ranks = outcome.consequences.map(({ code }) => ['stop', 'warning', 'note'].indexOf(severityOf(code)));
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 300 },
  );
});
