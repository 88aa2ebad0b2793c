import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { X509Facts } from '../../src/domain/certificate.ts';
import { instant } from '../../src/domain/ids.ts';
import { readBundle } from '../../src/pki/bundle.ts';
import { readCertificationRequest } from '../../src/pki/csr.ts';
import { createAuthority, issueForKey, issueLeaf, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { needs } from '../support/availability.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { signingRequest } from '../support/signing-request.ts';
import { type Block, readDocument } from './markdown.ts';
import { bash } from './shell.ts';
import { idOf, startWorld, type World } from './world.ts';

const PAGE = readDocument('docs/api.md');
const [PREAMBLE, ...EXAMPLES] = PAGE.blocks;
const DAY = 86_400_000;

/** A client certificate with its issuer, and its key: each call makes another. */
async function clientCertificate(): Promise<{ readonly certificate: string; readonly private_key: string }> {
  const now = instant(Date.now());
  const subject = { commonName: 'pulls' };
  const root = { profile: PROFILES.pullRoot, subject, validity: validFor(now, 90 * DAY), key: await generateKey() };
  const ca = createAuthority(root);
  const leaf = issueLeaf(ca, {
    profile: PROFILES.pullLeaf,
    subject,
    validity: validFor(now, 60 * DAY),
    key: await generateKey(),
    names: [{ kind: 'dns', value: 'pulls.example.test' }],
  });
  return { certificate: leaf.certificate.pem + ca.certificate.pem, private_key: leaf.key.reveal() };
}

/** What the edge shows to visitors of www.example.test. */
async function visitorCertificate(): Promise<{ readonly certificate: string; readonly private_key: string }> {
  const validity = validFor(instant(Date.now()), 60 * DAY);
  const subject = { commonName: 'visitors' };
  const ca = createAuthority({ profile: PROFILES.serverRoot, subject, validity, key: await generateKey() });
  const names = [{ kind: 'dns', value: 'www.example.test' }] as const;
  const leaf = issueLeaf(ca, { profile: PROFILES.serverLeaf, subject, validity, key: await generateKey(), names });
  return { certificate: leaf.certificate.pem + ca.certificate.pem, private_key: leaf.key.reveal() };
}

function certificateRequest() {
  return {
    csr: signingRequest('www.example.test'),
    hostnames: ['www.example.test'],
    request_type: 'origin-ecc',
    requested_validity: 90,
  };
}

async function serverCa(): Promise<string> {
  const validity = validFor(instant(Date.now()), DAY);
  const subject = { commonName: 'origins' };
  return createAuthority({ profile: PROFILES.serverRoot, subject, validity, key: await generateKey() }).certificate.pem;
}

async function clientCa(): Promise<string> {
  const validity = validFor(instant(Date.now()), DAY);
  const subject = { commonName: 'staff' };
  return createAuthority({ profile: PROFILES.pullRoot, subject, validity, key: await generateKey() }).certificate.pem;
}

/** What a CA makes of a request of Postern's, with itself appended. */
async function signedBySomebody(csr: string): Promise<string> {
  const validity = validFor(instant(Date.now()), 60 * DAY);
  const subject = { commonName: 'house' };
  const ca = createAuthority({ profile: PROFILES.pullRoot, subject, validity, key: await generateKey() });
  const { spki } = readCertificationRequest(csr);
  return issueForKey(ca, spki, { profile: PROFILES.pullLeaf, subject, validity }).certificate.pem + ca.certificate.pem;
}

const HOOK = { name: 'ops', kind: 'webhook', url: 'https://hooks.example.test/postern' };
const BLOCK = { mode: 'block', configuration: { target: 'ip', value: '192.0.2.1' } };
const LIMIT = { match: { request: { url: '*' } }, threshold: 5, period: 60, action: { mode: 'simulate' } };

/** The CA that issues a zone's identities. */
async function authorityOf(api: string, zone: string): Promise<X509Facts> {
  const bundle = await fetch(`${api}/ssl/static/zones/${zone}/authenticated_origin_pull_ca.pem`);
  return readBundle(await bundle.text())[1] ?? assert.fail('the bundle holds root and intermediate');
}

/** A question to the OCSP responder, about a number that the CA has not issued. */
function ocspRequest(ca: X509Facts, place: string): Buffer {
  writeFileSync(join(place, 'authority.pem'), ca.pem);
  const args = ['ocsp', '-issuer', 'authority.pem', '-serial', '0x1234', '-no_nonce', '-reqout', 'request.der'];
  execFileSync('openssl', args, { cwd: place, stdio: 'ignore' });
  return readFileSync(join(place, 'request.der'));
}

/** A zone with one of everything, and the variables that name them. */
async function oneOfEach({ api, call, addZone }: World, here: string): Promise<Readonly<Record<string, string>>> {
  const { zone, record } = await addZone('example.test');
  const path = `/client/v4/zones/${zone}`;
  const upload = async (level: string) => idOf(await call('POST', path + level, await clientCertificate()));
  const named = await upload('/origin_tls_client_auth/hostnames/certificates');
  const config = [{ hostname: 'www.example.test', cert_id: named, enabled: true }];
  await call('PUT', `${path}/origin_tls_client_auth/hostnames`, { config });
  const asked = `/postern/v1/zones/${zone}/hostnames/www.example.test/visitor_authorities`;
  await call('PUT', asked, { certificates: await clientCa() });
  const account = idOf(await call('POST', '/client/v4/accounts', { name: 'Example' }));
  const forAccount = { name: 'y', permissions: ['dns:edit'], zones: 'all', accounts: [account] };
  const opening = { hostname: 'www.example.test', seconds: 60, reason: 'an example' };
  await call('POST', `/postern/v1/zones/${zone}/openings`, opening);
  const groups = await call('GET', '/client/v4/user/tokens/permission_groups?name=DNS%20Write');
  assert.ok(Array.isArray(groups));
  const request = await call('POST', `/postern/v1/zones/${zone}/certificate_requests`, {});
  const authority = await authorityOf(api, zone);
  return {
    REQUEST: idOf(request),
    CSR: String(Object(request)['csr']),
    ZONE: zone,
    AUTHORITY: authority.fingerprint,
    REQUEST_BASE64: encodeURIComponent(ocspRequest(authority, here).toString('base64')),
    RECORD: record,
    ACCOUNT: account,
    ACCOUNT_TOKEN: idOf(await call('POST', '/postern/v1/tokens', forAccount)),
    CA: idOf(await call('POST', `${path}/acm/custom_trust_store`, { certificate: await serverCa() })),
    GROUP: idOf(groups[0]),
    TOKEN_ID: idOf(await call('POST', '/postern/v1/tokens', { name: 'x', permissions: ['dns:edit'], zones: [zone] })),
    // One that no hostname names, so that it can be deleted.
    HOSTNAME_CERTIFICATE: await upload('/origin_tls_client_auth/hostnames/certificates'),
    ZONE_CERTIFICATE: await upload('/origin_tls_client_auth'),
    VISITOR: idOf(await call('POST', `${path}/custom_certificates`, await visitorCertificate())),
    CHANNEL: idOf(await call('POST', '/postern/v1/notice_channels', HOOK)),
    RULE: idOf(await call('POST', `${path}/firewall/access_rules/rules`, BLOCK)),
    LIMIT: idOf(await call('POST', `${path}/rate_limits`, LIMIT)),
    ORIGIN_CERTIFICATE: idOf(await call('POST', '/client/v4/certificates', certificateRequest())),
  };
}

/** Only where an example is about one: a zone has one at a time. */
async function beginRotation(
  { call }: World,
  { ZONE }: Readonly<Record<string, string>>,
): Promise<{ ROTATION: string }> {
  return { ROTATION: idOf(await call('POST', `/postern/v1/zones/${ZONE}/rotations`, { what: 'leaf' })) };
}

/** A certificate of the zone's own authority, in place of the uploaded one. */
async function presentManaged({ call }: World, { ZONE }: Readonly<Record<string, string>>): Promise<void> {
  await call('POST', `/postern/v1/zones/${ZONE}/managed_certificates`, { hostnames: ['www.example.test'] });
}

/** Nobody looks at the locks of the zone, so that somebody can end that. */
async function pauseLooks({ call }: World, { ZONE }: Readonly<Record<string, string>>): Promise<void> {
  await call('PUT', `/postern/v1/zones/${ZONE}/attestation_pause`, { seconds: 3_600, reason: 'an example' });
}

/** Somebody sets a hostname up, so that it can be looked at and dismissed. */
async function beginSetup({ call }: World, { ZONE }: Readonly<Record<string, string>>): Promise<void> {
  await call('PUT', `/postern/v1/zones/${ZONE}/setups/www.example.test`, {
    choices: { server: 'nginx', mode: 'watch' },
  });
}

/** Somebody signs in with a token of their own. */
async function signIn({ api, call }: World): Promise<{ TOKEN_ID: string; SESSION_ID: string }> {
  const made = await call('POST', '/postern/v1/tokens', { name: 'z', permissions: ['dns:read'], zones: 'all' });
  const id = idOf(made);
  const { token } = made as { readonly token: string };
  const signed = await fetch(`${api}/postern/v1/session`, { method: 'POST', body: JSON.stringify({ token }) });
  assert.equal(signed.status, 200);
  const sessions = await call('GET', `/postern/v1/tokens/${id}/sessions`);
  assert.ok(Array.isArray(sessions));
  return { TOKEN_ID: id, SESSION_ID: idOf(sessions[0]) };
}

interface Preparing {
  readonly heading: string;
  /** The directory of the examples. */
  readonly here: string;
}

/** Makes what an example is about and nobody else has made; answers the variables that it names. */
async function prepare(world: World, variables: Readonly<Record<string, string>>, { heading, here }: Preparing) {
  if (heading.includes('/root_key/')) await sealRoot(world, variables, { heading, here });
  if (heading === 'DELETE /postern/v1/zones/:zone/attestation_pause') await pauseLooks(world, variables);
  if (/^(?:GET|DELETE) .*\/setups\/:hostname$/.test(heading)) await beginSetup(world, variables);
  if (heading.endsWith('/probe_credentials')) await presentManaged(world, variables);
  if (heading.endsWith('/sessions/:session')) return signIn(world);
  return heading.endsWith('/rotations/:id') ? beginRotation(world, variables) : {};
}

const PASSPHRASE = 'correct horse battery staple';

/** The key of the zone's root as it was exported; and for the example that brings it back, it is away. */
async function sealRoot(
  { call }: World,
  { ZONE }: Readonly<Record<string, string>>,
  { heading, here }: { readonly heading: string; readonly here: string },
): Promise<void> {
  const path = `/postern/v1/zones/${ZONE}/authority/root_key`;
  const sealed: unknown = await call('POST', `${path}/export`, { passphrase: PASSPHRASE });
  const { encrypted_key } = sealed as { readonly encrypted_key: string };
  writeFileSync(join(here, 'root.key.enc'), encrypted_key);
  if (heading.endsWith('/restore')) await call('POST', `${path}/forget`, { encrypted_key, passphrase: PASSPHRASE });
}

/** A root, and an intermediate below it with its key, as files. */
async function houseAuthority(): Promise<readonly (readonly [string, string])[]> {
  const validity = validFor(instant(Date.now()), 300 * DAY);
  const [rootKey, key] = [await generateKey(), await generateKey()];
  const subject = { commonName: 'house root' };
  const root = createAuthority({ profile: PROFILES.pullRoot, subject, validity, key: rootKey });
  const below = { profile: PROFILES.pullIntermediate, subject: { commonName: 'house CA' }, validity, key };
  const intermediate = createAuthority({ ...below, issuer: root });
  return [
    ['root.pem', root.certificate.pem],
    ['intermediate.pem', intermediate.certificate.pem],
    ['intermediate.key', key.reveal()],
  ];
}

/** What a call that succeeded prints: the envelope, or what stands outside it. */
function expected(heading: string): RegExp {
  if (heading.endsWith('ca.json')) return /^\{\n {2}"format": "postern-bundle",/;
  if (heading.endsWith('.sig')) return /^-----BEGIN CMS-----\n[^-]+-----END CMS-----\n$/;
  if (heading.includes('ca.crl')) return /^(?:-----BEGIN X509 CRL-----\n[^-]+-----END X509 CRL-----\n){2}$/;
  if (heading.endsWith('.pem')) return /^(?:# |-----BEGIN CERTIFICATE-----).*-----END CERTIFICATE-----\n$/s;
  return FILES[heading] ?? /^\{"(?:success|ok)":true/;
}

/** What answers outside the envelope begin with. */
const FILES: Readonly<Record<string, RegExp>> = {
  'POST /postern/v1/backups': /^\{"format":"postern-backup","version":1,/,
  'GET /ssl/static/zones/:zone/crl/:issuer.crl': /^crlNumber=0x[0-9A-F]+\n$/,
  'POST /ocsp/zones/:zone': /^OCSP Response Data:\n {4}OCSP Response Status: successful/,
  'GET /ocsp/zones/:zone/:request': /^OCSP Response Data:\n {4}OCSP Response Status: successful/,
  'GET /metrics': /^# HELP postern_/,
  'GET /postern/v1/events': /^retry: \d+\n/,
  'GET /postern/v1/openapi.json': /^\{"openapi":"3\.1\.1"/,
  'GET /postern/v1/docs': /^<!doctype html>/,
};

describe('the examples of the API', needs('curl', 'openssl'), () => {
  let scratch: Scratch;
  let world: World;
  before(async () => {
    scratch = scratchDirectory();
    world = await startWorld(scratch.path, { attestation: { quick: DAY, full: DAY } });
    const { certificate, private_key } = await clientCertificate();
    const visitor = await visitorCertificate();
    mkdirSync(join(scratch.path, 'here'));
    for (const [name, text] of [
      ['client.pem', certificate],
      ['client.key', private_key],
      ['origin-ca.pem', await serverCa()],
      ['staff-ca.pem', await clientCa()],
      ['visitor.pem', visitor.certificate],
      ['visitor.key', visitor.private_key],
      ['origin.csr', signingRequest('www.example.test')],
      ['probe.csr', signingRequest('www.example.test')],
      ...(await houseAuthority()),
    ] as const) {
      writeFileSync(join(scratch.path, 'here', name), text);
    }
  });
  after(async () => {
    await world?.[Symbol.asyncDispose]();
    scratch?.[Symbol.dispose]();
  });

  const printed = async (example: Block, variables: Readonly<Record<string, string>>): Promise<string> => {
    const level = example.heading.includes('/hostnames') ? 'HOSTNAME_CERTIFICATE' : 'ZONE_CERTIFICATE';
    const environment = { ...variables, API: world.api, DATA: world.data, CERTIFICATE: variables[level] ?? '' };
    const place = { scratch: scratch.path, cwd: join(scratch.path, 'here'), environment };
    return bash(`${PREAMBLE?.text}\n${example.text}`, place);
  };

  for (const example of EXAMPLES) {
    test(example.heading, async () => {
      const creates = example.heading === 'POST /client/v4/zones';
      const variables = creates ? {} : await oneOfEach(world, join(scratch.path, 'here'));
      const rotating = await prepare(world, variables, { ...example, here: join(scratch.path, 'here') });
      writeFileSync(
        join(scratch.path, 'here', 'signed.pem'),
        await signedBySomebody(variables['CSR'] ?? signingRequest('www.example.test')),
      );
      const answer = await printed(example, { ...variables, ...rotating });
      assert.match(answer, expected(example.heading));
      const left = await world.call('GET', '/client/v4/zones?name=example.test');
      assert.ok(Array.isArray(left));
      for (const zone of left) await world.call('DELETE', `/client/v4/zones/${idOf(zone)}`);
    });
  }
});
