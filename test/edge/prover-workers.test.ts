import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { Feed } from '../../src/control/feed.ts';
import { turns } from '../../src/control/turns.ts';
import type { EdgeZoneDelta } from '../../src/domain/edge-zone.ts';
import { hostname, revision } from '../../src/domain/ids.ts';
import { DEFAULT_EDGE_SETTINGS } from '../../src/edge/edge-settings.ts';
import { startSupervisor } from '../../src/edge/workers/supervisor.ts';
import type { FeedMessage } from '../../src/wire/feed.ts';
import { anotherIdentity, inWords, task } from './proofs.ts';
import { until } from './until.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, type TestZone } from './world.ts';

/** Proofs and counts of edges that are processes of their own, by the control plane's feed. */

type Test = Parameters<typeof import('./world.ts').startTestEdge>[0];

const WORKERS = 2;
// Longer than all of this takes: what is silent then is a fault.
const WITHIN = 60_000;

async function startLocked(t: Test, trusted: readonly TestZone[]): Promise<number> {
  const { leaf } = await serverCertificate(['*.a.test']);
  const server = createServer(
    {
      cert: leaf.certificate.pem,
      key: leaf.key.reveal(),
      ca: trusted.map(({ authority }) => authority.root.certificate.pem),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (_request, response) => void response.end('ok'),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = server.address();
  return at !== null && typeof at === 'object' ? at.port : 0;
}

async function visitorCertificate({ id, name }: TestZone): Promise<FeedMessage> {
  const names = [name, `*.${name}`];
  const { certificate, key } = (await serverCertificate(names)).leaf;
  const { notBefore, notAfter } = certificate;
  const shown = { names, notBefore, notAfter, chain: certificate.pem, key: key.reveal() };
  return { kind: 'visitor_certificate', zone: id, certificate: null, ...shown };
}

test('workers look for themselves, at long lists too, and count what they pull', async (t) => {
  const zone = await makeZone('a.test');
  const foreign = await makeZone('a.test');
  const next = await anotherIdentity(zone, foreign.authority);
  const port = await startLocked(t, [zone]);
  const www = must(hostname('www.a.test'));
  const zones: readonly EdgeZoneDelta[] = [
    { zone: zone.id, rules: zone.rules, put: [host(www, { https: port })], dropped: [] },
  ];
  const keys = [zone.key, next.key, await visitorCertificate(zone)];
  const feed = new Feed({
    inTurn: turns(),
    current: () => revision(1),
    greeting: () => {
      const piece = [keys].values();
      return {
        keys: { next: () => Promise.resolve(piece.next()) },
        configuration: () => ({ revision: revision(1), zones }),
      };
    },
    log: () => undefined,
  });
  feed.origins.watch(zone.id, [zone.identity.certificate]);
  const supervisor = await startSupervisor({
    workers: WORKERS,
    https: { host: '127.0.0.1', port: 0 },
    http: null,
    own: [],
    settings: DEFAULT_EDGE_SETTINGS,
    log: () => undefined,
    connect: (link) => feed.connect(link),
  });
  t.after(() => supervisor.close(0));
  await supervisor.ready;

  const pair = { from: zone.identity.certificate, to: next.identity.certificate };
  const unknown = Array.from({ length: 450 }, () => task('unknown.a.test', port, pair));
  const seen = await feed.origins.prove(zone.id, [...unknown, task('www.a.test', port, pair)], WITHIN);
  assert.deepEqual([...seen.keys()].sort(), feed.origins.serving().toSorted());
  assert.equal(seen.size, WORKERS);
  for (const [name, saw] of seen) {
    assert.ok(saw !== 'silent', name);
    assert.equal(saw.length, 451);
    assert.deepEqual(saw.slice(-2).flatMap(inWords), [
      'the hostname is not served: unknown_hostname',
      'refused',
      '200',
      'refused',
    ]);
  }

  // As many visitors as there are workers, and more: what each of them counts comes together.
  const visits = Array.from({ length: 6 }, () => visit(supervisor.https.port, 'www.a.test'));
  for (const { status } of await Promise.all(visits)) assert.equal(status, 200);
  let answered = 0;
  await until(() => {
    for (const count of feed.origins.takeCounts(zone.id)) {
      assert.deepEqual(count.origin, {
        hostname: 'www.a.test',
        address: '127.0.0.1',
        port,
        serverName: null,
        hostHeader: null,
      });
      assert.equal(count.certificate, zone.identity.certificate);
      assert.equal(count.refused, 0);
      answered += count.answered;
    }
    return answered === 6;
  });
  feed.close();
});
