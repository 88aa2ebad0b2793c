import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { allWithin, networkText, parseNetwork } from './networks.ts';

test('networks have one spelling, and what is none is refused', () => {
  const good = [
    ['192.0.2.1', '192.0.2.1/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0::/32', '2001:db8::/32'],
    ['::1', '::1/128'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
  ] as const;
  for (const [text, expected] of good) assert.equal(networkText(text), expected);
  const bad = [
    '',
    '/8',
    '10.0.0.0/33',
    '10.0.0.1/8',
    '2001:db8::1/32',
    '::/129',
    'fe80::1%eth0',
    '10.0.0.0/-1',
    'a.test',
  ];
  for (const text of bad) assert.equal(networkText(text), null, text);
});

const address = fc.oneof(fc.ipV4(), fc.ipV6());

test('property: an address is within a network exactly where the operating system’s own list says so', () => {
  fc.assert(
    fc.property(address, address, fc.nat(128), (one, other, length) => {
      const whole = parseNetwork(other);
      if (whole === null) return;
      const bits = whole.family === 4 ? 32 : 128;
      const prefix = Math.min(length, bits);
      const family = whole.family === 4 ? 'ipv4' : 'ipv6';
      const list = new BlockList();
      list.addSubnet(networkText(other)?.split('/')[0] ?? '', prefix, family);
      const rest = BigInt(bits - prefix);
      const first = (whole.first >> rest) << rest;
      const text = whole.family === 4 ? dotted(first) : grouped(first);
      const inner = parseNetwork(one);
      if (inner?.family !== whole.family) return;
      assert.equal(allWithin([one], [`${text}/${prefix}`]), list.check(networkText(one)?.split('/')[0] ?? '', family));
    }),
  );
});

test('no networks stand for everywhere', () => {
  assert.equal(allWithin([], []), true);
  assert.equal(allWithin(['10.0.0.0/8'], []), true);
  assert.equal(allWithin([], ['10.0.0.0/8']), false);
  assert.equal(allWithin(['10.1.0.0/16', '::1'], ['10.0.0.0/8', '::/64']), true);
  assert.equal(allWithin(['10.0.0.0/7'], ['10.0.0.0/8']), false);
  assert.equal(allWithin(['::ffff:10.0.0.1'], ['10.0.0.0/8']), true);
});

function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function grouped(value: bigint): string {
  return Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(
    ':',
  );
}
