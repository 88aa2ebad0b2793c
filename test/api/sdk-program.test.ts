/** The official SDK, unmodified, against the program as it is shipped: over HTTP, and over TLS. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import Cloudflare from 'cloudflare';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { startPostern } from '../scenarios/postern.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { signingRequest } from '../support/signing-request.ts';
import { all } from './control.ts';

/** Everything that somebody does with a zone, from its creation to its end. */
async function lifeCycle(client: Cloudflare): Promise<void> {
  const zone = await client.zones.create({ account: {}, name: 'life.test' });
  const zone_id = zone.id;
  await records(client, zone_id);
  await globalLevel(client, zone_id);
  await zoneLevel(client, zone_id);
  await hostnameLevel(client, zone_id);
  await otherCertificates(client, zone_id);
  assert.deepEqual(await client.zones.delete({ zone_id }), { id: zone_id });
  await assert.rejects(client.zones.get({ zone_id }), Cloudflare.NotFoundError);
  await assert.rejects(client.originTLSClientAuth.settings.get({ zone_id }), Cloudflare.NotFoundError);
}

async function records(client: Cloudflare, zone_id: string): Promise<void> {
  const draft = { zone_id, type: 'A', name: 'www', ttl: 1, content: '127.0.0.1', proxied: true } as const;
  const created = await client.dns.records.create(draft);
  assert.deepEqual(await all(client.dns.records.list({ zone_id, name: { exact: 'www.life.test' } })), [created]);
  const replaced = await client.dns.records.update(created.id, { ...draft, content: '127.0.0.2' });
  assert.deepEqual([replaced.id, replaced.content], [created.id, '127.0.0.2']);
  const other = await client.dns.records.create({ ...draft, name: 'gone' });
  assert.deepEqual(await client.dns.records.delete(other.id, { zone_id }), { id: other.id });
}

async function globalLevel(client: Cloudflare, zone_id: string): Promise<void> {
  for (const value of ['on', 'off'] as const) {
    await client.zones.settings.edit('tls_client_auth', { zone_id, value });
    const setting = await client.zones.settings.get('tls_client_auth', { zone_id });
    assert.equal('value' in setting && setting.value, value);
  }
}

async function zoneLevel(client: Cloudflare, zone_id: string): Promise<void> {
  const { zoneCertificates, settings } = client.originTLSClientAuth;
  assert.deepEqual(await settings.get({ zone_id }), { enabled: false });
  const first = await upload('zone level');
  const created = await zoneCertificates.create({ zone_id, ...first });
  assert.deepEqual([created.status, created.certificate], ['active', first.certificate]);
  assert.deepEqual(await settings.update({ zone_id, enabled: true }), { enabled: true });
  // A rotation as the vendor's guide has it: upload, wait for active, delete the old one.
  const second = await zoneCertificates.create({ zone_id, ...(await upload('zone level, renewed')) });
  assert.equal((await zoneCertificates.get(second.id ?? '', { zone_id })).status, 'active');
  assert.equal((await zoneCertificates.delete(created.id ?? '', { zone_id })).status, 'deleted');
  const left = await all(zoneCertificates.list({ zone_id }));
  assert.deepEqual(
    left.map(({ id }) => id),
    [second.id],
  );
  await settings.update({ zone_id, enabled: false });
}

async function hostnameLevel(client: Cloudflare, zone_id: string): Promise<void> {
  const { hostnames, hostnameCertificates } = client.originTLSClientAuth;
  const hostname = 'www.life.test';
  await assert.rejects(hostnames.get(hostname, { zone_id }), Cloudflare.NotFoundError);
  const { id: cert_id = '' } = await hostnameCertificates.create({ zone_id, ...(await upload('hostname level')) });
  for (const enabled of [true, false]) {
    await hostnames.update({ zone_id, config: [{ hostname, cert_id, enabled }] });
    const read = await hostnames.get(hostname, { zone_id });
    assert.deepEqual(
      [read.cert_id, read.enabled, read.status, read.cert_status],
      [cert_id, enabled, 'active', 'active'],
    );
  }
  await hostnames.update({ zone_id, config: [{ hostname, cert_id, enabled: null }] });
  assert.equal((await hostnameCertificates.delete(cert_id, { zone_id })).status, 'deleted');
  assert.deepEqual(await all(hostnameCertificates.list({ zone_id })), []);
}

async function otherCertificates(client: Cloudflare, zone_id: string): Promise<void> {
  const servers = await serverAuthority();
  const trusted = await client.acm.customTrustStore.create({ zone_id, certificate: servers.ca });
  assert.deepEqual(await client.acm.customTrustStore.delete(trusted.id ?? '', { zone_id }), { id: trusted.id });

  const { cert, key } = await servers.issue(['www.life.test']);
  const shown = await client.customCertificates.create({ zone_id, certificate: cert, private_key: key });
  assert.equal((await client.customCertificates.get(shown.id, { zone_id })).status, 'active');
  assert.deepEqual(await client.customCertificates.delete(shown.id, { zone_id }), { id: shown.id });

  const request_type = 'origin-ecc';
  const issued = await client.originCACertificates.create({
    csr: signingRequest('life.test'),
    hostnames: ['life.test'],
    request_type,
  });
  assert.equal((await all(client.originCACertificates.list({ zone_id }))).length, 1);
  assert.equal((await client.originCACertificates.delete(issued.id ?? '')).id, issued.id);
}

async function upload(name: string) {
  const { credential } = await clientAuthority(name);
  return { certificate: credential.cert, private_key: credential.key };
}

describe('SDK against postern up: a zone lives and ends, at all levels', () => {
  test('over HTTP', async () => {
    await using postern = await startPostern();
    const options = { apiToken: postern.token, baseURL: `${postern.base}/client/v4`, maxRetries: 0 };
    const client = new Cloudflare(options);
    assert.equal((await client.user.tokens.verify()).status, 'active');
    await lifeCycle(client);
  });

  test('over TLS, with e-mail and key', async (t) => {
    using scratch = scratchDirectory();
    const authority = await serverAuthority();
    const { cert, key } = await authority.issue(['localhost']);
    const files = { cert: join(scratch.path, 'cert.pem'), key: join(scratch.path, 'key.pem') };
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key, { mode: 0o600 });
    const usual = getCACertificates();
    setDefaultCACertificates([authority.ca]);
    t.after(() => setDefaultCACertificates(usual));
    const argv = ['--api', ':0', '--api-cert', files.cert, '--api-key', files.key, '--legacy-key'];
    await using postern = await startPostern({ argv });
    assert.match(postern.base, /^https:/);
    const made = await postern.call<{ token: string }>('POST', '/postern/v1/tokens', {
      name: 'old client',
      permissions: ['*'],
      zones: 'all',
      email: 'ops@life.test',
    });
    const options = { apiToken: null, apiEmail: 'ops@life.test', apiKey: made.result.token, maxRetries: 0 };
    await lifeCycle(new Cloudflare({ ...options, baseURL: `${postern.base}/client/v4` }));
  });
});
