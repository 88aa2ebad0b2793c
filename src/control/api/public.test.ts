import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readBundle } from '../../pki/bundle.ts';
import { startApi } from './api.fixture.ts';

const SHARED = '/ssl/static/authenticated_origin_pull_ca.pem';

test('bundles are public, cacheable, and carry their digest', async (t) => {
  const { app, zone } = await startApi(t);
  const own = `/ssl/static/zones/${await zone()}/authenticated_origin_pull_ca.pem`;
  for (const url of [SHARED, own]) {
    const { statusCode, headers, body } = await app.inject({ url });
    const digest = createHash('sha256').update(body).digest();
    assert.equal(statusCode, 200);
    assert.equal(headers['content-type'], 'application/x-pem-file');
    assert.equal(headers['cache-control'], 'public, max-age=300, must-revalidate');
    assert.equal(headers['etag'], `"${digest.toString('hex')}"`);
    assert.equal(headers['repr-digest'], `sha-256=:${digest.toString('base64')}:`);
    assert.equal(headers['x-checksum-sha256'], digest.toString('hex'));
    assert.equal(readBundle(body).length, 2);
  }
});

test('the bundle of a zone holds nothing of the shared one, nor of another zone', async (t) => {
  const { app, zone } = await startApi(t);
  const paths = [await zone(), await zone()].map((id) => `/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`);
  const prints = [];
  for (const url of [SHARED, ...paths]) {
    prints.push(...readBundle((await app.inject({ url })).body).map(({ fingerprint }) => fingerprint));
  }
  assert.equal(new Set(prints).size, 6);
});

test('a bundle that has not changed is 304, and HEAD carries the same fields', async (t) => {
  const { app } = await startApi(t);
  const { headers } = await app.inject({ url: SHARED });
  const etag = String(headers['etag']);
  for (const field of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await app.inject({ url: SHARED, headers: { 'if-none-match': field } });
    assert.deepEqual([again.statusCode, again.body, again.headers['etag']], [304, '', etag], field);
  }
  const changed = await app.inject({ url: SHARED, headers: { 'if-none-match': '"x"' } });
  assert.equal(changed.statusCode, 200);
  const head = await app.inject({ method: 'HEAD', url: SHARED });
  assert.deepEqual([head.statusCode, head.body, head.headers['etag']], [200, '', etag]);
  assert.equal(head.headers['content-length'], headers['content-length']);
});

test('a zone that does not exist has no bundle', async (t) => {
  const { app } = await startApi(t);
  for (const id of ['0'.repeat(32), 'x']) {
    const { statusCode, headers } = await app.inject({
      url: `/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`,
    });
    assert.deepEqual([statusCode, headers['content-type']], [404, 'text/plain; charset=utf-8']);
  }
});

test('health and edge networks need no token', async (t) => {
  const { app } = await startApi(t, { edgeNetworks: { ipv4: ['192.0.2.0/24'], ipv6: [] } });
  assert.deepEqual((await app.inject({ url: '/healthz' })).json(), { ok: true });
  const { result } = (await app.inject({ url: '/client/v4/ips' })).json();
  assert.deepEqual(result['ipv4_cidrs'], ['192.0.2.0/24']);
});
