import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { OriginPolicy } from '../pull/address-policy.ts';
import type { FeedMessage } from '../wire/feed.ts';
import { apiAccess, callApi } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { formatHostPort } from './host-port.ts';
import { type ServeOptions, serve } from './serve.ts';
import { undoAll } from './undo.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

function options(t: TestContext, over: Partial<ServeOptions>): ServeOptions {
  const parent = mkdtempSync(join(tmpdir(), 'postern-serve-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const fixed = { dir: join(parent, 'data'), kek: null, apiHosts: [], http: null, workers: null };
  return { ...fixed, api: LOOPBACK, https: LOOPBACK, log: () => undefined, ...over };
}

test('an edge that throws once is joined anew, and what it missed is in force before the change is answered', async (t) => {
  const messages: FeedMessage[] = [];
  const lost: unknown[] = [];
  let faults = 1;
  const settings = options(t, {
    watch: (message) => {
      if (message.kind === 'delta' && faults-- > 0) throw new Error('the edge is upset');
      messages.push(message);
    },
    log: (event, fields) => {
      if (event === 'local_edge_lost') lost.push(fields['because']);
    },
  });
  const running = await serve(settings);
  t.after(() => running.close(0));
  const access = apiAccess({ api: `http://${formatHostPort(running.api)}`, data: settings.dir });
  const made = await callApi<unknown>(access, 'POST', '/client/v4/zones', { name: 'example.test' });
  assert.deepEqual(made.messages, []);
  assert.deepEqual(lost, ['the edge is upset']);
  const missed = messages.findLast(({ kind }) => kind === 'snapshot');
  assert.ok(missed?.kind === 'snapshot' && missed.revision === 1 && missed.zones.length === 1);
  await callApi(access, 'POST', '/client/v4/zones', { name: 'other.test' });
  const next = messages.at(-1);
  assert.ok(next?.kind === 'delta' && next.revision === 2, 'from then on it is told of every change');
});

test('an edge that has no configuration in time ends the start, says what the last cause was, and frees everything', async (t) => {
  let upset = true;
  const settings = options(t, {
    watch: () => {
      if (upset) throw new Error('the edge is upset');
    },
    readyWithin: 100,
  });
  await assert.rejects(serve(settings), (error) => {
    assert.ok(error instanceof Failure);
    assert.equal(error.exitCode, EXIT.undetermined);
    assert.match(error.message, /^The edge did not get its configuration within 0\.1 s: the edge is upset\.$/);
    return true;
  });
  upset = false;
  await (await serve({ ...settings, readyWithin: 30_000 })).close(0);
});

test('a step back that fails hides neither the others nor the first error', async () => {
  const order: string[] = [];
  const steps = [
    async () => order.push('first'),
    () => Promise.reject(new Error('the disk is gone')),
    () => {
      throw new Error('at once');
    },
    async () => order.push('last'),
  ];
  await undoAll(steps, (event, { error }) => void order.push(`${event}: ${error}`));
  assert.deepEqual(order, ['last', 'undo_failed: at once', 'undo_failed: the disk is gone', 'first']);
});

test('an origin outside the policy that Postern was started with is not connected to, by no worker either', async (t) => {
  const asked = async (originPolicy: OriginPolicy, workers: number | null) => {
    const settings = options(t, { http: LOOPBACK, originPolicy, workers });
    const running = await serve(settings);
    t.after(() => running.close(0));
    const access = apiAccess({ api: `http://${formatHostPort(running.api)}`, data: settings.dir });
    const { result: zone } = await callApi<{ readonly id: string }>(access, 'POST', '/client/v4/zones', {
      name: 'a.test',
    });
    const base = `/client/v4/zones/${zone.id}`;
    for (const [id, value] of [
      ['ssl', 'flexible'],
      ['always_use_https', 'off'],
    ] as const) {
      await callApi(access, 'PATCH', `${base}/settings/${id}`, { value });
    }
    const origin = { http_port: await closedPort() };
    const record = { type: 'A', name: '@', content: '127.0.0.1', proxied: true, origin };
    await callApi(access, 'POST', `${base}/dns_records`, record);
    const [response] = await once(get({ port: running.http?.port, headers: { host: 'a.test' } }), 'response');
    return response.statusCode;
  };
  const elsewhere: OriginPolicy = { kind: 'list', networks: ['10.0.0.0/8'] };
  for (const workers of [null, 1]) {
    assert.equal(await asked({ kind: 'public' }, workers), 530);
    assert.equal(await asked(elsewhere, workers), 530);
    assert.equal(await asked({ kind: 'any' }, workers), 521, 'nobody listens there, but it may be asked');
  }
});

/** A port where nobody listens any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}
