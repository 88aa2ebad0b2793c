import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fields } from './fields.ts';
import { hopByHop } from './hop-by-hop.ts';

function connection(...values: string[]): Fields {
  const names = values.map(() => 'connection');
  return { names, rawNames: names, values };
}

const ALWAYS = [...hopByHop({ names: [], rawNames: [], values: [] })];

test('the fields of one connection are never sent on', () => {
  for (const name of ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']) {
    assert.ok(ALWAYS.includes(name), name);
  }
  for (const name of ['host', 'content-length', 'trailer', 'via', 'date']) assert.ok(!ALWAYS.includes(name), name);
});

test('what Connection names ends here too, in any spelling and over several lines', () => {
  const drop = hopByHop(connection('close, X-One', 'keep-alive,\tx-TWO ,,'));
  assert.deepEqual([...drop].sort(), [...ALWAYS, 'x-one', 'x-two'].sort());
});

test('Connection cannot take away what is meant for everybody behind', () => {
  const named = [
    'Host',
    'content-length',
    'CF-Connecting-IP',
    'X-Forwarded-For',
    'Authorization',
    'Cookie',
    'Client-Cert',
  ];
  const also = ['X-Real-IP', 'Forwarded', 'Content-Type', 'Cache-Control', 'If-Match', 'Sec-WebSocket-Key', 'Origin'];
  assert.deepEqual([...hopByHop(connection(named.join(), also.join(', ')))], ALWAYS);
});

test('ordinary Connection fields need no set of their own', () => {
  for (const value of ['keep-alive', 'close', 'Upgrade, keep-alive', '']) {
    assert.equal(hopByHop(connection(value)), hopByHop(connection()));
  }
});
