import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { pullCredentials } from '../support/pull-credentials.ts';

const NAME = 'www.example.test';
const PAGE = '<title>Orders</title><p>All the orders of all the customers, told one after the other at some length.';
/** One of the ports where applications are often found. */
const USUAL = 8080;

interface Told {
  readonly verdict: string;
  readonly targets: readonly { readonly connect: string; readonly door: string; readonly verdict: string }[];
  readonly findings: readonly { readonly code: string; readonly target: string | null }[];
  readonly checked: readonly { readonly probe: string; readonly target: string; readonly saw: string }[];
}

async function listening(t: TestContext, server: Server, port: number, address: string): Promise<number> {
  server.listen(port, address);
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** An address of this machine on which nobody listens: usual ports are not ours to choose. */
async function ownAddress(): Promise<string> {
  const part = () => 1 + Math.floor(Math.random() * 250);
  for (;;) {
    const address = `127.${part()}.${part()}.${part()}`;
    const server = createTcpServer().listen(USUAL, address);
    const [event] = await Promise.race([
      once(server, 'listening').then(() => ['listening']),
      once(server, 'error').then(() => ['error']),
    ]);
    if (event === 'error') continue;
    server.close();
    await once(server, 'close');
    return address;
  }
}

async function lockedSite(t: TestContext, address: string): Promise<number> {
  const people = await pullCredentials('example.test', Date.now());
  const { cert, key } = people.server;
  const server = createSecureServer({ cert, key, ca: people.bundle, requestCert: true, rejectUnauthorized: true });
  return listening(t, server, 0, address);
}

async function doctor(...argv: readonly string[]): Promise<Told> {
  const { stdout, stderr } = await run(['doctor', NAME, ...argv, '--format', 'json']);
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout) as Told;
}

test('an application at a usual port is found, and ports where nobody listens are no doors', async (t) => {
  const address = await ownAddress();
  const port = await lockedSite(t, address);
  const application = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  await listening(t, application, USUAL, address);
  t.after(() => application.closeAllConnections());

  const told = await doctor('--connect', `${address}:${port}`, '--usual-ports');
  assert.equal(told.verdict, 'open');
  const found = told.targets.find(({ connect }) => connect === `${address}:${USUAL}`);
  assert.deepEqual([found?.door, found?.verdict], ['other', 'open']);
  assert.ok(
    told.findings.some(
      ({ code, target }) => code === 'application_port' && target === `${NAME} at ${address}:${USUAL}`,
    ),
  );
  // Somebody else may listen on some of them for all addresses.
  const closed = told.checked.filter(({ probe }) => probe === 'TCP connection');
  assert.ok(closed.length > 0 && closed.every(({ saw }) => saw === 'nobody accepts it'));
  assert.ok(closed.every(({ target }) => !told.targets.some(({ connect }) => target.endsWith(` at ${connect}`))));

  const without = await doctor('--connect', `${address}:${port}`);
  assert.deepEqual(
    without.targets.map(({ connect }) => connect),
    [`${address}:${port}`],
  );
});
