import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostname } from '../../src/domain/ids.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

/** Strict pulls from origins whose certificate the installation's Origin CA has signed. */

const WWW = must(hostname('www.a.test'));

async function world(t: Parameters<typeof startTestEdge>[0]) {
  const zone = await makeZone('a.test');
  const certificate = await serverCertificate(['*.a.test']);
  const origin = await startOrigin(t, zone.authority, certificate);
  const edge = await startTestEdge(t, [zone]);
  const strict = { ...zone.rules, ssl: 'strict', originCas: [], revokedOrigins: [] } as const;
  const status = async () => (await visit(edge.https, 'www.a.test')).status;
  edge.change(zone, strict, [host(WWW, { https: origin.port })]);
  return { zone, certificate, origin, edge, strict, status };
}

test('the root of the Origin CA is believed beside the public ones, from the moment on that the edge is told', async (t) => {
  const { zone, certificate, edge, strict, status } = await world(t);
  assert.equal(await status(), 526);
  edge.send({ kind: 'origin_ca', certificate: certificate.ca.pem });
  assert.equal(await status(), 200);
  const { ca: other } = await serverCertificate(['x.test']);
  edge.change(zone, { ...strict, originCas: [other] }, []);
  assert.equal(await status(), 526, 'where the zone has CAs of its own, only those count');
});

test('a revoked certificate is refused at once, on connections that stand as well', async (t) => {
  const { zone, certificate, origin, edge, strict, status } = await world(t);
  edge.send({ kind: 'origin_ca', certificate: certificate.ca.pem });
  assert.equal(await status(), 200);
  edge.change(zone, { ...strict, revokedOrigins: [certificate.leaf.certificate.fingerprint] }, []);
  assert.equal(await status(), 526);
  assert.equal(origin.seen.length, 1);
  edge.change(zone, { ...strict, revokedOrigins: [certificate.ca.fingerprint] }, []);
  assert.equal(await status(), 200, 'what is revoked is another one');
});
