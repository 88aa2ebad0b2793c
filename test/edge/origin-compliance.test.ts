import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { SecureContextOptions } from 'node:tls';
import { COMPLIANCE_SETS, type Compliance } from '../../src/domain/compliance.ts';
import { hostname, instant } from '../../src/domain/ids.ts';
import { createAuthority, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { visit } from './visit.ts';
import { host, makeZone, must, serverCertificate, startOrigin, startTestEdge } from './world.ts';

/** What limits the key exchange between edge and origin, against origins that offer one way alone. */

const WWW = must(hostname('www.a.test'));

/** An edge with one origin that offers only this: the status of a pull under each set of modes. */
async function world(t: TestContext, offers: SecureContextOptions) {
  const zone = await makeZone('a.test');
  // Under TLS 1.2 the groups also bind certificates of clients, so none is asked for.
  const server = createServer({ ...(await rsaCertificate()), ...offers }, (_, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const edge = await startTestEdge(t, [zone]);
  const status = async (compliance: Compliance): Promise<number> => {
    edge.change(zone, { ...zone.rules, compliance }, [host(WWW, { https: port })]);
    return (await visit(edge.https, 'www.a.test')).status;
  };
  return { edge, status };
}

/** RSA, because only that goes with all key exchanges of TLS 1.2. */
async function rsaCertificate() {
  const { certificate, key } = createAuthority({
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'origin' },
    key: await generateKey('rsa:2048'),
    validity: validFor(instant(Date.now()), 86_400_000),
  });
  return { cert: certificate.pem, key: key.reveal() };
}

/** Which sets of modes an origin that offers only this is pulled from under. */
const ORIGINS: readonly (readonly [string, SecureContextOptions, readonly Compliance[]])[] = [
  ['X25519', { ecdhCurve: 'X25519' }, ['none']],
  ['P-256', { ecdhCurve: 'P-256' }, ['none', 'fips']],
  ['X25519MLKEM768', { ecdhCurve: 'X25519MLKEM768' }, ['none', 'pqh']],
  ['SecP256r1MLKEM768', { ecdhCurve: 'SecP256r1MLKEM768' }, ['fips', 'pqh', 'fips_pqh']],
  ['SecP384r1MLKEM1024', { ecdhCurve: 'SecP384r1MLKEM1024' }, ['fips', 'pqh', 'fips_pqh']],
  ['X25519 under TLS 1.2', { ecdhCurve: 'X25519', maxVersion: 'TLSv1.2' }, ['none']],
  ['P-384 under TLS 1.2', { ecdhCurve: 'P-384', maxVersion: 'TLSv1.2' }, ['none', 'fips']],
  ['DHE', { ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2', dhparam: 'auto' }, ['none']],
  ['RSA', { ciphers: 'AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }, ['none']],
];

for (const [name, offers, accepted] of ORIGINS) {
  test(`an origin that offers only ${name} is pulled from under ${accepted.join(', ')}`, async (t) => {
    const { edge, status } = await world(t, offers);
    for (const compliance of COMPLIANCE_SETS) {
      const expected = accepted.includes(compliance) ? 200 : 525;
      assert.equal(await status(compliance), expected, `${compliance}: ${JSON.stringify(edge.logged.at(-1))}`);
    }
  });
}

test('the log of a refused handshake names the modes and what they allow', async (t) => {
  const { edge, status } = await world(t, { ecdhCurve: 'X25519' });
  assert.equal(await status('fips_pqh'), 525);
  const failure = edge.logged.find(({ event }) => event === 'pull_failed');
  assert.equal(failure?.['code'], 'handshake_failed');
  assert.match(
    String(failure?.['detail']),
    /origin_tls_compliance_modes \(fips, pqh\) allows only the key exchanges SecP256r1MLKEM768, SecP384r1MLKEM1024$/,
  );
});

test('a standing connection and its session are not used any more once limits are set', async (t) => {
  const { status } = await world(t, { ecdhCurve: 'X25519' });
  assert.deepEqual([await status('none'), await status('fips'), await status('none')], [200, 525, 200]);
});

test('the certificate of the zone is shown under limits as without', async (t) => {
  const zone = await makeZone('a.test');
  const origin = await startOrigin(t, zone.authority, await serverCertificate(['*.a.test']));
  const edge = await startTestEdge(t, [zone]);
  for (const compliance of ['none', 'fips', 'pqh'] as const) {
    edge.change(zone, { ...zone.rules, compliance }, [host(WWW, { https: origin.port })]);
    assert.equal((await visit(edge.https, 'www.a.test')).status, 200, compliance);
  }
  assert.deepEqual(
    origin.seen.map(({ subject }) => subject),
    Array(3).fill(`pull ${zone.id}`),
  );
});
