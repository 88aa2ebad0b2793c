import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { lookup } from 'node:dns';
import { test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { instant } from '../../domain/ids.ts';
import { createAuthority, issueLeaf, validFor } from '../../pki/issue.ts';
import { generateKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { addressPolicy } from '../../pull/address-policy.ts';
import { callWebhook } from './webhook.ts';

const MEANS = { addresses: addressPolicy([]), lookup, signal: new AbortController().signal };

test('over TLS a webhook must show a certificate for its name that can be verified', async (t) => {
  const validity = validFor(instant(Date.now()), 86_400_000);
  const subject = { commonName: 'hooks' };
  const ca = createAuthority({ profile: PROFILES.serverRoot, subject, validity, key: await generateKey() });
  const names = [{ kind: 'dns', value: 'localhost' }] as const;
  const leaf = issueLeaf(ca, { profile: PROFILES.serverLeaf, subject, validity, key: await generateKey(), names });
  const bodies: string[] = [];
  const server = createServer({ cert: leaf.certificate.pem, key: leaf.key.reveal() }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const call = { mayBePrivate: true, fields: {}, body: '{"a":"ä"}' };
  const to = (host: string) => callWebhook({ ...call, url: `https://${host}:${port}/` }, MEANS);
  assert.deepEqual(await to('localhost'), { failure: 'tls', status: null });
  const usual = getCACertificates('default');
  setDefaultCACertificates([...usual, ca.certificate.pem]);
  t.after(() => setDefaultCACertificates(usual));
  assert.deepEqual(await to('localhost'), { failure: null, status: 200 });
  const { address } = server.address() as AddressInfo;
  const other = address.includes(':') ? `[${address}]` : address;
  assert.deepEqual(await to(other), { failure: 'tls', status: null }, 'the certificate is for the name alone');
  assert.deepEqual(bodies, ['{"a":"ä"}']);
});

test('a name that nobody knows has no address', async () => {
  const unknown: typeof MEANS = {
    ...MEANS,
    lookup: ((_name: string, _options: object, done: (error: Error) => void) =>
      done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))) as typeof lookup,
  };
  const call = { url: 'https://hooks.example.test/', mayBePrivate: true, fields: {}, body: '' };
  assert.deepEqual(await callWebhook(call, unknown), { failure: 'unresolvable', status: null });
});
