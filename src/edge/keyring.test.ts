import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { type TestContext, test } from 'node:test';
import { certificateId, instant } from '../domain/ids.ts';
import { createAuthority, type Issued, issueLeaf, validFor } from '../pki/issue.ts';
import { generateKey, type KeyType } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { Secret } from '../pki/secret.ts';
import { createKeyring } from './keyring.ts';

const TERMS = { check: { kind: 'none' }, compliance: 'none' } as const;
const validity = validFor(instant(Date.now()), 86_400_000);
const ids = [1, 2, 3].map((count) => certificateId(`00000000-0000-4000-8000-00000000000${count}`) ?? assert.fail());
const [ONE, TWO, THREE] = ids as [(typeof ids)[0], (typeof ids)[0], (typeof ids)[0]];

async function authority(name: string) {
  const profile = PROFILES.pullRoot;
  return createAuthority({ profile, subject: { commonName: name }, key: await generateKey(), validity });
}

async function identity(under: Issued, type?: KeyType) {
  const request = { profile: PROFILES.pullLeaf, subject: { commonName: 'client' }, validity };
  const issued = issueLeaf(under, { ...request, key: await generateKey(type) });
  return { ...issued, sent: issued.certificate.pem + under.certificate.pem };
}

/** Says which certificates a context presents: its own, then those that go with it. */
async function presented(t: TestContext, context: SecureContext | null): Promise<readonly string[]> {
  assert.ok(context !== null);
  const server = await identity(await authority('server'));
  const options = { cert: server.certificate.pem, key: server.key.reveal() };
  const listener = createServer({ ...options, requestCert: true, rejectUnauthorized: false });
  t.after(() => listener.close());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', secureContext: context, rejectUnauthorized: false });
  const [peer] = (await once(listener, 'secureConnection')) as [TLSSocket];
  const leaf = peer.getPeerCertificate(true);
  socket.destroy();
  peer.destroy();
  const prints = [leaf.fingerprint256, leaf.issuerCertificate.fingerprint256];
  return prints.map((print) => print.replaceAll(':', '').toLowerCase());
}

test('each certificate is presented with its own issuers, whichever came before it', async (t) => {
  const [first, second] = [await authority('first'), await authority('second')];
  const keyring = createKeyring();
  const made = [
    [ONE, await identity(first), first],
    [TWO, await identity(second, 'rsa:2048'), second],
    [THREE, await identity(second, 'ec:P-384'), second],
  ] as const;
  for (const [id, { sent, key }] of made) keyring.put(id, sent, key);
  for (const [id, { certificate }, issuer] of made) {
    const shown = await presented(t, keyring.context(id, TERMS));
    assert.deepEqual(shown, [certificate.fingerprint, issuer.certificate.fingerprint]);
  }
});

test('PEM that another program wrote is presented, too', async (t) => {
  const root = await authority('root');
  const { certificate, key, sent } = await identity(root);
  const keyring = createKeyring();
  const odd = (text: string) => `\n${text.replaceAll('\n', '\r\n')}`;
  keyring.put(ONE, odd(sent), new Secret(odd(key.reveal())));
  const shown = await presented(t, keyring.context(ONE, TERMS));
  assert.deepEqual(shown, [certificate.fingerprint, root.certificate.fingerprint]);
});

test('the same key told again costs nothing, another one replaces it, a dropped one is gone', async () => {
  const root = await authority('root');
  const [one, other] = [await identity(root), await identity(root)];
  const keyring = createKeyring();
  keyring.put(ONE, one.sent, one.key);
  const before = keyring.context(ONE, TERMS);
  keyring.put(ONE, one.sent, new Secret(one.key.reveal()));
  assert.equal(keyring.context(ONE, TERMS), before);
  keyring.put(ONE, other.sent, other.key);
  assert.notEqual(keyring.context(ONE, TERMS), before);
  keyring.drop(ONE);
  assert.equal(keyring.context(ONE, TERMS), null);
});
