import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { scratchDirectory } from '../../../test/support/scratch.ts';
import { createApp } from './app.ts';
import { DASHBOARD, DASHBOARD_POLICY, readDashboard, serveDashboard } from './dashboard.ts';
import { listenerServers } from './servers.ts';

const PAGE = '<!doctype html><title>Postern</title>';
const SCRIPT = 'export const answer = 42;'.repeat(100);

function start(t: TestContext, isBuilt = true) {
  const scratch = scratchDirectory();
  if (isBuilt) {
    mkdirSync(join(scratch.path, 'assets'));
    writeFileSync(join(scratch.path, 'index.html'), PAGE);
    writeFileSync(join(scratch.path, 'assets/main-abc.js'), SCRIPT);
    writeFileSync(join(scratch.path, 'assets/main-abc.js.br'), brotliCompressSync(SCRIPT));
    writeFileSync(join(scratch.path, 'assets/main-abc.js.gz'), gzipSync(SCRIPT));
    writeFileSync(join(scratch.path, 'notes.txt'), 'not for the world');
  }
  const app = createApp(listenerServers(null), () => undefined);
  serveDashboard(app, readDashboard(scratch.path));
  t.after(async () => {
    await app.close();
    scratch[Symbol.dispose]();
  });
  return (path: string, headers: Record<string, string> = {}) => app.inject({ url: path, headers });
}

test('whoever comes to the listener with a browser is led to the dashboard', async (t) => {
  const get = start(t);
  for (const path of ['/', '/dashboard']) {
    const { statusCode, headers } = await get(path);
    assert.deepEqual([statusCode, headers['location']], [302, DASHBOARD], path);
  }
});

test('every address within the dashboard is its one page, under a policy that lets in nothing else', async (t) => {
  const get = start(t);
  for (const path of ['', 'zones/example.test/ssl', 'zones/example.test?page=2', 'zones/', 'index.html']) {
    const { statusCode, headers, body } = await get(`${DASHBOARD}${path}`);
    assert.deepEqual([statusCode, body], [200, PAGE], path);
    assert.equal(headers['content-security-policy'], DASHBOARD_POLICY);
    assert.equal(headers['cache-control'], 'no-cache');
    assert.equal(headers['x-frame-options'], 'DENY');
  }
  assert.ok(!/unsafe|https?:|data:|\*/.test(DASHBOARD_POLICY), DASHBOARD_POLICY);
});

test('files whose names change with their content are kept for good, in the coding that the browser takes', async (t) => {
  const get = start(t);
  const path = `${DASHBOARD}assets/main-abc.js`;
  const plain = await get(path);
  assert.equal(plain.body, SCRIPT);
  assert.match(String(plain.headers['content-type']), /^text\/javascript/);
  assert.match(String(plain.headers['cache-control']), /immutable/);
  const brotli = await get(path, { 'accept-encoding': 'gzip, br' });
  assert.equal(brotli.headers['content-encoding'], 'br');
  assert.equal(brotliDecompressSync(brotli.rawPayload).toString(), SCRIPT);
  const gzip = await get(path, { 'accept-encoding': 'br;q=0, gzip' });
  assert.equal(gzip.headers['content-encoding'], 'gzip');
  assert.equal(gunzipSync(gzip.rawPayload).toString(), SCRIPT);
  const known = await get(path, { 'if-none-match': String(plain.headers['etag']) });
  assert.deepEqual([known.statusCode, known.body], [304, '']);
});

test('nothing is served but what the build makes', async (t) => {
  const get = start(t);
  const names = [
    'notes.txt',
    'assets/main-abc.js.br',
    '../package.json',
    '%2e%2e/package.json',
    '..%2f..%2fpackage.json',
  ];
  for (const path of [...names, 'assets/..%5c..%5cpackage.json', '%00', 'index.html/../../package.json']) {
    const { statusCode, body } = await get(`${DASHBOARD}${path}`);
    assert.ok(statusCode === 404 || body === PAGE, `${path}: ${body}`);
  }
  for (const path of ['assets/other.js', 'other.css', 'assets/main.svg'])
    assert.equal((await get(`${DASHBOARD}${path}`)).statusCode, 404, path);
});

test('where it has not been built, the page says how to build it', async (t) => {
  const { statusCode, body } = await start(t, false)(DASHBOARD);
  assert.equal(statusCode, 404);
  assert.match(body, /npm run build:dashboard/);
});
