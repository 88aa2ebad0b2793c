import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf } from './events.ts';

const ZONE = { id: '5f0c2a7e9b1d4c38a6e0d17f42b95c83', name: 'example.test' };

test('an event says what happened, and in which zone', () => {
  const data = JSON.stringify({ at: '2031-01-31T12:00:00.000Z', hostname: 'www.example.test', zone: ZONE });
  assert.deepEqual(eventOf('lock_seen', data), { kind: 'lock_seen', zone: ZONE });
  assert.deepEqual(eventOf('edge_gone', '{"edge":"local-1"}'), { kind: 'edge_gone', zone: null });
});

test('an event that is not understood may be about anything: everything is looked at again', () => {
  for (const [kind, data] of [
    ['lock_seen', '{"zone":'],
    ['lock_seen', 'null'],
    ['lock_seen', '7'],
    ['moon_rose', '{}'],
    ['constructor', '{}'],
  ] as const)
    assert.deepEqual(eventOf(kind, data), { kind: 'reset', zone: null }, `${kind} ${data}`);
});
