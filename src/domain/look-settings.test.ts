import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from './change.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { lookedPath, pauseInForce } from './look-settings.ts';
import { isRequestPath, MOST_PATH } from './request-path.ts';
import { after, host, later, NOW, newZone, refused, world } from './zone.fixture.ts';

const WWW = host('www.example.test');
const paths = (wanted: Readonly<Record<string, string | null>>, path?: string) =>
  ({
    kind: 'set_look_paths',
    path,
    paths: new Map(Object.entries(wanted).map(([name, one]) => [host(name), one])),
  }) as const;
const pause = (lasts: number) => ({ kind: 'pause_looks', lasts, by: 'ops', because: 'moving' }) as const;

test('what is asked for is said of a hostname, or of the wildcard above it, or of the zone', () => {
  const zone = after(newZone(), paths({ 'www.example.test': '/up', '*.example.test': '/any' }, '/status'));
  assert.equal(lookedPath(zone.looks, WWW), '/up');
  assert.equal(lookedPath(zone.looks, host('a.b.example.test')), '/any');
  assert.equal(lookedPath(zone.looks, host('example.test')), '/status');
  const back = after(zone, paths({ 'www.example.test': null }));
  assert.deepEqual([lookedPath(back.looks, WWW), back.looks.path], ['/any', '/status']);
  const same = change(zone, paths({ 'www.example.test': '/up' }), world());
  assert.ok(same.kind === 'changed' && same.zone === zone);
  assert.equal(lookedPath(newZone().looks, WWW), '/');
});

test('only of names of the zone, and of so many', () => {
  assert.equal(refused(newZone(), paths({ 'www.other.test': '/' })).code, 'hostname_outside_zone');
  const limits = { ...DEFAULT_LIMITS, lookPathsPerZone: 1 };
  const two = paths({ 'a.example.test': '/', 'b.example.test': '/' });
  assert.equal(refused(newZone(), two, world({ limits })).code, 'too_many_certificates');
});

test('a pause ends by itself, gets another end when it is said again, and is remembered when it is over', () => {
  const zone = after(newZone(), pause(60_000));
  assert.equal(pauseInForce(zone.looks, later(59_999))?.because, 'moving');
  assert.equal(pauseInForce(zone.looks, later(60_000)), null);
  const longer = change(zone, pause(60_000), world({ now: later(30_000) }));
  assert.ok(longer.kind === 'changed');
  assert.deepEqual([longer.zone?.looks.pause?.since, longer.zone?.looks.pause?.until], [NOW, later(90_000)]);
  const ended = change(zone, { kind: 'resume_looks' }, world({ now: later(10) }));
  assert.ok(ended.kind === 'changed' && ended.zone !== null);
  assert.deepEqual([ended.zone.looks.pause?.since, ended.zone.looks.pause?.until], [NOW, later(10)]);
  assert.equal(refused(ended.zone, { kind: 'resume_looks' }, world({ now: later(11) })).code, 'looks_not_paused');
});

test('a path is what can stand in the first line of a request', () => {
  for (const path of ['/', '/status?full=1', `/${'a'.repeat(MOST_PATH - 1)}`]) assert.ok(isRequestPath(path), path);
  for (const path of ['', 'status', '/a b', '/a#b', '/ä', '/a\r\nX: y', `/${'a'.repeat(MOST_PATH)}`]) {
    assert.ok(!isRequestPath(path), JSON.stringify(path));
  }
});
