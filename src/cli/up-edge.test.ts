import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from './failure.ts';
import { edgeSettings } from './up-edge.ts';

const reading = (given: Readonly<Record<string, string>>) => edgeSettings(({ key }) => given[key]);

test('nobody speaks for visitors unless told so', () => {
  assert.deepEqual(reading({}).peers, { proxyProtocol: [], trusted: [] });
});

test('peers are networks, in one spelling', () => {
  const { peers } = reading({ proxy_protocol: '10.1.0.0/16, 192.0.2.7', trusted_peers: '2001:DB8:0::/32' });
  assert.deepEqual(peers, { proxyProtocol: ['10.1.0.0/16', '192.0.2.7/32'], trusted: ['2001:db8::/32'] });
});

test('what is no network, or everybody, is refused and says which flag', () => {
  for (const [given, words] of [
    [{ proxy_protocol: 'balancer' }, /--proxy-protocol.*"balancer"/],
    [{ trusted_peers: '10.0.0.1/8' }, /--trusted-peers.*"10\.0\.0\.1\/8"/],
    [{ trusted_peers: '10.0.0.0/8,0.0.0.0/0' }, /--trusted-peers names 0\.0\.0\.0\/0: anybody/],
    [{ proxy_protocol: '::/0' }, /--proxy-protocol names ::\/0: anybody/],
  ] as const) {
    assert.throws(
      () => reading(given),
      (error: unknown) => error instanceof Failure && words.test(error.message),
    );
  }
});
