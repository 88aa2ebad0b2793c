import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextRound } from 'node:timers/promises';
import { readBackup } from '../backup/backup-file.ts';
import { createApiServer } from '../server.ts';
import { codes, idOf, NOW, type StartedApi, startApi, textOf } from './api.fixture.ts';

const BACKUPS = '/postern/v1/backups';

async function bearer({ call }: StartedApi, rights: object): Promise<string> {
  const { result } = await call('POST', '/postern/v1/tokens', { name: 'one', zones: 'all', ...rights });
  return `Bearer ${textOf(result['token'])}`;
}

/** Asks over a real connection, and reads nothing yet. */
async function ask(t: TestContext, address: string, authorization: string) {
  const asking = request(`${address}${BACKUPS}`, { method: 'POST', headers: { authorization } });
  t.after(() => asking.destroy());
  asking.on('error', () => undefined).end();
  const [answer] = await once(asking, 'response');
  return { asking, answer };
}

test('a backup is a file that nobody keeps by the way, and its first line says what it is', async (t) => {
  const api = await startApi(t, { version: '1.2.3' });
  await api.zone();
  const headers = { authorization: await bearer(api, { permissions: ['backup:read'] }) };
  const answer = await api.app.inject({ method: 'POST', url: BACKUPS, headers });
  assert.equal(answer.statusCode, 200);
  const { header, body } = await readBackup(
    (async function* () {
      yield answer.rawPayload;
    })(),
  );
  assert.deepEqual([header.revision, header.program_version], [1, '1.2.3']);
  for await (const bytes of body) assert.ok(bytes.length > 1000);
  const { 'content-type': type, 'content-disposition': name, 'cache-control': cached } = answer.headers;
  assert.deepEqual([type, cached], ['application/octet-stream', 'no-store']);
  assert.match(String(name), /^attachment; filename="postern-\d{8}T\d{6}Z-r1\.backup"$/);
  const { result } = await api.call('GET', '/postern/v1/audit?action=take_backup');
  const [entry] = result;
  assert.equal(entry?.['actor']?.['name'], 'one');
});

test('only a token of all zones and accounts that may take backups gets one', async (t) => {
  const api = await startApi(t);
  const zone = await api.zone();
  const account = idOf((await api.call('POST', '/accounts', { name: 'Shop' })).result);
  for (const rights of [
    { permissions: ['audit:read', 'zone:edit', 'tokens:edit', 'ssl:edit'] },
    { permissions: ['*'], zones: [zone] },
    { permissions: ['backup:read'], zones: [zone] },
    { permissions: ['*'], accounts: [account] },
    { permissions: ['backup:read'], accounts: [account] },
  ]) {
    const refused = await api.call('POST', BACKUPS, undefined, { authorization: await bearer(api, rights) });
    assert.deepEqual([refused.status, codes(refused)], [403, [9109]], JSON.stringify(rights));
  }
  assert.equal((await api.app.inject({ method: 'POST', url: BACKUPS })).statusCode, 401);
  const query = await api.call('POST', `${BACKUPS}?zone=x`);
  assert.equal(query.status, 400);
  assert.deepEqual([...(await api.call('GET', '/postern/v1/audit?action=take_backup')).result], []);
});

test('nobody can give a right to backups that they have not themselves', async (t) => {
  const api = await startApi(t);
  const authorization = await bearer(api, { permissions: ['tokens:edit', 'zone:read'] });
  const wanted = { name: 'more', permissions: ['backup:read'], zones: 'all' };
  assert.equal((await api.call('POST', '/postern/v1/tokens', wanted, { authorization })).status, 403);
  assert.equal((await api.call('POST', '/postern/v1/tokens', { ...wanted, permissions: ['backup:edit'] })).status, 400);
});

test('a second one is refused while somebody reads the first, and taken when that one has left', async (t) => {
  const api = await startApi(t);
  await api.zone();
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const authorization = `Bearer ${api.token}`;
  // As if the network were slow: so small a backup would have left already.
  const slow = await api.plane.takeBackup({ actor: { token: 'slow', from: '' }, version: '0' });
  const refused = await api.call('POST', BACKUPS);
  assert.deepEqual([refused.status, codes(refused)], [429, [10432]]);
  if (slow.kind === 'backup') slow.bytes.destroy();
  const { asking, answer } = await ask(t, address, authorization);
  assert.equal(answer.statusCode, 200);
  const closed = new Promise((resolve) => answer.on('error', () => undefined).on('close', resolve));
  asking.destroy();
  await closed;
  await taken(api);
});

test('whoever leaves while the copy is made keeps nobody waiting', async (t) => {
  const api = await startApi(t);
  await api.zone();
  let asking: ClientRequest | null = null;
  const gone: Promise<unknown>[] = [];
  const copied = Promise.withResolvers<string>();
  const takeBackup: typeof api.plane.takeBackup = async (asked) => {
    asking?.destroy();
    await Promise.all(gone);
    const outcome = await api.plane.takeBackup(asked);
    copied.resolve(outcome.kind);
    return outcome;
  };
  const plane = Object.create(api.plane, { takeBackup: { value: takeBackup } });
  const app = createApiServer({ plane, clock: () => NOW, log: () => undefined });
  t.after(() => app.close());
  app.server.on('connection', (socket) => gone.push(once(socket, 'close')));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  asking = request(`${address}${BACKUPS}`, { method: 'POST', headers: { authorization: `Bearer ${api.token}` } });
  asking.on('error', () => undefined).end();
  assert.equal(await copied.promise, 'backup');
  await taken(api);
});

/** Asks until the turn of who was before has ended. */
async function taken({ app, token }: StartedApi): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  for (;;) {
    const { statusCode } = await app.inject({ method: 'POST', url: BACKUPS, headers });
    if (statusCode === 200) return;
    assert.equal(statusCode, 429);
    // A refusal by itself waits for nothing that lets others run.
    await nextRound();
  }
}
