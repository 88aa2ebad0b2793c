import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reachesFamily } from './own-families.ts';

const loopback = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '::1', family: 'IPv6', internal: true },
] as const;
const own = (family: 'IPv4' | 'IPv6', address: string) => ({ address, family, internal: false });

test('a machine reaches a family in which it has an address that others can answer', () => {
  const rows: readonly (readonly [string, readonly ReturnType<typeof own>[], boolean])[] = [
    ['2001:db8::1', [own('IPv4', '192.0.2.7')], false],
    ['2001:db8::1', [own('IPv4', '192.0.2.7'), own('IPv6', 'fe80::1')], false],
    ['2001:db8::1', [own('IPv4', '192.0.2.7'), own('IPv6', 'fd00::7')], false],
    ['2001:db8::1', [own('IPv6', '2001:db8::7')], true],
    ['192.0.2.1', [own('IPv6', '2001:db8::7')], false],
    ['192.0.2.1', [own('IPv4', '169.254.1.1')], false],
    ['192.0.2.1', [own('IPv4', '10.0.0.7')], true],
  ];
  for (const [ip, addresses, expected] of rows) {
    assert.equal(reachesFamily(ip, { lo: loopback, eth0: addresses }), expected, `${ip} ${JSON.stringify(addresses)}`);
  }
});
