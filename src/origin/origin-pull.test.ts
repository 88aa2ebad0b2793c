import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, host } from '../domain/zone.fixture.ts';
import { levelOf } from './origin-pull.ts';

const WWW = host('www.example.test');
const ZONE_URI = `postern://installation.test/zone/${'a'.repeat(32)}`;

test('an identity tells its level: hostname identities name hosts, zone identities their zone alone', () => {
  const named = (dnsNames: readonly string[], uris: readonly string[] = [ZONE_URI]) =>
    levelOf(facts('leaf', { dnsNames, uris }), WWW, 'zone');
  assert.equal(named([]), 'zone');
  assert.equal(named(['WWW.example.test']), 'hostname');
  assert.equal(named(['*.example.test']), 'hostname');
  assert.equal(named(['other.example.test']), 'zone');
  assert.equal(named([], []), null);
  assert.equal(
    named([], ['https://installation.test/zone/1', `${ZONE_URI}0`, 'postern://installation.test/shared']),
    null,
  );
});

test('under the shared CA every identity is the shared one', () => {
  assert.equal(levelOf(facts('leaf', { dnsNames: ['www.example.test'], uris: [ZONE_URI] }), WWW, 'shared'), 'global');
});
