import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressClass, plainAddress } from './address-class.ts';
import { addressPolicy, type OriginPolicy } from './address-policy.ts';

const ALWAYS_FORBIDDEN = [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1%lo',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  'not an address',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::1',
  '64:ff9b::1',
  '2002:a9fe:a9fe::1',
  '2002:a9fe::1',
  '::169.254.169.254',
  '::5',
  '::ffff:0:1.2.3.4',
  '100.100.100.200',
];

const PRIVATE = [
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '::1',
  'fd12::1',
  'fec0::1',
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::10.0.0.1',
  '2002:a00:1::1',
  '2002:7f00::1',
];

const RESERVED = [
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.9',
  '192.0.0.8',
  '2001:db8::1',
  '2001::1',
  '100::1',
  '3fff::1',
];

const PUBLIC = [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700::1',
  '64:ff9b::8.8.8.8',
  '2002:808:808::1',
  '::ffff:8.8.8.8',
];

const ANY: OriginPolicy = { kind: 'any' };

function objections(policy: OriginPolicy, addresses: readonly string[], mayBePrivate = true) {
  const { objection } = addressPolicy([], policy);
  return Object.fromEntries(addresses.map((address) => [address, objection(address, 443, mayBePrivate)]));
}

function all<T>(addresses: readonly string[], value: T) {
  return Object.fromEntries(addresses.map((address) => [address, value]));
}

test('an own listener is never an origin, in whatever spelling', () => {
  const { objection } = addressPolicy([
    { host: '127.0.0.1', port: 8400 },
    { host: '::', port: 8443 },
  ]);
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:127.0.0.1']) {
    assert.equal(objection(address, 8400, true), 'own_listener', address);
    assert.equal(objection(address, 8401, true), null, address);
  }
  for (const address of ['127.0.0.1', '127.8.8.8', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1']) {
    assert.equal(objection(address, 8443, true), 'own_listener', address);
  }
});

test('metadata, link-local and what is no address are forbidden under every policy, in whatever spelling', () => {
  const policies: readonly OriginPolicy[] = [
    ANY,
    { kind: 'public' },
    { kind: 'list', networks: ['0.0.0.0/0', '::/0'] },
  ];
  for (const policy of policies) {
    assert.deepEqual(objections(policy, ALWAYS_FORBIDDEN), all(ALWAYS_FORBIDDEN, 'never'), policy.kind);
  }
});

test('private addresses are for those alone who may name them', () => {
  assert.deepEqual(objections(ANY, PRIVATE, true), all(PRIVATE, null));
  assert.deepEqual(objections(ANY, PRIVATE, false), all(PRIVATE, 'private'));
  assert.deepEqual(objections(ANY, [...RESERVED, ...PUBLIC], false), all([...RESERVED, ...PUBLIC], null));
  const listed: OriginPolicy = { kind: 'list', networks: ['10.0.0.0/8'] };
  assert.deepEqual(objections(listed, ['10.1.2.3'], false), { '10.1.2.3': 'private' }, 'a list grants nothing');
});

test('public lets out only to what the whole internet can reach', () => {
  const inside = [...PRIVATE, ...RESERVED];
  assert.deepEqual(objections({ kind: 'public' }, inside), all(inside, 'origin_policy'));
  assert.deepEqual(objections({ kind: 'public' }, PUBLIC), all(PUBLIC, null));
});

test('a list allows exactly what it names', () => {
  const policy: OriginPolicy = { kind: 'list', networks: ['10.1.0.0/16', '192.0.2.7/32', '2001:db8::/32'] };
  const named = ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', '2001:db8::5', '2001:0db8:0::5'];
  const others = ['10.2.0.1', '192.0.2.8', '8.8.8.8', '127.0.0.1', '2001:db9::1', '64:ff9b::10.1.2.3'];
  assert.deepEqual(objections(policy, named), all(named, null));
  assert.deepEqual(objections(policy, others), all(others, 'origin_policy'));
});

test('each address has one class, whichever spelling it comes in', () => {
  const classes = [
    [ALWAYS_FORBIDDEN, 'never'],
    [PRIVATE, 'private'],
    [RESERVED, 'reserved'],
    [PUBLIC, 'public'],
  ] as const;
  for (const [addresses, kind] of classes) {
    for (const address of addresses) assert.equal(addressClass(plainAddress(address)), kind, address);
  }
});
