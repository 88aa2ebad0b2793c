import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { hostname, type Instant, instant, type ZoneId, zoneId } from '../domain/ids.ts';
import { bundleSha256, readBundle, writeBundle } from './bundle.ts';
import { verifyPath } from './chain.ts';
import { createAuthority, type Issued, issueLeaf, validFor } from './issue.ts';
import { generateKey } from './keys.ts';
import { PkiError } from './pki-error.ts';
import { PROFILES } from './profiles.ts';
import { createSharedAuthority, createZoneAuthority, issueIdentity, sharedUri, zoneUri } from './zone-authority.ts';

const DAY = 86_400_000;
// TLS looks at the real clock.
const NOW = instant(Math.floor(Date.now() / 1000) * 1000);
const INSTALLATION = 'edge-1.test';

function zone(digit: string): ZoneId {
  return zoneId(digit.repeat(32)) ?? assert.fail();
}

async function makeZone(digit: string, name: string, now: Instant = NOW) {
  const id = zone(digit);
  const zoneName = hostname(name) ?? assert.fail();
  const authority = await createZoneAuthority({ installation: INSTALLATION, zone: id, zoneName, now });
  const request = { uri: zoneUri(INSTALLATION, id), dnsNames: [zoneName], now };
  return { authority, request, identity: await issueIdentity(authority.intermediate, request) };
}

const MINE = await makeZone('a', 'mine.test');
const NEIGHBOUR = await makeZone('b', 'neighbour.test');

test('a TLS server with the bundle of a zone lets its identity in and no neighbour', async () => {
  const validity = validFor(NOW, DAY);
  const subject = { commonName: 'origin' };
  const serverRoot = createAuthority({ profile: PROFILES.serverRoot, subject, key: await generateKey(), validity });
  const server = issueLeaf(serverRoot, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'origin leaf' },
    key: await generateKey(),
    validity,
    names: [{ kind: 'dns', value: 'origin.test' }],
  });
  const listener = createServer(
    {
      cert: server.certificate.pem,
      key: server.key.reveal(),
      ca: writeBundle([MINE.authority.root.certificate]),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => socket.end('welcome'),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const call = async (identity: Issued): Promise<string> => {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port,
      servername: 'origin.test',
      ca: serverRoot.certificate.pem,
      cert: [identity.certificate, ...identity.chain].map(({ pem }) => pem).join(''),
      key: identity.key.reveal(),
    });
    socket.setEncoding('utf8');
    let heard = '';
    try {
      for await (const chunk of socket) heard += String(chunk);
      return heard;
    } catch {
      // A reset instead of an alert and FIN: refused all the same.
      return heard;
    }
  };
  try {
    assert.equal(await call(MINE.identity), 'welcome');
    assert.equal(await call(NEIGHBOUR.identity), '');
  } finally {
    listener.close();
  }
});

test('a zone’s path leads to its own root only', () => {
  const { certificate, chain } = MINE.identity;
  for (const [{ authority }, kind] of [
    [MINE, 'verified'],
    [NEIGHBOUR, 'failed'],
  ] as const) {
    const rules = { offered: chain, anchors: [authority.root.certificate], purpose: 'client' } as const;
    assert.equal(verifyPath(certificate, rules, NOW).kind, kind);
  }
  assert.deepEqual(certificate.uris, [`postern://${INSTALLATION}/zone/${'a'.repeat(32)}`]);
  assert.deepEqual(certificate.dnsNames, ['mine.test']);
});

test('the intermediate of a zone cannot vouch for another zone’s hostname', async () => {
  const strayed = await issueIdentity(MINE.authority.intermediate, NEIGHBOUR.request);
  const rules = { offered: strayed.chain, anchors: [MINE.authority.root.certificate], purpose: 'client' } as const;
  const outcome = verifyPath(strayed.certificate, rules, NOW);
  assert.equal(outcome.kind === 'failed' && outcome.because, 'name_not_permitted');
});

test('the shared authority vouches without constraints', async () => {
  const { root, intermediate } = await createSharedAuthority({ installation: INSTALLATION, now: NOW });
  const shared = await issueIdentity(intermediate, { uri: sharedUri(INSTALLATION), now: NOW, keyType: 'rsa:2048' });
  const rules = { offered: shared.chain, anchors: [root.certificate], purpose: 'client' } as const;
  assert.equal(verifyPath(shared.certificate, rules, NOW).kind, 'verified');
  assert.equal(shared.certificate.keyType, 'rsa:2048');
  assert.deepEqual(shared.certificate.uris, ['postern://edge-1.test/shared']);
});

test('lifetimes are ten years, five, and thirty days held between a day and a year', async () => {
  const { authority, identity, request } = MINE;
  assert.equal(authority.root.certificate.notAfter - NOW, 3650 * DAY);
  assert.equal(authority.intermediate.certificate.notAfter - NOW, 1825 * DAY);
  assert.equal(identity.certificate.notAfter - NOW, 30 * DAY);
  assert.equal(identity.certificate.notBefore, NOW - 3_600_000);
  for (const [wished, given] of [
    [1, DAY],
    [90 * DAY, 90 * DAY],
    [9999 * DAY, 365 * DAY],
  ] as const) {
    const { certificate } = await issueIdentity(authority.intermediate, { ...request, lifetime: wished });
    assert.equal(certificate.notAfter - NOW, given);
  }
});

test('a leaf does not outlive its issuer', async () => {
  const late = instant(NOW + 1820 * DAY);
  const { certificate } = await issueIdentity(MINE.authority.intermediate, { ...MINE.request, now: late });
  assert.equal(certificate.notAfter, MINE.authority.intermediate.certificate.notAfter);
});

test('a zone name too long for a common name does not stop its authority', async () => {
  const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.test`;
  const { authority } = await makeZone('c', name);
  assert.match(authority.root.certificate.subject, new RegExp(`CN=pull root ${'c'.repeat(32)}`));
  assert.deepEqual(readBundle(writeBundle([authority.root.certificate])), [authority.root.certificate]);
  assert.match(bundleSha256(authority.root.certificate.pem), /^[0-9a-f]{64}$/);
});

test('an installation that cannot be the host of a URI is refused', () => {
  for (const bad of ['', 'a b', 'a/b', '127.0.0.1', 'ä.test']) {
    assert.throws(() => zoneUri(bad, zone('a')), PkiError, bad);
  }
});
