import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from './change.ts';
import { caveats } from './caveats.ts';
import { isOpen, stillOpen } from './opening.ts';
import { type Evidence, type OriginSights, originKey, type ProofTask, type Sight } from './proof.ts';
import { after, host, later, MANAGED, NOW, newZone, to, world } from './zone.fixture.ts';

const WWW = host('www.example.test');
const SITE = after(newZone(), to.serve('www.example.test'), to.serve('dns.example.test', { proxied: false }));
const open = (hostname: string, lasts = 60_000) =>
  ({ kind: 'open_lock', hostname: host(hostname), lasts, by: 'ops', because: 'so' }) as const;

test('a lock is open until its time, and opening it again gives it another one', () => {
  const zone = after(SITE, open('www.example.test'));
  const opening = zone.openings.get(WWW) ?? assert.fail('it is open');
  assert.ok(isOpen(opening, later(59_999)));
  assert.ok(!isOpen(opening, later(60_000)));
  const longer = change(zone, open('www.example.test', 90_000), world({ now: later(30_000) }));
  assert.ok(longer.kind === 'changed');
  const again = longer.zone?.openings.get(WWW);
  assert.deepEqual([again?.openedAt, again?.until], [NOW, later(120_000)]);
  assert.deepEqual(caveats(zone, true), ['lock_open']);
});

test('only where the edge leads to an origin', () => {
  for (const [name, code] of [
    ['www.other.test', 'hostname_outside_zone'],
    ['dns.example.test', 'opening_no_origin'],
    ['nobody.example.test', 'opening_no_origin'],
  ] as const) {
    const refused = change(SITE, open(name), world());
    assert.ok(refused.kind === 'problem' && refused.code === code, name);
  }
});

test('what is settled before its time stays open', () => {
  const zone = after(SITE, open('www.example.test'));
  const early = change(zone, { kind: 'settle_openings', hostnames: [WWW] }, world({ now: later(1) }));
  assert.ok(early.kind === 'changed' && early.zone === zone);
  const none = change(SITE, { kind: 'close_lock', hostname: WWW }, world());
  assert.ok(none.kind === 'problem' && none.code === 'opening_not_found');
});

const task: ProofTask = {
  hostname: WWW,
  address: 'origin.test',
  port: 443,
  serverName: null,
  hostHeader: null,
  from: MANAGED.id,
  to: MANAGED.id,
};

test('a lock is shut where every edge saw every address refuse callers', () => {
  const good: Sight = { kind: 'answered', status: 200 };
  const evidence = (...none: readonly Sight[]): ReadonlyMap<string, Evidence> => {
    const sights = none.map((sight) => ({ ip: '192.0.2.1', from: good, to: good, none: sight }));
    const seen = { origin: task, sights, fault: null };
    return new Map([[originKey(task), { at: NOW, edges: [{ edge: 'one', seen }] }]]);
  };
  const refused: Sight = { kind: 'refused', how: 'page', alert: null };
  assert.deepEqual(stillOpen([task], evidence(refused), ['one']), []);
  assert.deepEqual(stillOpen([task], evidence(refused, { kind: 'answered', status: 403 }), ['one']), []);
  for (const [seen, edges] of [
    [evidence(refused, good), ['one']],
    [evidence({ kind: 'failed', because: 'connect_timeout' }), ['one']],
    [evidence(refused), ['one', 'two']],
    [evidence(), ['one']],
    [new Map(), ['one']],
  ] as const) {
    assert.deepEqual(stillOpen([task], seen, edges), [task]);
  }
});

test('an origin that answers callers without a certificate, and the edge not, is open', () => {
  const answered: Sight = { kind: 'answered', status: 200 };
  for (const own of [
    { kind: 'refused', how: 'alert', alert: 48 },
    { kind: 'failed', because: 'answer_timeout' },
  ] as const) {
    const seen: OriginSights = {
      origin: task,
      sights: [{ ip: '192.0.2.1', from: own, to: own, none: answered }],
      fault: null,
    };
    const evidence: ReadonlyMap<string, Evidence> = new Map([
      [originKey(task), { at: NOW, edges: [{ edge: 'one', seen }] }],
    ]);
    assert.deepEqual(stillOpen([task], evidence, ['one']), [task]);
  }
});

test('there is an end to how many locks of a zone are open', () => {
  let zone = after(SITE, to.serve('*.example.test'));
  for (let count = 0; count < 2_000; count++) {
    const next = change(zone, open(`h${count}.example.test`), world());
    if (next.kind === 'problem') return assert.equal(next.code, 'too_many_certificates');
    zone = next.zone ?? assert.fail('a zone');
  }
  assert.fail('each is looked at, one after the other, when its time is over');
});
