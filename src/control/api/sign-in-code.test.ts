/** The code that the start of Postern prints: what a browser gets for it, and who gets nothing. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Instant } from '../../domain/ids.ts';
import { SignInCode } from '../sign-in-code.ts';
import { tokenHash } from '../tokens.ts';
import { after, idOf, NOW, textOf } from './api.fixture.ts';
import { ask, codesOf, listeningApi, SESSION, signedIn, tokenFor } from './session.fixture.ts';

const BAD_CODE = 10437;
const MINUTE = 60_000;
const ZONES = '/client/v4/zones';
const VERIFY = '/client/v4/user/tokens/verify';

async function withCode(t: TestContext) {
  let now: Instant = NOW;
  const clock = () => now;
  const signInCode = new SignInCode(clock);
  const api = await listeningApi(t, { clock, signInCode });
  const enter = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ask(api.base + SESSION, { method: 'POST', headers, body });
  const pass = (span: number) => {
    now = after(span);
  };
  return { ...api, enter, pass, issue: (text = api.token) => signInCode.issue(tokenHash(text)).code };
}

test('a code gives the session that the token would give, once, and ends with that token', async (t) => {
  const api = await withCode(t);
  const token = await tokenFor(api, { permissions: ['zone:read'] });
  const code = api.issue(token.text);
  const told = await api.enter({ code }, { origin: api.base, 'sec-fetch-site': 'same-origin' });
  assert.equal(told.status, 200, told.text);
  const [given = ''] = told.headers['set-cookie'] ?? [];
  assert.match(given, /^postern_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  assert.equal(idOf(told.result['token'] ?? assert.fail()), token.id);
  const reads = { cookie: given.replace(/;.*/, '') };
  assert.equal((await ask(api.base + ZONES, { headers: reads })).status, 200);
  const again = await api.enter({ code });
  assert.deepEqual([again.status, codesOf(again), again.headers['set-cookie']], [401, [BAD_CODE], undefined]);
  assert.match(again.text, /it was used already/);
  await api.call('DELETE', `/postern/v1/tokens/${token.id}`);
  assert.equal((await ask(api.base + ZONES, { headers: reads })).status, 401);
});

test('the log of changes says that it was the code, and no log has it', async (t) => {
  const api = await withCode(t);
  const code = api.issue();
  await api.enter({ code });
  await api.enter({ code });
  await signedIn(api.base, api.token);
  const { result } = await api.call('GET', '/postern/v1/audit?action=sign_in');
  assert.deepEqual(
    [...result].map(({ after: made }) => textOf(made?.['by'])),
    ['token', 'code'],
  );
  const told = `${api.logged.join()} ${JSON.stringify(result)}`;
  assert.match(told, /api_sign_in_failed/);
  for (const secret of [code, tokenHash(code)]) assert.ok(!told.includes(secret));
});

test('a code counts no more after ten minutes, with its token, and where the start made none', async (t) => {
  const api = await withCode(t);
  const none = await api.enter({ code: 'a'.repeat(43) });
  assert.deepEqual([none.status, codesOf(none)], [401, [BAD_CODE]]);
  assert.match(none.text, /not the one that this start of Postern printed/);
  const token = await tokenFor(api);
  const ending = api.issue(token.text);
  await api.call('POST', `/postern/v1/tokens/${token.id}/roll`);
  const ended = await api.enter({ code: ending });
  assert.deepEqual([ended.status, codesOf(ended)], [401, [BAD_CODE]]);
  assert.match(ended.text, /its token counts no longer/);
  const late = api.issue();
  api.pass(10 * MINUTE);
  assert.match((await api.enter({ code: late })).text, /its ten minutes are over/);
  const without = await listeningApi(t);
  assert.deepEqual(codesOf(await ask(without.base + SESSION, { method: 'POST', body: { code: 'a' } })), [BAD_CODE]);
});

test('where a token may not be used, its code may not either, and is not used up by that', async (t) => {
  const api = await withCode(t);
  const token = await tokenFor(api, { addresses: ['192.0.2.0/24'] });
  const code = api.issue(token.text);
  assert.deepEqual(codesOf(await api.enter({ code })), [9109]);
  await api.call('PATCH', `/postern/v1/tokens/${token.id}`, { addresses: [] });
  assert.equal((await api.enter({ code })).status, 200);
});

test('no page of others signs anybody in by a code, and the code outlives the attempt', async (t) => {
  const api = await withCode(t);
  const code = api.issue();
  for (const headers of [
    { origin: 'https://evil.test' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: api.base },
    { origin: 'null' },
  ]) {
    const refused = await api.enter({ code }, headers);
    assert.deepEqual([refused.status, codesOf(refused)], [403, [10434]], JSON.stringify(headers));
  }
  assert.equal((await api.enter({ code })).status, 200);
});

test('wrong codes are counted together with wrong tokens, and the right one still passes', async (t) => {
  const api = await withCode(t);
  const code = api.issue();
  await ask(api.base + ZONES, { headers: { authorization: 'Bearer wrong' } });
  for (let attempt = 1; attempt < 30; attempt += 1) assert.equal((await api.enter({ code: 'wrong' })).status, 401);
  const limited = await api.enter({ code: 'wrong' });
  assert.deepEqual([limited.status, codesOf(limited), limited.headers['retry-after']], [429, [10429], '1']);
  assert.equal((await api.enter({ code })).status, 200);
  assert.equal((await api.enter({ code })).status, 429, 'a used one is a wrong one');
});

test('a code is none anywhere else, and stands alone in its body', async (t) => {
  const api = await withCode(t);
  const code = api.issue();
  assert.equal((await ask(api.base + VERIFY, { headers: { authorization: `Bearer ${code}` } })).status, 401);
  assert.equal((await ask(api.base + ZONES, { headers: { cookie: `postern_session=${code}` } })).status, 401);
  assert.equal((await api.enter({ token: code })).status, 401);
  for (const body of [{}, { code, token: api.token }, { code: 7 }, { code: null }, { code: 'x'.repeat(65) }, [code]]) {
    const { status, text } = await api.enter(body);
    assert.deepEqual([status, text.includes(code)], [400, false], text);
  }
  assert.equal((await api.enter({ code, other: 1 })).status, 400);
  assert.equal((await api.enter({ code })).status, 200);
});
