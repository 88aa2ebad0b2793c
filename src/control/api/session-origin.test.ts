/** Where a call by cookie may come from: what browsers say of it, and which cookie they send. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lasting, listenerAuthority, listenerCertificate } from '../listener/certificate.fixture.ts';
import { listenerServers } from '../listener/servers.ts';
import { NOW } from './api.fixture.ts';
import { ask, codesOf, listeningApi, SESSION, signedIn } from './session.fixture.ts';
import { cookieName, sentCookie } from './session-cookie.ts';

const ZONES = '/client/v4/zones';
const BAD_COOKIE = 10433;
const CROSS_SITE = 10434;

type Fields = Readonly<Record<string, string>>;

test('nobody is signed in, and nothing is changed or read, from a page of others', async (t) => {
  const { base, token } = await listeningApi(t);
  const { reads, writes } = await signedIn(base, token);
  let count = 0;
  const enter = (fields: Fields) => ask(base + SESSION, { method: 'POST', headers: fields, body: { token } });
  const change = (fields: Fields) => {
    count += 1;
    return ask(base + ZONES, { method: 'POST', headers: { ...writes, ...fields }, body: { name: `a${count}.test` } });
  };
  const read = (fields: Fields) => ask(base + ZONES, { headers: { ...reads, ...fields } });
  const { port } = new URL(base);
  const own = { origin: base };
  const cases: readonly (readonly [fields: Fields, signIn: boolean, change: boolean, read: boolean])[] = [
    [{}, true, true, true],
    [own, true, true, true],
    [{ origin: base.toUpperCase() }, true, true, true],
    [{ 'sec-fetch-site': 'same-origin' }, true, true, true],
    [{ ...own, 'sec-fetch-site': 'same-origin' }, true, true, true],
    // What somebody typed, or a bookmark.
    [{ 'sec-fetch-site': 'none' }, true, false, true],
    // Another port of this machine is the same site, and gets the cookie from the browser.
    [{ 'sec-fetch-site': 'same-site' }, false, false, false],
    [{ 'sec-fetch-site': 'cross-site' }, false, false, false],
    [{ ...own, 'sec-fetch-site': 'cross-site' }, false, false, false],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }, false, false, false],
    [{ origin: 'null' }, false, false, false],
    [{ origin: '' }, false, false, false],
    [{ origin: `http://127.0.0.1:${Number(port) + 1}` }, false, false, false],
    [{ origin: 'http://127.0.0.1' }, false, false, false],
    [{ origin: `https://127.0.0.1:${port}` }, false, false, false],
    [{ origin: `http://localhost:${port}` }, false, false, false],
    [{ origin: `${base}.evil.test` }, false, false, false],
    [{ origin: `${base}@evil.test` }, false, false, false],
    [{ origin: `${base}, http://evil.test` }, false, false, false],
    [{ origin: 'http://evil.test', 'sec-fetch-site': 'same-origin' }, false, false, false],
  ];
  for (const [fields, ...allowed] of cases) {
    const answers = [await enter(fields), await change(fields), await read(fields)];
    const said = JSON.stringify(fields);
    assert.deepEqual(
      answers.map(({ status }) => status),
      allowed.map((good) => (good ? 200 : 403)),
      said,
    );
    for (const answer of answers.filter(({ status }) => status === 403)) {
      assert.deepEqual(codesOf(answer), [CROSS_SITE], said);
      assert.equal(answer.headers['set-cookie'], undefined);
    }
  }
});

test('whoever shows a token may come from anywhere: no browser sends one by itself', async (t) => {
  const { base, token } = await listeningApi(t);
  const headers = { authorization: `Bearer ${token}`, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' };
  assert.equal((await ask(base + ZONES, { headers })).status, 200);
  assert.equal((await ask(base + ZONES, { method: 'POST', headers, body: { name: 'a.test' } })).status, 200);
});

test('a session that came twice is none, in one field or in two, and cookies of others do not matter', async (t) => {
  const { base, token } = await listeningApi(t);
  const [{ cookie }, other] = [await signedIn(base, token), await signedIn(base, token)];
  const read = (sent: string | readonly string[]) => ask(base + ZONES, { headers: { cookie: sent } });
  for (const sent of [
    [cookie, cookie],
    `${cookie}; ${cookie}`,
    `${cookie}; ${other.cookie}`,
    [cookie, `a=b; ${other.cookie}`],
    `postern_session=; ${cookie}`,
    `${cookie}; a=${'x'.repeat(8192)}`,
  ]) {
    const refused = await read(sent);
    assert.deepEqual([refused.status, codesOf(refused)], [400, [BAD_COOKIE]], JSON.stringify(sent).slice(0, 200));
  }
  for (const sent of [
    `a=b; ${cookie}; c`,
    ['a=b', cookie],
    `;;${cookie};`,
    `\t${cookie} \t`,
    `xpostern_session=1; ${cookie}; postern_session2=2; Postern_Session=3; __Host-postern_session=4`,
  ]) {
    assert.equal((await read(sent)).status, 200, JSON.stringify(sent));
  }
  for (const sent of [
    '',
    'postern_session',
    'postern_session=',
    `${cookie}x`,
    cookie.slice(0, -1),
    cookie.replace('=', ' = '),
    cookie.replace('=', '="').concat('"'),
    cookie.toUpperCase(),
    cookie.replace('postern', '__Host-postern'),
  ]) {
    assert.equal((await read(sent)).status, 401, sent);
  }
});

test('whatever cookies are sent, a session is found exactly where one has its name', () => {
  const name = cookieName(false);
  const text = fc.stringMatching(/^[^;]{0,20}$/);
  const pair = fc.record({ name: fc.constantFrom(name, 'a', `${name}2`, `x${name}`, name.toUpperCase()), value: text });
  const blank = fc.constantFrom('', ' ', '\t', '  ');
  fc.assert(
    fc.property(fc.array(fc.tuple(blank, pair)), (pairs) => {
      const found = sentCookie(pairs.map(([before, { name: of, value }]) => `${before}${of}=${value}`).join(';'), name);
      const own = pairs.filter(([, { name: of }]) => of === name);
      assert.equal(found.kind, ['none', 'one'][own.length] ?? 'unclear');
      const value = own[0]?.[1].value.replace(/[ \t]+$/, '');
      if (found.kind === 'one') assert.equal(found.value, value);
    }),
  );
});

test('no cookie at all makes the API fail, and none but the right one opens it', async (t) => {
  const { app } = await listeningApi(t);
  const value = fc.oneof(fc.base64String(), fc.stringMatching(/^[\w-]{43}$/), fc.string({ unit: 'grapheme' }));
  const field = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(value).map((values) => values.map((one) => `postern_session=${one}`).join('; ')),
  );
  await fc.assert(
    fc.asyncProperty(field, async (cookie) => {
      const { statusCode } = await app.inject({ url: ZONES, headers: { cookie } });
      assert.ok(statusCode === 400 || statusCode === 401, String(statusCode));
    }),
    { numRuns: 300 },
  );
});

test('over TLS the cookie is for this host and TLS alone, and only that one counts', async (t) => {
  const ca = await listenerAuthority(NOW);
  const { certificate, key } = await listenerCertificate(ca, lasting(NOW, 30));
  const shown = { leaf: certificate, chain: certificate.pem, key, warnings: [] };
  const api = await listeningApi(t, { servers: listenerServers(shown) });
  const base = `https://localhost:${new URL(api.base).port}`;
  const tls = { ca: ca.certificate.pem };
  const { given, cookie, reads, writes } = await signedIn(base, api.token, { ...tls, headers: { origin: base } });
  assert.match(given, /^__Host-postern_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict; Secure$/);
  assert.equal((await ask(base + ZONES, { ...tls, headers: reads })).status, 200);
  const plain = { cookie: cookie.replace('__Host-', '') };
  assert.equal((await ask(base + ZONES, { ...tls, headers: plain })).status, 401);
  const body = { name: 'example.test' };
  const change = (origin: string) =>
    ask(base + ZONES, { ...tls, method: 'POST', headers: { ...writes, origin }, body });
  assert.deepEqual(codesOf(await change(base.replace('https', 'http'))), [CROSS_SITE]);
  assert.equal((await change(base)).status, 200);
  const out = await ask(base + SESSION, { ...tls, method: 'DELETE', headers: writes });
  assert.deepEqual(out.headers['set-cookie'], [
    '__Host-postern_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure',
  ]);
  assert.equal((await ask(base + ZONES, { ...tls, headers: reads })).status, 401);
});
