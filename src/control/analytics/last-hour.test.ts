import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname, zoneId } from '../../domain/ids.ts';
import { lastHour } from './last-hour.ts';

const zone = zoneId('0'.repeat(32)) ?? assert.fail();
const www = hostname('www.shop.test') ?? assert.fail();
const NONE = { pulls: 0, without: 0, plaintext: 0, refused: 0, failed: 0 };

test('pulls over plain HTTP are among those that showed no certificate', () => {
  const hour = { ...NONE, zone, hostname: www, pulls: 41, without: 3, plaintext: 5, refused: 2, lastAt: 0 };
  const facts = lastHour({ hostnames: () => ({ since: 0, hostnames: [hour], others: NONE }) }, zone);
  assert.deepEqual([...(facts ?? [])], [[www, { pulls: 41, withoutCertificate: 8, refused: 2 }]]);
});

test('nothing is claimed of a zone whose less busy hostnames were let go of', () => {
  const others = { ...NONE, pulls: 1 };
  assert.equal(lastHour({ hostnames: () => ({ since: 0, hostnames: [], others }) }, zone), null);
});
