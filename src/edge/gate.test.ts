import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeAccessRule, EdgeRateLimit, EdgeZoneRules } from '../domain/edge-zone.ts';
import { type RuleId, ruleId } from '../domain/ids.ts';
import { urlPattern } from '../domain/url-pattern.ts';
import { accessBy } from './access.ts';
import { type Gate, type GateRequest, gateOf } from './gate.ts';
import { RequestCounts } from './request-counts.ts';

function id(digit: string): RuleId {
  return ruleId(digit.repeat(32)) ?? assert.fail('not an id');
}

const block = (network: string, digit = '1'): EdgeAccessRule => ({ id: id(digit), mode: 'block', network });
const allow = (network: string, digit = '2'): EdgeAccessRule => ({ id: id(digit), mode: 'whitelist', network });

function limit(over: Partial<EdgeRateLimit> = {}, url = '*.a.test/login'): EdgeRateLimit {
  const pattern = urlPattern(url) ?? assert.fail('not a pattern');
  const match = { methods: ['POST'], schemes: [], url, pattern };
  return { id: id('3'), match, key: 'address', threshold: 3, period: 60, action: 'ban', timeout: 30, ...over };
}

function gate(rules: Partial<Pick<EdgeZoneRules, 'accessRules' | 'rateLimits'>>): Gate {
  return gateOf({ accessRules: [], rateLimits: [], ...rules }, new RequestCounts()) ?? assert.fail('there are rules');
}

const LOGIN: GateRequest = {
  address: '192.0.2.1',
  scheme: 'https',
  method: 'POST',
  host: 'www.a.test',
  path: '/login',
};
const kinds = (one: Gate, requests: readonly (readonly [Partial<GateRequest>, number])[]) =>
  requests.map(([request, now]) => one.judge({ ...LOGIN, ...request }, now).kind);

test('a zone without rules has no gate', () => {
  assert.equal(gateOf({ accessRules: [], rateLimits: [] }, new RequestCounts()), null);
});

test('of several networks that hold an address the smallest decides', () => {
  const access = accessBy([
    block('0.0.0.0/0', '1'),
    allow('192.0.2.0/24', '2'),
    block('192.0.2.128/25', '3'),
    allow('192.0.2.200/32', '4'),
    block('2001:db8::/32', '5'),
    allow('2001:db8:1::/48', '6'),
  ]);
  const found = (address: string) => access(address)?.id.at(0) ?? null;
  assert.deepEqual(
    [
      '203.0.113.9',
      '192.0.2.1',
      '192.0.2.129',
      '192.0.2.200',
      '2001:db8::1',
      '2001:db8:1::1',
      '2001:db9::1',
      '::ffff:192.0.2.1',
    ].map(found),
    ['1', '2', '3', '4', '5', '6', null, '2'],
  );
});

test('blocked networks are turned away, and those on the whitelist pass every limit', () => {
  const one = gate({
    accessRules: [block('192.0.2.0/24'), allow('192.0.2.7/32')],
    rateLimits: [limit({ threshold: 1 })],
  });
  assert.deepEqual(
    kinds(one, [
      [{}, 0],
      [{ address: '192.0.2.7' }, 0],
      [{ address: '192.0.2.7' }, 0],
      [{ address: '198.51.100.1' }, 0],
      [{ address: '198.51.100.1' }, 0],
    ]),
    ['blocked', 'pass', 'pass', 'pass', 'limited'],
  );
});

test('a limit lets so many requests in, then turns away for its time, then begins anew', () => {
  const one = gate({ rateLimits: [limit()] });
  const times = [0, 1_000, 2_000, 3_000, 32_000, 33_000, 34_000, 35_000, 36_000];
  assert.deepEqual(
    kinds(
      one,
      times.map((now) => [{}, now] as const),
    ),
    ['pass', 'pass', 'pass', 'limited', 'limited', 'pass', 'pass', 'pass', 'limited'],
  );
});

test('requests of different periods do not add up', () => {
  const one = gate({ rateLimits: [limit()] });
  assert.deepEqual(
    kinds(
      one,
      [0, 59_000, 59_500, 60_000, 61_000, 62_000].map((now) => [{}, now] as const),
    ),
    Array(6).fill('pass'),
  );
});

test('only requests that the limit is about count: method, scheme, host and path', () => {
  const one = gate({ rateLimits: [limit({ threshold: 1, match: { ...limit().match, schemes: ['https'] } })] });
  const others = [{ method: 'GET' }, { scheme: 'http' as const }, { host: 'a.test' }, { path: '/login2' }];
  assert.deepEqual(
    kinds(
      one,
      [...others, ...others, {}, {}].map((request) => [request, 0] as const),
    ),
    [...Array(9).fill('pass'), 'limited'],
  );
});

test('spellings of one path count together', () => {
  const one = gate({ rateLimits: [limit()] });
  const paths = ['/login', '//LOGIN', '/%6cogin?x=1', '/x/../login/'];
  assert.deepEqual(
    kinds(
      one,
      paths.map((path) => [{ path }, 0] as const),
    ),
    ['pass', 'pass', 'pass', 'limited'],
  );
});

test('visitors are told apart by address, IPv6 by its first half, and by host where the limit says so', () => {
  const one = gate({ rateLimits: [limit({ threshold: 1 })] });
  const addresses = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '2001:db8:0:1::1'];
  assert.deepEqual(
    kinds(
      one,
      addresses.map((address) => [{ address }, 0] as const),
    ),
    ['pass', 'pass', 'pass', 'limited', 'pass'],
  );
  const apart = gate({ rateLimits: [limit({ threshold: 1, key: 'address_and_host' })] });
  assert.deepEqual(
    kinds(
      apart,
      ['x.a.test', 'y.a.test', 'X.a.test'].map((host) => [{ host }, 0] as const),
    ),
    ['pass', 'pass', 'limited'],
  );
});

test('a limit that simulates says so once and lets everybody in', () => {
  const one = gate({ rateLimits: [limit({ threshold: 1, action: 'simulate' })] });
  assert.deepEqual(
    kinds(
      one,
      [0, 1, 2, 3].map((now) => [{}, now] as const),
    ),
    ['pass', 'simulated', 'pass', 'pass'],
  );
});

test('what another worker counted counts here too, and is told on only once', () => {
  const [here, there] = [new RequestCounts('several'), new RequestCounts('several')];
  const rule = limit({ threshold: 3 });
  for (const turn of [0, 1]) assert.equal(there.count(rule, 'visitor', turn).kind, 'within');
  here.add(there.takeNews(), 10);
  assert.deepEqual(there.takeNews(), []);
  assert.deepEqual(here.takeNews(), []);
  assert.equal(here.count(rule, 'visitor', 20).kind, 'within');
  assert.deepEqual(here.count(rule, 'visitor', 30), { kind: 'beyond', first: true, wait: 30_000 });
  assert.deepEqual(here.takeNews(), [{ limit: rule.id, period: 60, visitor: 'visitor', requests: 2 }]);
});

test('a flood from many addresses does not make memory grow, nor forgets who is turned away now', () => {
  const counts = new RequestCounts();
  const rule = limit({ threshold: 1 });
  for (let turn = 0; turn < 25_000; turn++) {
    counts.count(rule, `visitor ${turn}`, turn);
    counts.count(rule, 'attacker', turn);
  }
  assert.equal(counts.count(rule, 'attacker', 25_000).kind, 'beyond');
  assert.ok(counts.size <= 10_000, `${counts.size} remembered`);
  counts.sweep(10_000_000);
  assert.equal(counts.size, 0);
});
