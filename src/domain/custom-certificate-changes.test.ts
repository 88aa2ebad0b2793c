import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { change } from './change.ts';
import { compile } from './compile.ts';
import { customStatus } from './custom-certificate.ts';
import { revision } from './ids.ts';
import {
  after,
  customDraft,
  DAY,
  facts,
  holder,
  host,
  idOf,
  later,
  NOW,
  newZone,
  SHARED,
  refused,
  to,
  world,
} from './zone.fixture.ts';
import type { Zone } from './zone.ts';

const replace = (tag: string, over: string, draft = customDraft(tag)) =>
  ({
    kind: 'replace_custom_certificate',
    id: idOf.certificate(over),
    over: facts(over).fingerprint,
    draft,
  }) as const;

const prioritize = (...wishes: readonly (readonly [string, number])[]) =>
  ({
    kind: 'prioritize_custom_certificates',
    wishes: wishes.map(([tag, priority]) => ({ id: idOf.certificate(tag), priority })),
  }) as const;

function preferred(zone: Zone): readonly string[] {
  return compile(zone, SHARED).rules.customCertificates;
}

const ids = (...tags: readonly string[]) => tags.map((tag) => idOf.certificate(tag));

test('edges prefer the newest upload, then what was prioritised, and legacy_custom before all', () => {
  const two = after(newZone(), to.custom('one'), to.custom('two'));
  assert.deepEqual(preferred(two), ids('two', 'one'));
  assert.deepEqual(preferred(after(two, prioritize(['one', 9]))), ids('one', 'two'));
  const legacy = after(two, to.custom('old', { type: 'legacy_custom' }), prioritize(['one', 9]));
  assert.deepEqual(preferred(legacy), ids('old', 'one', 'two'));
});

test('an unknown id among priorities leaves all as they were', () => {
  const zone = after(newZone(), to.custom('one'));
  const { code, pointer } = refused(zone, prioritize(['one', 9], ['none', 1]));
  assert.deepEqual([code, pointer], ['certificate_not_found', '/certificates/1/id']);
});

test('a certificate without names, or with one that is not the zone’s, is refused', () => {
  const below = world({}, [holder('example.test'), holder('shop.example.test')]);
  const named = (...dnsNames: readonly string[]) => to.custom('x', { leaf: facts('x', { dnsNames }) });
  assert.equal(refused(newZone(), named(), below).code, 'certificate_unfit');
  assert.equal(refused(newZone(), named('no name'), below).code, 'certificate_unfit');
  for (const name of ['example.org', '*.test', 'notexample.test', 'shop.example.test', '*.shop.example.test']) {
    assert.equal(refused(newZone(), named('example.test', name), below).code, 'hostname_outside_zone', name);
  }
  assert.equal(change(newZone(), named('EXAMPLE.test', '*.example.test'), below).kind, 'changed');
});

test('a replacement keeps the priority, and takes the place of what it was made for alone', () => {
  const zone = after(newZone(), to.custom('one'), to.custom('two'));
  const next = after(zone, replace('new', 'one'));
  assert.deepEqual(preferred(next), ids('two', 'new'));
  assert.equal(next.customCertificates.get(idOf.certificate('new'))?.priority, 1);
  assert.equal(refused(next, replace('x', 'one')).code, 'certificate_not_found');
  const again = replace('x', 'two', customDraft('x', { id: idOf.certificate('two') }));
  assert.equal(refused(after(next, again), again).code, 'certificate_changed');
  assert.equal(refused(zone, replace('two', 'one', customDraft('two'))).code, 'certificate_exists');
});

test('the status follows the edges and the clock', () => {
  const zone = after(newZone(), to.custom('one'));
  const [one] = zone.customCertificates.values();
  assert.ok(one);
  assert.equal(customStatus(one, revision(9), NOW), 'pending');
  assert.equal(customStatus(one, revision(10), NOW), 'active');
  assert.equal(customStatus(one, revision(10), later(6 * DAY)), 'expired');
});

test('whatever happens, edges are told of exactly the certificates that the zone has, the higher priority first', () => {
  const tag = fc.constantFrom('one', 'two', 'three');
  const command = fc.oneof(
    tag.map((one) => to.custom(one)),
    tag.map((one) => ({ kind: 'delete_custom_certificate', id: idOf.certificate(one) }) as const),
    fc.tuple(tag, fc.nat(3)).map((wish) => prioritize(wish)),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
      let zone = newZone({ name: host('example.test') });
      for (const one of commands) {
        const outcome = change(zone, one, world());
        if (outcome.kind === 'changed' && outcome.zone !== null) zone = outcome.zone;
      }
      const shown = preferred(zone);
      assert.deepEqual([...shown].sort(), [...zone.customCertificates.keys()].sort());
      const priorities = [...zone.customCertificates.values()].map(({ priority }) => priority);
      const inOrder = shown.map((id) => [...zone.customCertificates.values()].find((one) => one.id === id)?.priority);
      assert.deepEqual(
        inOrder,
        priorities.toSorted((a, b) => b - a),
      );
    }),
  );
});
