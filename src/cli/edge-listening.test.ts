import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { edgeListening, publicAddresses } from './edge-listening.ts';
import { Failure } from './failure.ts';

const of = (family: 'IPv4' | 'IPv6', address: string, internal = false) =>
  ({ family, address, internal }) as NetworkInterfaceInfo;
const interfaces = () => ({
  lo: [of('IPv4', '127.0.0.1', true), of('IPv6', '::1', true)],
  eth0: [of('IPv4', '192.0.2.7'), of('IPv6', '2001:db8::7'), of('IPv6', 'fe80::1'), of('IPv4', '169.254.1.1')],
});
const HTTP = { host: '::', port: 8080 };

/** Where visitors reach an edge that listens there, in one line. */
function told(host: string, said = '', machine: () => ReturnType<typeof interfaces> | object = interfaces) {
  const ground = { said: publicAddresses(said), interfaces: machine as typeof interfaces };
  const { reached, reachedBy } = edgeListening({ https: { host, port: 8443 }, http: HTTP }, ground);
  return `${reachedBy}: ${reached.join(' ')}`;
}

test('what an operator says counts, then the address of the listener, then those of the machine', () => {
  assert.equal(
    told('::', '203.0.113.7:443, edge.example.test,2001:db8::9'),
    ['operator: 203.0.113.7:443', 'edge.example.test:8443 [2001:db8::9]:8443'].join(' '),
  );
  assert.equal(told('127.0.0.1'), 'listener: 127.0.0.1:8443');
  assert.equal(told('::'), 'machine: 192.0.2.7:8443 [2001:db8::7]:8443');
  assert.equal(told('0.0.0.0'), 'machine: 192.0.2.7:8443');
  assert.equal(
    told('::', '', () => ({})),
    'machine: 127.0.0.1:8443',
  );
});

test('listeners are told as they are', () => {
  const ground = { said: [], interfaces };
  const { https, http } = edgeListening({ https: { host: '::1', port: 1 }, http: null }, ground);
  assert.deepEqual([https, http], ['[::1]:1', null]);
});

test('what nobody can connect to is refused', () => {
  for (const text of ['0.0.0.0', ':443', '[::]:443', 'edge.test:0', 'edge.test:x', 'a b', 'https://edge.test', '-']) {
    assert.throws(() => publicAddresses(text), Failure, text);
  }
  assert.throws(() => publicAddresses(Array.from({ length: 21 }, (_, at) => `192.0.2.${at}`).join()), Failure);
});
