import assert from 'node:assert/strict';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { deliveryState } from '../../domain/delivery.ts';
import { addressPolicy, type OwnListener } from '../../pull/address-policy.ts';
import type { SystemLookup } from '../../pull/resolve.ts';
import { dataPath, newZone, openPlane } from '../control-plane.fixture.ts';
import type { ControlPlane } from '../plane.ts';
import type { Grantor } from '../token.ts';
import { instant } from '../../domain/ids.ts';
import { receiver, until, verified } from './receiver.fixture.ts';

const SOON = { deliveryPause: 10 };
const REAL = { clock: () => instant(Date.now()) };

/** Somebody who may do everything. */
const BY: Grantor = {
  from: '127.0.0.1',
  token: {
    id: 'f'.repeat(32),
    name: 'test',
    hash: '',
    permissions: ['*'],
    zones: 'all',
    accounts: 'all',
    addresses: [],
    email: null,
    bootstrap: false,
    notBefore: null,
    expiresAt: null,
    createdAt: 0,
    modifiedAt: 0,
    revokedAt: null,
  },
};

interface Bent {
  readonly own?: readonly OwnListener[];
  readonly lookup?: SystemLookup;
  readonly dir?: string;
}

async function started(t: TestContext, { own = [], lookup, dir = dataPath(t) }: Bent = {}) {
  const logged: string[] = [];
  const log = (event: string, fields: object) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const plane = await openPlane(t, dir, { ...SOON, ...REAL, log });
  plane.deliverNotices({ addresses: addressPolicy(own), ...(lookup === undefined ? {} : { lookup }) });
  return { plane, dir, logged };
}

async function channel(plane: ControlPlane, url: string, mayBePrivate = true) {
  const target = { kind: 'webhook', url, mayBePrivate } as const;
  const filter = { least: 'info', codes: [], zones: 'all', accounts: 'all' } as const;
  const made = await plane.noticeChannels.create({ name: 'ops', target, enabled: true, ...filter }, BY);
  assert.ok(made.kind === 'channel_changed' && made.secret !== null);
  return { id: made.channel.id, secret: made.secret };
}

async function tested(plane: ControlPlane, id: string): Promise<void> {
  const sent = await plane.noticeChannels.test(id, BY);
  assert.ok(!('code' in sent), JSON.stringify(sent));
}

async function newest(plane: ControlPlane, id: string) {
  const found = await plane.noticeChannels.deliveries(id, BY);
  if ('code' in found) assert.fail(found.code);
  return found[0] ?? assert.fail('nothing went out');
}

/** What became of the first attempt. */
async function firstOutcome(plane: ControlPlane, url: string, mayBePrivate = true) {
  const { id } = await channel(plane, url, mayBePrivate);
  await tested(plane, id);
  await until(async () => (await newest(plane, id)).attempts.length > 0);
  return (await newest(plane, id)).attempts[0];
}

test('a notice comes to its webhook whole, and signed by the secret that was shown once', async (t) => {
  const { plane } = await started(t);
  const { got, url } = await receiver(t);
  const { secret } = await channel(plane, url);
  const zone = await newZone(plane);
  await plane.startRotation(zone.id, rehearsal(), { token: 'x', from: 'y' });
  await until(() => got.length > 0);
  const [message] = got;
  assert.ok(message !== undefined && verified(message, secret));
  assert.ok(!verified({ ...message, body: message.body.replace('rotation', 'rotatiom') }, secret));
  const { type, data } = JSON.parse(message.body);
  assert.equal(type, 'postern.notices');
  assert.equal(data.installation, plane.installation.host);
  const [notice] = data.notices;
  assert.deepEqual([notice.code, notice.zone.name, notice.severity], ['rotation_begun', 'example.test', 'info']);
});

function rehearsal() {
  const pace = {
    canaryShare: 1,
    canaryFor: 0,
    watchFor: 60_000,
    drainFor: 0,
    noticeFor: 0,
    refusals: 0,
    retryAfter: 0,
  };
  return { what: 'leaf', cause: 'asked', rehearsal: false, revokeFirst: false, pace, because: '', by: 'test' } as const;
}

test('what is answered with an error is sent again, the same message with a new signature', async (t) => {
  const { plane } = await started(t);
  const { got, url } = await receiver(t, (response, count) => void response.writeHead(count < 3 ? 500 : 200).end('x'));
  const { id, secret } = await channel(plane, url);
  await tested(plane, id);
  await until(async () => deliveryState(await newest(plane, id)) === 'delivered');
  assert.equal(got.length, 3);
  assert.equal(new Set(got.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(got.map(({ body }) => body)).size, 1);
  assert.ok(got.every((one) => verified(one, secret)));
  const { attempts } = await newest(plane, id);
  assert.deepEqual(
    attempts.map(({ status, failure }) => [status, failure]),
    [
      [500, 'status'],
      [500, 'status'],
      [200, null],
    ],
  );
});

test('what could not be sent waits for the next start, and its channel with it', async (t) => {
  const port = await closedPort();
  const first = await started(t);
  const { id, secret } = await channel(first.plane, `http://127.0.0.1:${port}/hook`);
  await tested(first.plane, id);
  await until(async () => (await newest(first.plane, id)).attempts.length > 0);
  assert.equal((await newest(first.plane, id)).attempts[0]?.failure, 'unreachable');
  await first.plane.close();
  const { got } = await receiver(t, undefined, port);
  await started(t, { dir: first.dir });
  await until(() => got.length > 0);
  assert.ok(got[0] !== undefined && verified(got[0], secret));
});

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await new Promise((done) => server.close(done));
  return address.port;
}

test('its secret is sealed anew with another key-encryption key', async (t) => {
  const { got, url } = await receiver(t);
  const first = await started(t);
  const { id, secret } = await channel(first.plane, url);
  await first.plane.close();
  const keys = { kek: `${first.dir}.other-kek`, oldKek: `${first.dir}.kek` };
  const plane = await openPlane(t, first.dir, { ...SOON, ...REAL, ...keys });
  plane.deliverNotices({ addresses: addressPolicy([]) });
  await tested(plane, id);
  await until(() => got.length > 0);
  assert.ok(got[0] !== undefined && verified(got[0], secret));
});

test('a channel that takes nothing keeps so many messages and no more', async (t) => {
  let now = Date.now();
  const plane = await openPlane(t, dataPath(t), { clock: () => instant(now) });
  const { id } = await channel(plane, 'https://hooks.example.test/');
  const zone = await newZone(plane);
  for (let count = 0; count < 200; count += 1) {
    await tested(plane, id);
    now += 60_000;
  }
  await plane.startRotation(zone.id, rehearsal(), { token: 'x', from: 'y' });
  await until(async () => {
    const found = await plane.noticeChannels.deliveries(id, BY);
    return !('code' in found) && found.some((one) => one.attempts[0]?.failure === 'too_many_waiting');
  });
});

test('a redirect is not followed, and 410 ends it', async (t) => {
  const { plane } = await started(t);
  const target = await receiver(t);
  const leading = await receiver(t, (response) => void response.writeHead(307, { location: target.url }).end());
  assert.deepEqual((await firstOutcome(plane, leading.url))?.failure, 'redirected');
  assert.equal(target.got.length, 0);
  const gone = await receiver(t, (response) => void response.writeHead(410).end());
  const { id } = await channel(plane, gone.url);
  await tested(plane, id);
  await until(async () => deliveryState(await newest(plane, id)) === 'failed');
  assert.equal(gone.got.length, 1);
});

test('an answer without an end is read no further than its status needs', async (t) => {
  const { plane } = await started(t);
  const endless = await receiver(t, (response) => {
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
    };
    more();
  });
  const outcome = await firstOutcome(plane, endless.url);
  assert.deepEqual([outcome?.status, outcome?.failure], [200, null]);
});

test('a receiver that says nothing holds up no other channel, and no end of the program', async (t) => {
  const { plane } = await started(t);
  const silent = await receiver(t, () => undefined);
  const slow = await channel(plane, silent.url);
  await tested(plane, slow.id);
  await until(() => silent.got.length > 0);
  const { got, url } = await receiver(t);
  const quick = await channel(plane, url);
  await tested(plane, quick.id);
  await until(() => got.length > 0);
  assert.equal((await newest(plane, slow.id)).attempts.length, 0);
  await plane.close();
});

const resolvingTo =
  (...addresses: readonly string[]): SystemLookup =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

test('names that lead to metadata, to Postern itself or to what is private get nothing', async (t) => {
  const listener = await receiver(t);
  const own = [{ host: '127.0.0.1', port: listener.port }];
  for (const address of ['169.254.169.254', 'fe80::1', '127.0.0.1']) {
    const { plane } = await started(t, { own, lookup: resolvingTo(address) });
    const outcome = await firstOutcome(plane, `https://hooks.example.test:${listener.port}/`);
    assert.equal(outcome?.failure, 'address_forbidden', address);
    await plane.close();
  }
  const { plane } = await started(t, { lookup: resolvingTo('127.0.0.1') });
  const url = `http://hooks.example.test:${listener.port}/`;
  assert.equal((await firstOutcome(plane, url, false))?.failure, 'address_forbidden');
  assert.equal(listener.got.length, 0);
  assert.equal((await firstOutcome(plane, url))?.failure, null);
  assert.equal(listener.got.length, 1, 'the connection went to the address that was judged');
});

test('a name is asked once for each attempt, so that a second answer cannot lead elsewhere', async (t) => {
  const listener = await receiver(t);
  const asked: string[] = [];
  const lookup: SystemLookup = (name, _options, done) => {
    asked.push(name);
    done(null, [{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
  };
  const { plane } = await started(t, { lookup });
  const outcome = await firstOutcome(plane, `http://hooks.example.test:${listener.port}/`);
  assert.deepEqual([outcome?.failure, asked], [null, ['hooks.example.test']]);
});

test('without TLS nothing goes to a public address', async (t) => {
  const { plane } = await started(t, { lookup: resolvingTo('203.0.113.7') });
  assert.equal((await firstOutcome(plane, 'http://hooks.example.test/'))?.failure, 'plain_http');
});

test('a channel that is switched off takes nothing, and one that is deleted leaves nothing', async (t) => {
  const { plane, logged } = await started(t);
  const { got, url } = await receiver(t);
  const { id, secret } = await channel(plane, url);
  await plane.noticeChannels.update(id, (now) => ({ ...now, enabled: false }), BY);
  await tested(plane, id);
  await until(async () => (await newest(plane, id)).attempts[0]?.failure === 'switched_off');
  assert.equal(got.length, 0);
  await plane.noticeChannels.remove(id, BY);
  assert.deepEqual(plane.noticeChannels.list(BY), []);
  assert.ok('code' in (await plane.noticeChannels.deliveries(id, BY)));
  assert.ok(!logged.join('\n').includes(secret));
  assert.ok(!logged.join('\n').includes(url), 'the path of a webhook may be a secret');
});

test('where a webhook goes is sealed, also one that was stored in clear before, and goes with its channel', async (t) => {
  const { plane, dir } = await started(t);
  const url = 'https://hooks.example.test/services/T0000/very-secret';
  const { id } = await channel(plane, url);
  await plane.close();
  const rows = (change = '') => {
    const database = new DatabaseSync(join(dir, 'postern.db'));
    if (change !== '') database.exec(change);
    const found = ['notice_channels', 'secrets', 'audit_events'].map((table) =>
      JSON.stringify(database.prepare(`SELECT * FROM ${table}`).all()),
    );
    database.close();
    return found.join('\n');
  };
  assert.ok(!rows().includes('very-secret'));
  const before = JSON.stringify({ kind: 'webhook', url, mayBePrivate: true });
  const clear = rows(
    `UPDATE notice_channels SET target = '${before}'; DELETE FROM secrets WHERE purpose = 'webhook_url'`,
  );
  assert.ok(clear.includes('very-secret'));

  for (let starts = 0; starts < 2; starts++) {
    const { plane: again } = await started(t, { dir });
    assert.deepEqual(again.noticeChannels.list(BY)[0]?.target, {
      kind: 'webhook',
      url,
      mayBePrivate: true,
    });
    if (starts === 1) await again.noticeChannels.remove(id, BY);
    await again.close();
    assert.ok(!rows().includes('very-secret'));
  }
  assert.ok(!rows().includes('webhook_url'));
});
