import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NOW, startApi } from './api/api.fixture.ts';
import type { RateLimitOptions } from './api/rate-limits.ts';
import { ROUTES } from './api/table.ts';
import { createPublicServer } from './public-server.ts';

const SHARED = '/ssl/static/authenticated_origin_pull_ca.pem';

async function start(t: TestContext, rateLimits: Partial<RateLimitOptions> = { address: null }) {
  const { plane, zone, token, app } = await startApi(t);
  const logged: string[] = [];
  const log = (event: string, fields: object) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const server = createPublicServer({ plane, clock: () => NOW, log, rateLimits });
  t.after(() => server.close());
  return { server, zone, token, app, logged };
}

test('the public listener serves the same bundles as the API, with their ETag, for HEAD and 304 too', async (t) => {
  const { server, zone, app } = await start(t);
  for (const url of [SHARED, `/ssl/static/zones/${await zone()}/authenticated_origin_pull_ca.pem`]) {
    const [open, api] = await Promise.all([server.inject({ url }), app.inject({ url })]);
    const etag = String(open.headers['etag']);
    assert.deepEqual([open.statusCode, open.body, etag], [200, api.body, api.headers['etag']]);
    const head = await server.inject({ method: 'HEAD', url });
    assert.deepEqual([head.statusCode, head.body, head.headers['etag']], [200, '', etag]);
    assert.equal((await server.inject({ url, headers: { 'if-none-match': etag } })).statusCode, 304);
  }
  assert.equal((await server.inject({ url: '/healthz' })).statusCode, 200);
});

test('it has no other call, whatever token is shown, and writes nothing', async (t) => {
  const { server, token } = await start(t);
  const headers = { authorization: `Bearer ${token}` };
  const open = new Set(ROUTES.filter(({ path }) => /^\/(?:ssl|healthz|ocsp)/.test(path)).map(({ path }) => path));
  for (const { method, path } of ROUTES.filter((route) => !open.has(route.path))) {
    const url = path.replaceAll(/:\w+/g, '0'.repeat(32));
    const { statusCode } = await server.inject({ method, url, headers });
    assert.equal(statusCode, method === 'GET' ? 404 : 405, `${method} ${path}`);
  }
  for (const url of ['/', '/metrics', '/client/v4/ips', '/postern/v1/openapi.json']) {
    assert.equal((await server.inject({ url, headers })).statusCode, 404, url);
  }
});

test('a body is refused before it is read, and the connection ends', async (t) => {
  const { server } = await start(t);
  const base = await server.listen({ port: 0, host: '127.0.0.1' });
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(16)) });
  // The body never ends: an answer shows that nobody waits for it.
  const response = await fetch(base + SHARED, { method: 'POST', body, duplex: 'half' });
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
  assert.equal(response.headers.get('connection'), 'close');
  await response.text();
});

test('only an OCSP request may have a body, and a small one', async (t) => {
  const { server, zone } = await start(t);
  const id = await zone();
  const ask = (url: string, length: number, type = 'application/ocsp-request') =>
    server.inject({ method: 'POST', url, payload: Buffer.alloc(length, 1), headers: { 'content-type': type } });
  const asked = await ask(`/ocsp/zones/${id}`, 4096);
  assert.deepEqual([asked.statusCode, asked.headers['content-type']], [200, 'application/ocsp-response']);
  // A SEQUENCE with the ENUMERATED 1: malformedRequest.
  assert.deepEqual([...asked.rawPayload], [0x30, 0x03, 0x0a, 0x01, 0x01]);
  assert.equal((await ask(`/ocsp/zones/${id}`, 4096, 'application/json')).statusCode, 200);
  assert.equal((await ask(`/ocsp/zones/${id}`, 4097)).statusCode, 413);
  for (const url of [`/ocsp/zones/${id}/AAAA`, '/ocsp/zones', SHARED])
    assert.equal((await ask(url, 10)).statusCode, 405);
});

test('a token is neither looked at nor logged', async (t) => {
  const { server, token, logged } = await start(t);
  for (const authorization of [`Bearer ${token}`, 'Bearer wrong', 'nonsense']) {
    const { statusCode, headers } = await server.inject({ url: SHARED, headers: { authorization } });
    assert.equal(statusCode, 200);
    assert.equal(headers['www-authenticate'], undefined);
  }
  assert.doesNotMatch(logged.join(), /Bearer|wrong|sign_in/);
});

test('an address has its share', async (t) => {
  const { server } = await start(t, { address: { quota: 2, window: 60 } });
  const ask = (remoteAddress: string) => server.inject({ url: '/healthz', remoteAddress });
  const statuses = [await ask('192.0.2.1'), await ask('192.0.2.1'), await ask('192.0.2.1'), await ask('192.0.2.2')];
  assert.deepEqual(
    statuses.map(({ statusCode }) => statusCode),
    [200, 200, 429, 200],
  );
  assert.equal(statuses[2]?.headers['retry-after'], '30');
});
