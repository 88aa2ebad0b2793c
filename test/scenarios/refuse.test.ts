import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, visit, visitPlain, zonePull } from './site.ts';
import { until } from './until.ts';

const HOST = 'www.keyless.test';

/** A port that counts who connects, and says nothing. */
async function startCounter() {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return { port: (server.address() as AddressInfo).port, accepted: () => accepted, close: () => void server.close() };
}

describe('a level that is on, with its key missing from the store', () => {
  let scratch: Scratch;
  let postern: Postern;
  let zone: string;
  let counter: Awaited<ReturnType<typeof startCounter>>;

  before(async () => {
    scratch = scratchDirectory();
    counter = await startCounter();
    const dir = join(scratch.path, 'data');
    const first = await startPostern({ dir });
    zone = await createZone(first, 'keyless.test', null);
    await zonePull(first, zone, true);
    const ports = { https_port: counter.port, http_port: counter.port };
    await addRecord(first, zone, { name: HOST, origin: ports });
    assertStatus(await visit(first, HOST), 525, 'an origin that only counts');
    assert.equal(counter.accepted(), 1);
    first.signal('SIGTERM');
    assert.equal(await first.ended, 0);
    await first[Symbol.asyncDispose]();
    forgetClientKey(dir, zone);
    postern = await startPostern({ dir });
  });
  after(async () => {
    await postern?.[Symbol.asyncDispose]();
    counter?.close();
    scratch?.[Symbol.dispose]();
  });

  test('answers visitors with an error and never connects to the origin', async () => {
    const before = counter.accepted();
    const text = assertStatus(await visit(postern, HOST), 525, 'text');
    assert.match(text, /no usable client certificate/);
    const html = assertStatus(await visit(postern, HOST, { headers: [['Accept', 'text/html']] }), 525, 'html');
    assert.match(html, /^<!doctype html>/);
    const json = assertStatus(await visit(postern, HOST, { headers: [['Accept', 'application/json']] }), 525, 'json');
    const { error } = JSON.parse(json) as { readonly error: Record<string, unknown> };
    assert.equal(error['code'], 'key_missing');
    assert.equal(error['status'], 525);
    assertStatus(await visit(postern, HOST, { method: 'POST', body: Buffer.from('a body') }), 525, 'with a body');
    assert.equal(counter.accepted(), before, 'the origin was connected to');
  });

  test('names the cause in the log', async () => {
    const lines = await until('the refusals are logged', () => {
      const found = postern.logged('pull_refused');
      return found.length > 0 && found;
    });
    assert.deepEqual(
      new Set(lines.map((line) => `${line['host']} ${line['level']} ${line['because']}`)),
      new Set([`${HOST} zone key_missing`]),
    );
  });

  test('says in the API what the edge does, and why', async () => {
    const path = `/postern/v1/zones/${zone}/hostnames/${HOST}/plan`;
    const { result } = await postern.call<{ readonly https: { readonly kind: string; readonly because: string } }>(
      'GET',
      path,
    );
    assert.deepEqual(
      { kind: result.https.kind, because: result.https.because },
      { kind: 'refuse', because: 'key_missing' },
    );
  });

  test('is not fallen through to the global level, whose key is there', async () => {
    const before = counter.accepted();
    await postern.call('PATCH', `/zones/${zone}/settings/tls_client_auth`, { value: 'on' });
    assertStatus(await visit(postern, HOST), 525, 'with the global level on');
    assert.equal(counter.accepted(), before);
    assertStatus(await visitPlain(postern, HOST), 301, 'a plain visit is redirected, not pulled');
    assert.equal(counter.accepted(), before);
  });
});

function forgetClientKey(dir: string, zone: string): void {
  const store = new DatabaseSync(join(dir, 'postern.db'));
  const { changes } = store.prepare("DELETE FROM secrets WHERE purpose = 'client' AND zone = ?").run(zone);
  store.close();
  assert.equal(changes, 1);
}
