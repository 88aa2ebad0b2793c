import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { after, before, test } from 'node:test';
import { serverAuthority } from './authorities.ts';
import { newestRotation, rotationUntil, startRotation } from './four-origins.ts';
import { type Postern, startPostern } from './postern.ts';
import { run } from './program.ts';
import { addRecord, createZone, statusOf, visit, zonePull } from './site.ts';

/** Two servers behind one address of one hostname, told apart by nothing but the name in the handshake. */

const HOST = 'www.named.test';
const [GOOD, STALE] = ['good.named.test', 'stale.named.test'];

let postern: Postern;
before(async () => {
  postern = await startPostern();
});
after(() => postern?.[Symbol.asyncDispose]());

test('of two servers behind one address the one that refuses the new root holds back nobody but itself', async (t) => {
  const authority = await serverAuthority();
  const zone = await createZone(postern, 'named.test', authority);
  await zonePull(postern, zone, true);
  const bundle = async () =>
    (await fetch(`${postern.base}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`)).text();
  const own = await authority.issue([GOOD, STALE]);
  const old = await bundle();
  const server = createServer({ ...own, ca: old, requestCert: true, rejectUnauthorized: true }, (_request, response) =>
    response.end('ok'),
  );
  for (const name of [GOOD, STALE]) server.addContext(name, { ...own, ca: old });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  assert.ok(at !== null && typeof at === 'object');
  for (const [http_port, server_name] of [GOOD, STALE].entries()) {
    const origin = { https_port: at.port, http_port: http_port + 1, server_name };
    await addRecord(postern, zone, { name: HOST, origin });
  }

  await startRotation(postern, zone, { what: 'root' });
  // The last context that was added for a name is the one that counts.
  server.addContext(GOOD, { ...own, ca: await bundle() });
  await rotationUntil(
    postern,
    zone,
    'one is switched',
    ({ phase, counts }) => phase === 'switching' && counts.held === 1,
  );
  const { origins } = await newestRotation(postern, zone);
  const seen = (name: string) => {
    const { hostname, shows, finding } = origins.find(({ server_name }) => server_name === name) ?? assert.fail(name);
    return [hostname, shows, finding];
  };
  assert.deepEqual(seen(GOOD), [HOST, 'new', 'proved']);
  assert.deepEqual(seen(STALE), [HOST, 'old', 'refused']);
  for (let visits = 0; visits < 4; visits++) assert.equal(statusOf(await visit(postern, HOST)), 200);

  const shown = await run(['rotations', 'show', '--data', postern.dir, '--zone', 'named.test']);
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`${HOST} at 127.0.0.1:${at.port} as ${STALE}\\n.*refuses`));

  server.addContext(STALE, { ...own, ca: await bundle() });
  await rotationUntil(postern, zone, 'both are switched', ({ counts }) => counts.switched === 2);
});
