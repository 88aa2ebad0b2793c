import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayWindow, readSigned, type SignedCaller, type SignedRequest, signPull } from './signed-pull.ts';

const NOW = Date.UTC(2030, 0, 1);
const KEY = Buffer.alloc(32, 1);
const REQUEST: SignedRequest = { method: 'GET', host: 'www.example.test', target: '/a?b', connection: '10.0.0.1:4711' };
const CALLER: SignedCaller = { via: 'edge', zone: 'example.test', fingerprint: null, subject: 'CN=ü', level: null };

const signed = signPull(KEY, REQUEST, CALLER, NOW);
const reasonOf = (value: string, request = REQUEST, keys: readonly Uint8Array[] = [KEY], now = NOW) => {
  const read = readSigned(value, request, keys, now);
  return read.kind === 'refused' ? read.because : read.kind;
};

test('says who called, to whoever has the key', () => {
  const read = readSigned(signed, REQUEST, [KEY], NOW);
  assert.ok(read.kind === 'signed');
  assert.deepEqual(read.caller, CALLER);
  assert.equal(read.at, NOW);
});

test('is of this request on this connection and of no other', () => {
  const others: readonly Partial<SignedRequest>[] = [
    { method: 'POST' },
    { host: 'www.example.test:443' },
    { target: '/a?B' },
    { target: '/a' },
    { connection: '10.0.0.1:4712' },
    { connection: null },
    // The parts must not be able to run into each other.
    { method: 'GET\nwww.example.test', host: '/a?b', target: '' },
  ];
  for (const other of others) assert.equal(reasonOf(signed, { ...REQUEST, ...other }), 'signature_wrong');
  assert.equal(reasonOf(signed, { ...REQUEST, host: 'WWW.example.test' }), 'signed');
});

test('holds under any of the keys, so that one can be replaced, and under no other', () => {
  const other = Buffer.alloc(32, 2);
  assert.equal(reasonOf(signed, REQUEST, [other, KEY]), 'signed');
  assert.equal(reasonOf(signed, REQUEST, [other]), 'signature_wrong');
  assert.equal(reasonOf(signed, REQUEST, []), 'signature_wrong');
});

test('counts for ten seconds, and as long before its time', () => {
  const after = [-10_001, -10_000, 0, 10_000, 10_001].map((gone) => reasonOf(signed, REQUEST, [KEY], NOW + gone));
  assert.deepEqual(after, ['signature_stale', 'signed', 'signed', 'signed', 'signature_stale']);
});

test('no octet of it can be changed', () => {
  for (let at = 0; at < signed.length; at += 1) {
    const changed = `${signed.slice(0, at)}${signed[at] === 'A' ? 'B' : 'A'}${signed.slice(at + 1)}`;
    // The last character of 32 bytes carries two bits that say nothing.
    const same = Buffer.from(changed.slice(-43), 'base64url').equals(Buffer.from(signed.slice(-43), 'base64url'));
    if (!same || at < signed.length - 43) assert.notEqual(reasonOf(changed), 'signed', String(at));
  }
});

test('anything else is malformed, however well it is signed', () => {
  for (const value of [
    '',
    'v1..',
    signed.replace('v1', 'v2'),
    `${signed}=`,
    `v1.${'A'.repeat(5_000)}.${'A'.repeat(43)}`,
  ]) {
    assert.equal(reasonOf(value), 'field_malformed');
  }
  const bent = [{ via: 'both' }, { zone: 1 }, { fingerprint: 'ab' }, { level: 'top' }, { subject: undefined }];
  for (const caller of bent) {
    const value = signPull(KEY, REQUEST, { ...CALLER, ...caller } as SignedCaller, NOW);
    assert.equal(reasonOf(value), 'field_malformed', JSON.stringify(caller));
  }
});

test('a signature is used once, and forgotten when it has ended anyway', () => {
  const window = new ReplayWindow(2);
  const [first, second, third] = ['a', 'b', 'c'].map((nonce) => ({ nonce, at: NOW }));
  assert.ok(first && second && third);
  assert.deepEqual(
    [first, first, second, third].map((one) => window.use(one, NOW)),
    [null, 'signature_replayed', null, 'window_full'],
  );
  assert.equal(window.use(third, NOW + 10_000), 'window_full');
  assert.equal(window.use(first, NOW + 10_000), 'signature_replayed');
  assert.equal(window.use(third, NOW + 10_001), null);
});
