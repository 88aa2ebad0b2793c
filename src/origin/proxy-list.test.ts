import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyList } from './proxy-list.ts';

const tcp = (remoteAddress: string) => ({ remoteAddress, localAddress: '10.0.0.1', destroyed: false });

test('addresses and networks of both families, in any spelling', () => {
  const list = proxyList(['127.0.0.1', '10.1.0.0/16', '2001:DB8::/32', '::1']);
  assert.ok(list.kind === 'list');
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', '::ffff:a01:203', '2001:db8::1', '::1']) {
    assert.equal(list.has(tcp(address)), true, address);
  }
  for (const address of ['127.0.0.2', '10.2.0.0', '2001:db9::1', '::2', '']) {
    assert.equal(list.has(tcp(address)), false, address);
  }
});

test('a connection without an address is a Unix socket’s only where it has none at this end either', () => {
  const [overFile, overTcp] = [proxyList(['unix']), proxyList(['127.0.0.1'])];
  assert.ok(overFile.kind === 'list' && overTcp.kind === 'list');
  const unix = { remoteAddress: undefined, localAddress: undefined, destroyed: false };
  assert.equal(overFile.has(unix), true);
  assert.equal(overTcp.has(unix), false);
  assert.equal(overFile.has({ ...unix, destroyed: true }), false);
  // A peer that sends a request and leaves at once: the system has forgotten its address already.
  assert.equal(overFile.has({ ...unix, localAddress: '10.0.0.1' }), false);
});

test('what would believe everybody, or nobody, is refused', () => {
  for (const texts of [['0.0.0.0/0'], ['::/0'], ['10.1.2.3/8'], ['proxy.test'], ['127.0.0.1:80'], ['']]) {
    const problem = proxyList(texts);
    assert.ok(problem.kind === 'problem' && problem.code === 'bad_peer', texts.join());
  }
  const none = proxyList([]);
  assert.ok(none.kind === 'problem' && none.code === 'empty_list');
  const many = proxyList(Array.from({ length: 1_001 }, () => '127.0.0.1'));
  assert.ok(many.kind === 'problem' && many.code === 'too_many');
});

test('a network of IPv6, however wide, lists no address of IPv4', () => {
  const list = proxyList(['::/1']);
  assert.ok(list.kind === 'list');
  const from = (remoteAddress: string) => list.has({ remoteAddress, localAddress: '::1', destroyed: false });
  assert.deepEqual(['2001:db8::7', '192.0.2.7', '::ffff:192.0.2.7'].map(from), [true, false, false]);
});
