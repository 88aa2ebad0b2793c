import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOW, textOf } from './api.fixture.ts';
import { ask, codesOf, type Listening, listeningApi, SESSION, signedIn, tokenFor } from './session.fixture.ts';

const HOUR = 3_600_000;
const NOBODY = 'f'.repeat(32);

interface Shown {
  readonly id: string;
  readonly created_on: string;
  readonly expires_on: string;
  readonly last_used_on: string | null;
  readonly last_used_from: string | null;
  readonly current: boolean;
}

const pathOf = (token: string) => `/postern/v1/tokens/${token}/sessions`;

/** What is told of the sessions of a token, to whoever shows these fields. */
async function listed(api: Listening, token: string, headers: Readonly<Record<string, string>>) {
  const { status, result } = await ask(api.base + pathOf(token), { headers });
  assert.equal(status, 200);
  return result as unknown as readonly Shown[];
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

test('who is signed in with a token is listed, with the last call of each, and no secret', async (t) => {
  const api = await listeningApi(t);
  const token = await tokenFor(api, { permissions: ['tokens:read'] });
  assert.deepEqual(await listed(api, token.id, bearer(api.token)), []);
  const [here, there] = [await signedIn(api.base, token.text), await signedIn(api.base, token.text)];
  const all = await listed(api, token.id, here.reads);
  const moment = (ahead: number) => new Date(NOW + ahead).toISOString();
  assert.deepEqual(
    all,
    [true, false].map((current, index) => ({
      id: all[index]?.id,
      created_on: moment(0),
      expires_on: moment(12 * HOUR),
      last_used_on: moment(0),
      last_used_from: '127.0.0.1',
      current,
    })),
  );
  for (const { id } of all) assert.match(id, /^[0-9a-f]{16}$/);
  const told = JSON.stringify(all);
  for (const { cookie, csrf } of [here, there]) {
    for (const secret of [cookie.replace(/^.*=/, ''), csrf]) assert.ok(!told.includes(secret));
  }
  // An id is none of the three that sign in.
  const [first] = all;
  const guess = await ask(api.base + SESSION, { headers: { cookie: `postern_session=${first?.id}` } });
  assert.equal(guess.status, 401);
});

test('one session ends at once, or all but the one that asks, and the log of changes says whose', async (t) => {
  const api = await listeningApi(t);
  const token = await tokenFor(api, { permissions: ['tokens:edit', 'zone:read'] });
  const [first, second, third] = [
    await signedIn(api.base, token.text),
    await signedIn(api.base, token.text),
    await signedIn(api.base, token.text),
  ];
  const alive = async ({ reads }: typeof first) => (await ask(api.base + SESSION, { headers: reads })).status === 200;
  const [one] = await listed(api, token.id, bearer(api.token));
  const url = `${api.base}${pathOf(token.id)}/${one?.id.toUpperCase()}`;
  assert.deepEqual(codesOf(await ask(url, { method: 'DELETE', headers: second.reads })), [10435]);
  const ended = await ask(url, { method: 'DELETE', headers: second.writes });
  assert.deepEqual([ended.status, ended.result], [200, { ended: [one?.id] }]);
  assert.deepEqual([await alive(first), await alive(second), await alive(third)], [false, true, true]);
  assert.deepEqual(codesOf(await ask(url, { method: 'DELETE', headers: second.writes })), [10436]);
  const others = await ask(api.base + pathOf(token.id), { method: 'DELETE', headers: second.writes });
  assert.equal([...(others.result['ended'] as unknown as string[])].length, 1);
  assert.deepEqual([await alive(second), await alive(third)], [true, false]);
  const rest = await ask(api.base + pathOf(token.id), { method: 'DELETE', headers: bearer(token.text) });
  assert.equal([...(rest.result['ended'] as unknown as string[])].length, 1);
  assert.equal(await alive(second), false);
  // The token itself still does what it did.
  assert.equal((await ask(`${api.base}/client/v4/zones`, { headers: bearer(token.text) })).status, 200);
  const { result } = await api.call('GET', '/postern/v1/audit?action=end_sessions');
  const entries = [...result];
  assert.equal(entries.length, 3);
  for (const entry of entries) {
    assert.equal(textOf(entry['before']?.['token' as never]), token.id);
    assert.match(JSON.stringify(entry['before']), /"sessions":\["[0-9a-f]{16}"/);
  }
});

test('sessions of a token out of reach are as those of one that does not exist', async (t) => {
  const api = await listeningApi(t);
  const strong = await tokenFor(api, { permissions: ['*'] });
  const weak = await tokenFor(api, { name: 'weak', permissions: ['tokens:edit'] });
  const { reads } = await signedIn(api.base, strong.text);
  const [session] = await listed(api, strong.id, bearer(api.token));
  for (const [method, rest] of [
    ['GET', ''],
    ['DELETE', ''],
    ['DELETE', `/${session?.id}`],
  ] as const) {
    const told = await ask(api.base + pathOf(strong.id) + rest, { method, headers: bearer(weak.text) });
    const none = await ask(api.base + pathOf(NOBODY) + rest, { method, headers: bearer(weak.text) });
    assert.deepEqual([told.status, told.errors], [none.status, none.errors]);
    assert.deepEqual([told.status, codesOf(told)], [404, [1003]]);
  }
  const reader = await tokenFor(api, { name: 'reader', permissions: ['tokens:read'] });
  const refused = await ask(api.base + pathOf(reader.id), { method: 'DELETE', headers: bearer(reader.text) });
  assert.equal(refused.status, 403);
  // The session of one token is none of another's.
  const elsewhere = `${api.base}${pathOf(weak.id)}/${session?.id}`;
  const crossed = await ask(elsewhere, { method: 'DELETE', headers: bearer(api.token) });
  assert.deepEqual(codesOf(crossed), [10436]);
  assert.equal((await ask(api.base + SESSION, { headers: reads })).status, 200);
});

test('what is no session, and what nobody knows, is refused', async (t) => {
  const api = await listeningApi(t);
  const token = await tokenFor(api);
  for (const id of ['0', '%00', 'x'.repeat(200), '9a1f0c7be4d2583']) {
    const url = `${api.base}${pathOf(token.id)}/${encodeURIComponent(id)}`;
    assert.equal((await ask(url, { method: 'DELETE', headers: bearer(api.token) })).status, 404, id);
  }
  const odd = await ask(`${api.base}${pathOf(token.id)}?colour=red`, { headers: bearer(api.token) });
  assert.equal(odd.status, 400);
  assert.match(odd.text, /colour/);
});
