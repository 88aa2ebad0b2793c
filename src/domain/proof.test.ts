import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hostname, hostname, instant } from './ids.ts';
import {
  type AddressSights,
  type Evidence,
  FINDINGS,
  judge,
  type OriginSights,
  oldRefused,
  originKey,
  type ProofFinding,
  type Sight,
} from './proof.ts';

function named(text: string): Hostname {
  const parsed = hostname(text);
  assert.ok(parsed !== null);
  return parsed;
}

const ORIGIN = {
  hostname: named('www.example.test'),
  address: '192.0.2.1',
  port: 443,
  serverName: null,
  hostHeader: null,
};
const OK: Sight = { kind: 'answered', status: 200 };
const FORBIDDEN: Sight = { kind: 'answered', status: 403 };
const REFUSED: Sight = { kind: 'refused', how: 'alert', alert: 48 };
const FAILED: Sight = { kind: 'failed', because: 'connect_timeout' };

const at = (from: Sight, to: Sight, none: Sight): AddressSights => ({ ip: '192.0.2.1', from, to, none });
const saw = (...sights: readonly AddressSights[]): OriginSights => ({ origin: ORIGIN, sights, fault: null });
const evidence = (seen: Readonly<Record<string, OriginSights>>): Evidence => ({
  at: instant(1),
  edges: Object.entries(seen).map(([edge, one]) => ({ edge, seen: one })),
});
const judged = (...sights: readonly AddressSights[]) => judge(evidence({ one: saw(...sights) }), ['one']);

test('what was seen at one address has one finding', () => {
  const rows: readonly (readonly [Sight, Sight, Sight, ProofFinding])[] = [
    [OK, OK, REFUSED, 'proved'],
    [REFUSED, OK, REFUSED, 'proved'],
    [OK, OK, FORBIDDEN, 'proved'],
    [FORBIDDEN, FORBIDDEN, FORBIDDEN, 'unlocked'],
    [OK, OK, OK, 'unlocked'],
    [OK, FORBIDDEN, REFUSED, 'differs'],
    [OK, REFUSED, REFUSED, 'refused'],
    [OK, REFUSED, OK, 'refused'],
    [OK, REFUSED, FAILED, 'refused'],
    [OK, FAILED, REFUSED, 'unreachable'],
    [OK, OK, FAILED, 'unreachable'],
    // With the old identity it was not reached: nobody knows whether the new one answers the same.
    [FAILED, OK, REFUSED, 'unreachable'],
    // With the old key lost there is nothing to compare with, and nothing to lose.
    [{ kind: 'failed', because: 'key_unusable' }, OK, REFUSED, 'proved'],
  ];
  for (const [from, to, none, finding] of rows) {
    assert.equal(judged(at(from, to, none)), finding, JSON.stringify({ from, to, none }));
  }
});

test('the worst of all addresses and all edges is the finding', () => {
  const good = at(OK, OK, REFUSED);
  assert.equal(judged(good, at(OK, REFUSED, REFUSED)), 'refused');
  const two = evidence({ one: saw(good), two: saw(good, at(OK, OK, OK)) });
  assert.equal(judge(two, ['one', 'two']), 'unlocked');
});

test('an address of a family that the machine cannot reach at all says nothing beside one that was seen', () => {
  const lost: Sight = { kind: 'failed', because: 'no_route' };
  const unrouted = at(lost, lost, lost);
  assert.equal(judged(at(OK, OK, REFUSED), unrouted), 'proved');
  assert.equal(judged(at(OK, REFUSED, REFUSED), unrouted), 'refused');
  assert.equal(judged(at(OK, OK, REFUSED), at(FAILED, FAILED, FAILED)), 'unreachable');
  assert.equal(judged(unrouted), 'unreachable');
  assert.equal(oldRefused(evidence({ one: saw(at(REFUSED, OK, REFUSED), unrouted) }), ['one']), true);
  assert.equal(oldRefused(evidence({ one: saw(unrouted) }), ['one']), false);
});

test('an edge that has not looked leaves the origin unseen, and one that could not makes it unreachable', () => {
  const good = saw(at(OK, OK, REFUSED));
  assert.equal(judge(undefined, ['one']), 'unseen');
  assert.equal(judge(evidence({ one: good }), []), 'unseen');
  assert.equal(judge(evidence({}), ['one']), 'unseen');
  assert.equal(judge(evidence({ one: good }), ['one', 'two']), 'unseen');
  assert.equal(judge(evidence({ one: { origin: ORIGIN, sights: [], fault: 'paused' } }), ['one']), 'unreachable');
  assert.equal(judge(evidence({ one: { ...good, fault: 'paused' } }), ['one']), 'unreachable');
  assert.equal(judge(evidence({ one: saw() }), ['one']), 'unreachable');
});

test('the old identity is refused only where every edge saw that everywhere, and the new one answered', () => {
  const after = at(REFUSED, OK, REFUSED);
  const refused = (seen: Readonly<Record<string, OriginSights>>, edges = Object.keys(seen)) =>
    oldRefused(evidence(seen), edges);
  assert.equal(refused({ one: saw(after), two: saw(after, after) }), true);
  assert.equal(refused({ one: saw(after), two: saw(after, at(OK, OK, REFUSED)) }), false);
  assert.equal(refused({ one: saw(at(REFUSED, REFUSED, REFUSED)) }), false);
  assert.equal(refused({ one: saw(at(REFUSED, FAILED, REFUSED)) }), false);
  assert.equal(refused({ one: saw(after) }, ['one', 'two']), false);
  assert.equal(refused({ one: saw(after) }, []), false);
  assert.equal(refused({ one: saw() }), false);
  assert.equal(refused({ one: { ...saw(after), fault: 'paused' } }), false);
  assert.equal(oldRefused(undefined, ['one']), false);
});

const sights = fc.oneof(
  fc.record({ kind: fc.constant('answered' as const), status: fc.constantFrom(200, 302, 403) }),
  fc.constant(REFUSED),
  fc.constant(FAILED),
);
const address = fc.record({ ip: fc.ipV4(), from: sights, to: sights, none: sights });
const seen = fc.record({
  origin: fc.constant(ORIGIN),
  sights: fc.array(address, { maxLength: 3 }),
  fault: fc.option(fc.constant('paused'), { freq: 8 }),
});
const NAMES = ['one', 'two', 'three'] as const;
const evidences = fc.dictionary(fc.constantFrom(...NAMES), seen).map(evidence);
const rank = (finding: ProofFinding) => Object.keys(FINDINGS).indexOf(finding);

test('proved means: each edge saw at each address that the new certificate answers and none does not', () => {
  fc.assert(
    fc.property(evidences, (given) => {
      if (judge(given, NAMES) !== 'proved') return;
      assert.deepEqual(given.edges.map(({ edge }) => edge).sort(), [...NAMES].sort());
      for (const { sights: all, fault } of given.edges.map((one) => one.seen)) {
        assert.equal(fault, null);
        assert.ok(all.length > 0);
        for (const { to, none } of all) {
          assert.equal(to.kind, 'answered');
          assert.notEqual(none.kind, 'failed');
          assert.notDeepEqual(none, to);
        }
      }
    }),
  );
});

test('more evidence never makes a finding better, and what is refused of the old is never unproved of the new', () => {
  fc.assert(
    fc.property(evidences, seen, (given, more) => {
      const edges = given.edges.map(({ edge }) => edge);
      const grown: Evidence = { ...given, edges: [...given.edges, { edge: 'late', seen: more }] };
      if (edges.length > 0) assert.ok(rank(judge(grown, [...edges, 'late'])) <= rank(judge(given, edges)));
      if (oldRefused(given, edges)) assert.ok(['proved', 'unlocked', 'unreachable'].includes(judge(given, edges)));
    }),
  );
});

test('origins that differ have different keys', () => {
  const others = [
    { port: 444 },
    { address: '192.0.2.2' },
    { serverName: named('inner.test') },
    { hostHeader: 'inner.test' },
    { serverName: named('inner.test'), hostHeader: 'inner.test' },
  ];
  const keys = [ORIGIN, ...others.map((other) => ({ ...ORIGIN, ...other }))].map(originKey);
  assert.equal(new Set(keys).size, keys.length);
});
