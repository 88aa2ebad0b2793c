import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccessRule } from './access-rule.ts';
import { counted, detailOf, doing, told, visits } from './impact.fixture.ts';
import type { Act } from './impact.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Verdict } from './verdict.ts';
import type { ShownApart } from './shown-certificate.ts';
import { after, ca, customDraft, facts as x509, host, idOf, later, newZone, NOW, to, wish } from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const WWW = host('www.example.test');
const SHOP = after(
  newZone(),
  to.serve('www.example.test'),
  to.serve('api.example.test'),
  to.serve('dns.example.test', { proxied: false }),
  to.set({ zonePull: true }),
);
const EMPTY = newZone();
const PULLED = new Map([[WWW, { pulls: 41, withoutCertificate: 0, refused: 0 }]]);

type Row = readonly [title: string, zone: Zone, act: Act, told: string, seen?: Record<string, Verdict>];

function check(table: readonly Row[]): void {
  for (const [title, zone, act, expected, seen = {}] of table) {
    test(title, () => assert.equal(told(zone, act, { seen, traffic: counted() }), expected));
  }
}

describe('the oldest TLS of visitors', () => {
  const raise = doing(to.set({ minTlsVersion: '1.3' }));
  const strict = after(SHOP, to.set({ minTlsVersion: '1.3' }));
  const asked = (overTls: number, oldTls: number) => ({ traffic: counted({ visits: visits({ overTls, oldTls }) }) });

  test('who would be refused is told by what was counted', () => {
    assert.equal(told(SHOP, raise, asked(340, 12)), 'old_tls_refused');
    assert.equal(
      detailOf(SHOP, raise, 'old_tls_refused', asked(340, 12)),
      '12 of 340 requests over TLS in the last hour came with TLS 1.2.',
    );
    assert.equal(told(SHOP, raise, asked(340, 0)), 'old_tls_unseen');
    assert.equal(told(SHOP, raise, asked(0, 0)), 'old_tls_unknown');
    assert.equal(told(SHOP, raise), 'old_tls_unknown');
    assert.match(detailOf(SHOP, raise, 'old_tls_unknown'), /no edge tells/);
  });
  check([
    ['it is lowered', strict, doing(to.set({ minTlsVersion: '1.2' })), 'old_tls_let_in'],
    ['below what the edge speaks there is no difference', SHOP, doing(to.set({ minTlsVersion: '1.0' })), 'no_effect'],
  ]);
});

describe('certificates of visitors', () => {
  const staff = after(SHOP, to.ask('www.example.test', 'staff', 'guests'));
  const all = after(SHOP, to.ask('*.example.test', 'staff'));
  check([
    ['a name begins to ask', SHOP, doing(to.ask('www.example.test', 'staff')), 'visitors_asked www'],
    ['a wildcard begins to ask', SHOP, doing(to.ask('*.example.test', 'staff')), 'visitors_asked www api'],
    ['a name that is not served', SHOP, doing(to.ask('new.example.test', 'staff')), 'no_effect'],
    ['the same list again', staff, doing(to.ask('www.example.test', 'staff', 'guests')), 'no_effect'],
    ['a name asks no more', staff, doing(to.askNothing('www.example.test')), 'visitors_free www'],
    ['a CA leaves', staff, doing(to.ask('www.example.test', 'staff')), 'visitor_authorities_left www'],
    [
      'a CA joins',
      staff,
      doing(to.ask('www.example.test', 'staff', 'guests', 'more')),
      'visitor_authorities_joined www',
    ],
    [
      'one takes the place of another',
      staff,
      doing(to.ask('www.example.test', 'staff', 'more')),
      'visitor_authorities_left www; visitor_authorities_joined www',
    ],
    [
      'a list of its own under a wildcard',
      all,
      doing(to.ask('www.example.test', 'guests')),
      'visitor_authorities_left www; visitor_authorities_joined www',
    ],
  ]);

  test('what was counted is said, and what cannot be', () => {
    const traffic = counted({
      hostnames: PULLED,
      visits: visits({ requests: 60, certified: 30, uncertified: 4, strangers: 1 }),
    });
    const detail = (zone: Zone, act: Act, code: string) => detailOf(zone, act, code, { traffic });
    assert.equal(
      detail(SHOP, doing(to.ask('www.example.test', 'staff')), 'visitors_asked'),
      'Nobody was asked for one there yet, so how many have one is not known. There were 41 pulls in the last hour.',
    );
    assert.match(
      detail(staff, doing(to.askNothing('www.example.test')), 'visitors_free'),
      /^5 requests to the zone were turned away for want of a certificate that is believed in the last hour\./,
    );
    assert.match(
      detail(staff, doing(to.ask('www.example.test', 'staff')), 'visitor_authorities_left'),
      /^CN=guests\. 30 requests to the zone came with a certificate in the last hour\. Which CA vouched for whom is not counted\./,
    );
  });
});

describe('certificates that visitors are shown', () => {
  const shown = after(SHOP, to.custom('first'));
  const own = x509('own', { dnsNames: ['www.example.test'], extendedKeyUsage: ['serverAuth'] });
  const ended = x509('ended', { dnsNames: ['www.example.test'], notAfter: later(-1) });
  const drop = (tag: string): Act => doing({ kind: 'delete_custom_certificate', id: idOf.certificate(tag) });
  check([
    ['the first is uploaded', SHOP, doing(to.custom('first')), 'visitors_shown_another www api'],
    ['another one for one name', shown, doing(to.custom('own', { leaf: own })), 'visitors_shown_another www'],
    ['the last is deleted', shown, drop('first'), 'visitors_shown_local www api'],
    ['one of two is deleted', after(shown, to.custom('own', { leaf: own })), drop('own'), 'visitors_shown_another www'],
    ['one that has ended is deleted', after(shown, to.custom('old', { leaf: ended })), drop('old'), 'no_effect'],
    [
      'one is replaced by one for fewer names',
      shown,
      doing({
        kind: 'replace_custom_certificate',
        id: idOf.certificate('first'),
        over: customDraft('first').leaf.fingerprint,
        draft: customDraft('first', { leaf: own }),
      }),
      'visitors_shown_local api; visitors_shown_another www',
    ],
    ['nothing is served', EMPTY, doing(to.custom('first')), 'no_effect'],
  ]);
});

test('what goes with a zone is counted', () => {
  const gone = doing({ kind: 'delete_zone' });
  assert.equal(detailOf(SHOP, gone, 'keys_destroyed'), '');
  const full = after(SHOP, to.upload('one'), to.upload('two'), to.custom('own'), to.block('192.0.2.0/24'));
  assert.equal(
    detailOf(full, gone, 'keys_destroyed'),
    'With it go 2 uploaded certificates, 1 certificate for visitors, 1 access rule.',
  );
});

describe('access rules', () => {
  const put = (network: string, mode: AccessRule['mode'] = 'block'): Act =>
    doing({ kind: 'put_access_rule', id: idOf.rule('rule'), draft: { mode, network, notes: '' } });
  const drop = (tag: string): Act => doing({ kind: 'delete_access_rule', id: idOf.rule(tag) });
  const net = '192.0.2.0/24';
  const blocked = after(SHOP, to.block(net));
  check([
    ['a network is blocked', SHOP, put(net), 'visitors_blocked'],
    ['everybody is blocked', SHOP, put('0.0.0.0/0'), 'everybody_blocked'],
    ['everybody with IPv6 is', SHOP, put('::/0'), 'everybody_blocked'],
    ['a network is let in', SHOP, put(net, 'whitelist'), 'visitors_exempt'],
    ['a rule goes', blocked, drop(net), 'visitors_unblocked'],
    [
      'a rule turns round',
      after(SHOP, {
        kind: 'put_access_rule',
        id: idOf.rule('rule'),
        draft: { mode: 'whitelist', network: net, notes: '' },
      }),
      put(net),
      'visitors_blocked; visitors_exempt_no_more',
    ],
    [
      'only its note is another',
      blocked,
      doing({
        kind: 'put_access_rule',
        id: idOf.rule(net),
        draft: { mode: 'block', network: net, notes: 'why' },
      }),
      'no_effect',
    ],
    ['one that is not there', SHOP, drop('none'), 'problem rule_not_found'],
  ]);

  test('what the edge cannot know of addresses is said', () => {
    const traffic = counted({ visits: visits({ requests: 340, blocked: 17 }) });
    assert.equal(
      detailOf(SHOP, put(net), 'visitors_blocked', { traffic }),
      'The rule is about 192.0.2.0/24. There were 340 requests to the zone in the last hour. How many of them came from there is not counted.',
    );
    assert.equal(
      detailOf(blocked, drop(net), 'visitors_unblocked', { traffic }),
      'The rule is about 192.0.2.0/24. The rule turned 17 requests away in the last hour.',
    );
    assert.match(
      detailOf(after(blocked, to.block('198.51.100.0/24')), drop(net), 'visitors_unblocked', { traffic }),
      /The 2 rules that do so, together, turned 17 requests away in the last hour\.$/,
    );
  });
});

describe('rate limits', () => {
  const url = '*.example.test/login';
  const usual = to.limit(url);
  const put = (over: Partial<RateLimit>): Act => {
    if (usual.kind !== 'put_rate_limit') assert.fail();
    return doing({ ...usual, draft: { ...usual.draft, ...over } });
  };
  const drop: Act = doing({ kind: 'delete_rate_limit', id: idOf.rule(url) });
  const limited = after(SHOP, usual);
  const trying = (() => {
    const act = put({ action: 'simulate' });
    return act.kind === 'change' ? after(SHOP, act.command) : assert.fail();
  })();
  check([
    ['a limit is put on', SHOP, put({}), 'visitors_limited'],
    ['one that only simulates', SHOP, put({ action: 'simulate' }), 'limit_simulates'],
    ['one that is off', SHOP, put({ disabled: true }), 'no_effect'],
    ['it goes', limited, drop, 'visitors_unlimited'],
    ['it is switched off', limited, put({ disabled: true }), 'visitors_unlimited'],
    ['it simulates from now on', limited, put({ action: 'simulate' }), 'visitors_unlimited; limit_simulates'],
    ['it simulates no more', trying, put({}), 'visitors_limited'],
    ['one that simulated goes', trying, drop, 'no_effect'],
    ['it allows less', limited, put({ threshold: 4 }), 'visitors_limited'],
    ['it allows more', limited, put({ threshold: 6 }), 'limit_wider'],
  ]);

  test('what limits did, or would have done, is told', () => {
    const traffic = counted({ visits: visits({ requests: 340, limited: 17, simulated: 3 }) });
    assert.equal(
      detailOf(limited, drop, 'visitors_unlimited', { traffic }),
      'The limit turned 17 requests away in the last hour.',
    );
    assert.equal(
      detailOf(trying, put({}), 'visitors_limited', { traffic }),
      'The limit, which simulates, would have begun to turn visitors away 3 times in the last hour.',
    );
    assert.match(
      detailOf(SHOP, put({}), 'visitors_limited', { traffic }),
      /How often each visitor asked is not counted\.$/,
    );
  });
});

describe('how origins are believed', () => {
  const trusting = after(SHOP, to.trust('one'), to.trust('two'));
  const full = after(trusting, to.set({ ssl: 'full' }));
  check([
    ['the first CA', SHOP, doing(to.trust('one')), 'origin_cas_unseen www api; origin_cas_joined www api'],
    ['a further CA', trusting, doing(to.trust('three')), 'origin_cas_joined www api'],
    ['a CA goes', trusting, doing(to.distrust('one')), 'origin_cas_unseen www api'],
    [
      'the last CA goes',
      after(SHOP, to.trust('one')),
      doing(to.distrust('one')),
      'origin_cas_unseen www api; origin_cas_joined www api',
    ],
    ['where nothing is verified', full, doing(to.distrust('one')), 'no_effect'],
    ['fewer key exchanges', SHOP, doing(to.set({ compliance: 'fips' })), 'key_exchanges_fewer www api'],
    [
      'other key exchanges',
      after(SHOP, to.set({ compliance: 'fips' })),
      doing(to.set({ compliance: 'pqh' })),
      'key_exchanges_fewer www api',
    ],
    [
      'all key exchanges',
      after(SHOP, to.set({ compliance: 'fips' })),
      doing(to.set({ compliance: 'none' })),
      'key_exchanges_more www api',
    ],
  ]);

  const shown = (kinds: Readonly<Record<string, ShownApart['kind']>>) => ({
    shown: Object.entries(kinds).map(([name, kind]): ShownApart => {
      const about = kind === 'unseen' ? 'The origin refused the connection.' : 'CN=who signed it';
      return { hostname: host(`${name}.example.test`), at: NOW, kind, about };
    }),
  });
  const first = doing(to.trust('one'));
  const rows: readonly (readonly [title: string, kinds: Record<string, ShownApart['kind']>, told: string])[] = [
    ['all are of the new CA', { www: 'gained', api: 'gained' }, 'origin_cas_fit www api'],
    ['all are believed as before', { www: 'kept', api: 'kept' }, 'origin_cas_joined www api; origin_cas_kept www api'],
    ['one is of a CA that leaves', { www: 'lost', api: 'gained' }, 'origin_cas_left www; origin_cas_fit api'],
    ['one is of neither', { www: 'never', api: 'gained' }, 'origin_cas_never www; origin_cas_fit api'],
    ['one was not reached', { www: 'gained', api: 'unseen' }, 'origin_cas_unseen api; origin_cas_fit www'],
    ['one was not looked at', { www: 'gained' }, 'origin_cas_unseen api; origin_cas_fit www'],
  ];
  for (const [title, kinds, expected] of rows)
    test(`by what origins show: ${title}`, () => assert.equal(told(SHOP, first, shown(kinds)), expected));

  test('what each shows is told with the name, and how many were not looked at', () => {
    const detail = (kinds: Record<string, ShownApart['kind']>, code: string) =>
      detailOf(SHOP, first, code, shown(kinds));
    assert.match(
      detail({ www: 'lost' }, 'origin_cas_left'),
      /www\.example\.test: signed by CN=who signed it\. Looked at /,
    );
    const unseen = detail({ www: 'unseen' }, 'origin_cas_unseen');
    assert.match(unseen, /www\.example\.test: The origin refused the connection\. 1 of them was not looked at\./);
  });

  test('which CAs are left is said', () => {
    assert.match(
      detailOf(trusting, doing(to.distrust('one')), 'origin_cas_unseen', { traffic: counted({ hostnames: PULLED }) }),
      /^No longer believed there: CN=one\. Believed: CN=two\..* There were 41 pulls in the last hour\.$/,
    );
    assert.match(
      detailOf(SHOP, doing(to.trust('one')), 'origin_cas_unseen'),
      /^No longer believed there: the public CAs/,
    );
  });
});

describe('a certificate is uploaded for origins', () => {
  const locked = { 'www.example.test': 'locked' } as const;
  const known = after(SHOP, to.upload('other', { level: 'hostname', chain: [ca('brought')] }));
  const underKnown = doing(to.upload('new', { chain: [ca('brought')] }));
  check([
    [
      'of a CA that nobody told the origins of',
      SHOP,
      doing(to.upload('new', { chain: [ca('brought')] })),
      'locked_origin_knows_not www; identity_changes api',
      locked,
    ],
    ['of a CA that the bundle names already', known, underKnown, 'identity_changes www api', locked],
    ['while the level is off', after(SHOP, to.set({ zonePull: false })), underKnown, 'certificate_unused', locked],
    ['for hostnames', SHOP, doing(to.upload('new', { level: 'hostname' })), 'certificate_unused', locked],
    [
      'while a hostname has its own',
      after(
        SHOP,
        to.upload('own', { level: 'hostname', chain: [ca('own')] }),
        to.associate(wish('www.example.test', 'own')),
      ),
      underKnown,
      'identity_changes api',
      locked,
    ],
  ]);
});
