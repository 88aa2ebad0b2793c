import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hostname, hostname, instant, zoneId } from '../domain/ids.ts';
import { certifiable } from './certifiable.ts';
import { createSharedAuthority, createZoneAuthority, issueCrossRoot } from './zone-authority.ts';

const now = instant(Date.UTC(2031, 0, 1));

function named(text: string): Hostname {
  return hostname(text) ?? assert.fail(text);
}

function zoneAuthority(name: string) {
  const zone = zoneId('a'.repeat(32)) ?? assert.fail();
  return createZoneAuthority({ installation: 'postern.internal', zone, zoneName: named(name), now });
}

test("a zone's own bundle permits its names alone, also while a rotation has old and new roots certify each other", async () => {
  const [old, next] = [await zoneAuthority('shop.test'), await zoneAuthority('shop.test')];
  const crossed = [
    issueCrossRoot(old.root, next.root.certificate, now),
    issueCrossRoot(next.root, old.root.certificate, now),
  ];
  const cas = [old, next].flatMap(({ root, intermediate }) => [root.certificate, intermediate.certificate]);
  for (const bundle of [cas.slice(0, 2), cas, [...cas, ...crossed], [...crossed, ...cas]]) {
    const { permits, domains } = certifiable(bundle);
    assert.deepEqual(domains, ['shop.test']);
    assert.ok(permits(named('shop.test')) && permits(named('www.shop.test')));
    assert.ok(!permits(named('blog.test')) && !permits(named('notshop.test')));
  }
});

test('the shared bundle, which no name binds, permits every name', async () => {
  const { root, intermediate } = await createSharedAuthority({ installation: 'postern.internal', now });
  const { permits, domains } = certifiable([root.certificate, intermediate.certificate]);
  assert.deepEqual(domains, []);
  assert.ok(permits(named('blog.test')));
});
