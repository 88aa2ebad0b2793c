import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { change } from './change.ts';
import { compile, difference } from './compile.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { nearestList } from './visitor-authorities.ts';
import { after, holder, host, later, newZone, SHARED, to, world } from './zone.fixture.ts';

const ZONE = after(newZone(), to.serve('www.example.test'), to.ask('www.example.test', 'staff'));

function refusal(command: Parameters<typeof change>[1], circumstances = world()): readonly [string, string] {
  const outcome = change(ZONE, command, circumstances);
  if (outcome.kind !== 'problem') assert.fail('it was allowed');
  return [outcome.code, outcome.detail];
}

describe('a list of visitors’ CAs', () => {
  test('is taken for a name that nothing serves yet, so that the lock is there before the door', () => {
    const zone = after(newZone(), to.ask('later.example.test', 'staff'));
    assert.deepEqual([...zone.visitorAuthorities.keys()], ['later.example.test']);
  });

  test('stays as it is where the same is wanted again, and keeps its beginning where another is', () => {
    const again = change(ZONE, to.ask('www.example.test', 'staff'), world({ now: later(5) }));
    assert.ok(again.kind === 'changed' && again.zone === ZONE);
    const other = change(ZONE, to.ask('www.example.test', 'staff', 'partners'), world({ now: later(5) }));
    assert.ok(other.kind === 'changed');
    const list = other.zone?.visitorAuthorities.get(host('www.example.test'));
    const before = ZONE.visitorAuthorities.get(host('www.example.test'));
    assert.deepEqual([list?.createdAt, list?.modifiedAt], [before?.createdAt, later(5)]);
  });

  test('is refused outside the zone, and for names of a zone below', () => {
    assert.equal(refusal(to.ask('www.other.test', 'staff'))[0], 'hostname_outside_zone');
    const circumstances = world({}, [holder('shop.example.test')]);
    assert.equal(refusal(to.ask('www.shop.example.test', 'staff'), circumstances)[0], 'hostname_outside_zone');
  });

  test('holds one certificate at least and so many at most; so many names have one', () => {
    assert.equal(refusal(to.ask('a.example.test'))[0], 'visitor_authority_unfit');
    const limits = { ...DEFAULT_LIMITS, visitorAuthoritiesPerHostname: 1, visitorAuthoritiesPerZone: 1 };
    const [code, detail] = refusal(to.ask('www.example.test', 'staff', 'partners'), world({ limits }));
    assert.equal(code, 'visitor_authority_unfit');
    assert.match(detail, /2 certificates, 1 are allowed \(visitor_authorities_per_hostname\)/);
    assert.equal(refusal(to.ask('b.example.test', 'staff'), world({ limits }))[0], 'too_many_hostnames');
    assert.equal(change(ZONE, to.ask('www.example.test', 'partners'), world({ limits })).kind, 'changed');
  });

  test('that is not there cannot be dropped', () => {
    assert.equal(refusal(to.askNothing('api.example.test'))[0], 'visitor_authorities_not_found');
  });

  test('outlives the record of its name', () => {
    const zone = after(ZONE, { kind: 'delete_record', id: [...ZONE.records.keys()][0] ?? assert.fail('no record') });
    assert.equal(zone.visitorAuthorities.size, 1);
  });
});

test('a name is asked by its own list, else by that of the nearest wildcard above it, and never by that of a sibling', () => {
  const lists = new Map(['a.test', '*.a.test', '*.b.a.test', 'x.b.a.test'].map((name) => [host(name), name]));
  const found = (name: string) => nearestList(lists, host(name));
  assert.deepEqual(
    ['a.test', 'www.a.test', 'y.www.a.test', 'x.b.a.test', 'y.b.a.test', 'b.a.test', 'c.test'].map(found),
    ['a.test', '*.a.test', '*.a.test', 'x.b.a.test', '*.b.a.test', '*.a.test', undefined],
  );
});

describe('edges', () => {
  const edge = compile(ZONE, SHARED);

  test('are told of a list once, and not again with other changes', () => {
    assert.deepEqual(
      difference(null, edge)?.authorities?.put.map(({ hostname }) => hostname),
      ['www.example.test'],
    );
    const switched = after(ZONE, to.set({ zonePull: true }));
    const next = compile(switched, SHARED, { zone: ZONE, edge });
    assert.equal(next.authorities, edge.authorities);
    assert.equal(difference(edge, next)?.authorities, undefined);
  });

  test('are told of one list where there are many, and of those that are gone', () => {
    const zone = after(ZONE, to.ask('*.example.test', 'partners'));
    const next = compile(zone, SHARED, { zone: ZONE, edge });
    const delta = difference(edge, next)?.authorities;
    assert.deepEqual([delta?.put.map(({ hostname }) => hostname), delta?.dropped], [['*.example.test'], []]);
    const gone = compile(after(zone, to.askNothing('www.example.test')), SHARED, { zone, edge: next });
    assert.deepEqual(difference(next, gone)?.authorities, { put: [], dropped: ['www.example.test'] });
  });

  test('need nothing of it for their hosts: a list costs no hostname anything', () => {
    const zone = after(ZONE, to.ask('*.example.test', 'partners'));
    assert.equal(compile(zone, SHARED, { zone: ZONE, edge }).hosts, edge.hosts);
  });
});
