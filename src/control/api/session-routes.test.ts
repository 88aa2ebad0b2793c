/** Every call of the table, by somebody who is signed in: what a token gets its session gets too, and no more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, NOW } from './api.fixture.ts';
import type { Route } from './route.ts';
import { ask, codesOf, listeningApi, signedIn, type Told, tokenFor } from './session.fixture.ts';
import { ROUTES } from './table.ts';

/** Where a token and its session are told the same: what is about a session alone is not among them. */
const SAME = ROUTES.filter(({ permission, credential }) => permission !== null && credential === null);
const READS = SAME.filter(({ method, openHere }) => method === 'GET' && openHere !== true);
const CHANGES = SAME.filter(({ method }) => method !== 'GET');

function led({ path }: Route, zone: string): string {
  return path
    .replace(':zone', zone)
    .replace(':setting', 'ssl')
    .replace(':hostname', 'www.example.test')
    .replaceAll(/:\w+/g, '0')
    .replace(/\/events$/, '/events?follow=false&last_event_id=x');
}

/** An answer without what is made anew each time. */
function lasting({ text }: Told): string {
  return text.replaceAll(/"signature":"[^"]*"/g, '');
}

test('a session reads what its token reads: everything, some things, and one zone', async (t) => {
  const api = await listeningApi(t);
  const [own] = [await api.zone('example.test'), await api.zone('other.test')];
  const some = { permissions: ['dns:read', 'settings:read', 'notices:read'], zones: [own] };
  const tokens = [
    api.token,
    (await tokenFor(api, some)).text,
    (await tokenFor(api, { permissions: ['*'], zones: [own] })).text,
    (await tokenFor(api, { permissions: ['*'], expires_on: new Date(NOW + DAY).toISOString() })).text,
  ];
  const statuses = new Set<number>();
  for (const token of tokens) {
    const { reads } = await signedIn(api.base, token);
    for (const route of READS) {
      const url = api.base + led(route, own);
      const byToken = await ask(url, { headers: { authorization: `Bearer ${token}` } });
      const bySession = await ask(url, { headers: reads });
      assert.deepEqual([bySession.status, lasting(bySession)], [byToken.status, lasting(byToken)], url);
      statuses.add(byToken.status);
    }
  }
  for (const status of [200, 403, 404]) assert.ok(statuses.has(status), String(status));
});

test('a session changes nothing without its secret, and nothing that its token may not', async (t) => {
  const api = await listeningApi(t);
  const zone = await api.zone('example.test');
  const { text } = await tokenFor(api, { permissions: ['origins:private'] });
  const { reads, writes } = await signedIn(api.base, text);
  for (const route of CHANGES) {
    const { method } = route;
    const url = api.base + led(route, zone);
    const send = (headers: Readonly<Record<string, string>>) => ask(url, { method, headers, body: {} });
    assert.deepEqual(codesOf(await send(reads)), [10435], `${method} ${url}`);
    assert.deepEqual(codesOf(await send({ ...writes, 'sec-fetch-site': 'cross-site' })), [10434], `${method} ${url}`);
    const [byToken, bySession] = [await send({ authorization: `Bearer ${text}` }), await send(writes)];
    assert.deepEqual([byToken.status, bySession.status, bySession.text], [403, 403, byToken.text], `${method} ${url}`);
  }
});

test('metrics are for tokens and for who is here, not for a session', async (t) => {
  const { app, base, token } = await listeningApi(t);
  const { reads } = await signedIn(base, token);
  const from = (headers: object) =>
    app.inject({ url: '/metrics', headers: { ...headers }, remoteAddress: '192.0.2.1' });
  assert.equal((await from({ authorization: `Bearer ${token}` })).statusCode, 200);
  assert.equal((await from(reads)).statusCode, 401);
  assert.equal((await ask(`${base}/metrics`, { headers: reads })).status, 200);
});
