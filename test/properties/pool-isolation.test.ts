import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { SecureVersion, TLSSocket } from 'node:tls';
import fc from 'fast-check';
import type { Identity } from '../../src/domain/certificate.ts';
import { certificateId, hostname, instant } from '../../src/domain/ids.ts';
import { issueIdentity, zoneUri } from '../../src/pki/zone-authority.ts';
import { http2Host } from '../edge/http2-origin.ts';
import { visit } from '../edge/visit.ts';
import {
  host,
  makeZone,
  must,
  type RunningEdge,
  serverCertificate,
  startTestEdge,
  type TestZone,
} from '../edge/world.ts';

/** Whatever zones, names and rotations do in between, each request arrives with the identity of its own plan. */

const ZONES = ['a.test', 'b.test'] as const;
const HOSTS = ['www', 'api'] as const;

type Protocol = 'http1' | 'http2';

/** An origin that everybody shares, asks for a certificate, takes any, and tells by request which one came. */
async function startSharedOrigin(t: TestContext, version: SecureVersion, protocol: Protocol) {
  const { leaf } = await serverCertificate(ZONES.map((zone) => `*.${zone}`));
  const shown = new Map<string, string>();
  let resumed = 0;
  const tls = {
    cert: leaf.certificate.pem,
    key: leaf.key.reveal(),
    requestCert: true,
    rejectUnauthorized: false,
    maxVersion: version,
  };
  const saw = (path: string, socket: TLSSocket): void => {
    shown.set(path, fingerprintOf(socket));
    if (socket.isSessionReused()) resumed++;
  };
  // Some connections stay and are used again, others end and their sessions are resumed.
  const server =
    protocol === 'http2'
      ? createSecureServer(tls, (request, response) => {
          saw(request.url, request.stream.session?.socket as TLSSocket);
          response.end('ok');
          if (request.url.endsWith('/close')) request.stream.session?.close();
        })
      : createServer(tls, (request, response) => {
          saw(request.url ?? '', request.socket as TLSSocket);
          if (request.url?.endsWith('/close')) response.setHeader('connection', 'close');
          response.end('ok');
        });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, shown, resumed: () => resumed };
}

function fingerprintOf(socket: TLSSocket): string {
  return (socket.getPeerX509Certificate()?.fingerprint256 ?? 'none').replaceAll(':', '').toLowerCase();
}

/** A zone's next identity, by the same authority. */
async function rotate(edge: RunningEdge, zone: TestZone): Promise<Identity> {
  const installation = 'test.postern.internal';
  const uri = zoneUri(installation, zone.id);
  const issued = await issueIdentity(zone.authority.intermediate, { uri, now: instant(Date.now()) });
  const certificate = must(certificateId(randomUUID()));
  const chain = [issued.certificate, ...issued.chain].map(({ pem }) => pem).join('');
  edge.send({ kind: 'key', certificate, chain, key: issued.key.reveal() });
  const identity = { certificate, fingerprint: issued.certificate.fingerprint, notAfter: issued.certificate.notAfter };
  edge.change(zone, { ...zone.rules, zonePull: { kind: 'on', identity } }, []);
  return identity;
}

const STEP = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'visits' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rotate' as const), zone: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('off' as const), zone: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('back' as const), zone: fc.nat(1) }) },
);

const WAYS = [
  ['TLSv1.2', 'http1'],
  ['TLSv1.3', 'http1'],
  ['TLSv1.2', 'http2'],
  ['TLSv1.3', 'http2'],
] as const;

for (const [version, protocol] of WAYS) {
  test(`over ${version} and ${protocol}, no request ever arrives with another identity than its plan’s`, async (t) => {
    const zones = [await makeZone(ZONES[0]), await makeZone(ZONES[1])] as const;
    const origin = await startSharedOrigin(t, version, protocol);
    const edge = await startTestEdge(t, zones);
    const inForce = new Map<TestZone, string>();
    const back = (zone: TestZone): void => {
      const put = HOSTS.map((label) => {
        const name = must(hostname(`${label}.${zone.name}`));
        return protocol === 'http2' ? http2Host(origin.port, name) : host(name, { https: origin.port });
      });
      edge.change(zone, zone.rules, put);
      inForce.set(zone, zone.identity.fingerprint);
    };
    for (const zone of zones) back(zone);
    let count = 0;
    const visited = async (zone: TestZone, name: string, end: string): Promise<void> => {
      const path = `/${count++}/${end}`;
      const expected = inForce.get(zone);
      assert.equal((await visit(edge.https, `${name}.${zone.name}`, path)).status, 200);
      assert.equal(origin.shown.get(path), expected, `${name}.${zone.name} ${path}`);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 6, maxLength: 14 }), async (steps) => {
        for (const step of steps) {
          const zone = step.kind === 'visits' ? undefined : zones[step.zone];
          if (zone === undefined) {
            const ends = ['close', 'stay', 'close'];
            await Promise.all(zones.flatMap((one) => ends.map((end, at) => visited(one, HOSTS[at % 2] ?? 'www', end))));
          } else if (step.kind === 'rotate') inForce.set(zone, (await rotate(edge, zone)).fingerprint);
          else if (step.kind === 'back') back(zone);
          else {
            edge.change(zone, { ...zone.rules, zonePull: { kind: 'off' } }, []);
            inForce.set(zone, 'none');
          }
        }
      }),
      { numRuns: 8, endOnFailure: true },
    );
    assert.ok(origin.resumed() > 0, 'sessions were resumed on the way');
  });
}
