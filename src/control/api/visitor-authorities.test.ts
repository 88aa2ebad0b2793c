import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { instant } from '../../domain/ids.ts';
import { createAuthority, validFor } from '../../pki/issue.ts';
import { generateKey, importKey } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { after, authority, clientCertificate, codes, DAY, NOW, startApi, textOf } from './api.fixture.ts';

/** The CAs whose certificates hostnames ask of their visitors. */

const [STAFF, PARTNERS] = await Promise.all([authority('Staff CA'), authority('Partners CA')]);
const pem = (...cas: readonly { readonly certificate: { readonly pem: string } }[]): string =>
  cas.map(({ certificate }) => certificate.pem).join('');

function pathOf(zone: string, hostname: string): string {
  return `/postern/v1/zones/${zone}/hostnames/${encodeURIComponent(hostname)}/visitor_authorities`;
}

test('a list is put, read, listed, replaced and dropped', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('shop.test');
  const path = pathOf(id, 'www.shop.test');
  assert.deepEqual(codes(await call('GET', path)), [10440]);
  const put = await call('PUT', path, { certificates: pem(STAFF, PARTNERS, STAFF), name: 'staff' });
  assert.equal(put.status, 200);
  const { hostname, name, certificates, authorities } = put.result;
  assert.deepEqual([hostname, name, certificates], ['www.shop.test', 'staff', pem(STAFF, PARTNERS)]);
  assert.deepEqual(
    [...(authorities ?? [])].map((one) => one['subject']),
    ['CN=Staff CA', 'CN=Partners CA'],
  );
  const got = await call('GET', path);
  assert.deepEqual(got.result, put.result);
  assert.equal(got.headers['etag'], put.headers['etag']);
  assert.deepEqual([...(await call('GET', `/postern/v1/zones/${id}/visitor_authorities`)).result], [put.result]);

  const changed = await call('PUT', path, { certificates: pem(PARTNERS) });
  assert.deepEqual([changed.result['name'], changed.result['certificates']], [null, pem(PARTNERS)]);
  assert.equal(changed.result['created_on'], put.result['created_on']);
  const [entry] = (await call('GET', '/postern/v1/audit')).result;
  assert.deepEqual(entry?.['before'], {
    visitor_authorities: {
      'www.shop.test': {
        name: 'staff',
        fingerprints: [STAFF, PARTNERS].map((ca) => ca.certificate.fingerprint),
      },
    },
  });
  assert.deepEqual((await call('DELETE', path)).result, { hostname: 'www.shop.test' });
  assert.deepEqual(codes(await call('DELETE', path)), [10440]);
});

test('wildcards, names in upper case and with a final dot are taken; names of others are refused', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('names.test');
  await zone('below.names.test');
  const body = { certificates: pem(STAFF) };
  assert.equal((await call('PUT', pathOf(id, '*.Names.test'), body)).result['hostname'], '*.names.test');
  assert.equal((await call('PUT', pathOf(id, 'WWW.names.test.'), body)).result['hostname'], 'www.names.test');
  for (const name of ['www.other.test', 'www.below.names.test', '192.0.2.1', 'a b']) {
    assert.deepEqual(codes(await call('PUT', pathOf(id, name), body)), [1416], name);
  }
});

test('what could never vouch for a visitor is refused, with the certificate at fault and what to do', async (t) => {
  const { call, zone } = await startApi(t);
  const path = pathOf(await zone('fit.test'), 'www.fit.test');
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const made = async (bent: Partial<Parameters<typeof createAuthority>[0]>) =>
    createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName: 'Bent CA' },
      key: await generateKey(),
      validity: validFor(NOW, DAY),
      ...bent,
    });
  const leaf = await clientCertificate(STAFF);
  const unfit: readonly (readonly [string, string, RegExp])[] = [
    ['a leaf', pem(STAFF) + leaf.certificate, /certificate 2 \(CN=client [0-9a-f]+\): it is no CA/],
    ['for servers', pem(await made({ profile: PROFILES.serverRoot })), /certificate 1 .*clientAuth/],
    ['ended', pem(await made({ validity: validFor(after(-2 * DAY), DAY) })), /it has expired; leave it out/],
    [
      'a weak key',
      pem(await made({ key: importKey(weak.export({ format: 'pem', type: 'pkcs8' }).toString()) })),
      /its key is too short; it must be/,
    ],
    ['a key', pem(STAFF) + leaf.private_key, /holds a private key/],
    ['no PEM', 'hello', /There is no PEM block/],
    ['a broken one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /Block 1: .*cannot be read/],
    ['nothing', '', /must not be empty/],
  ];
  for (const [what, certificates, message] of unfit) {
    const answer = await call('PUT', path, { certificates });
    const [error] = answer.errors;
    assert.equal(answer.status, 400, what);
    assert.match(error?.message ?? '', message, what);
    assert.equal(error?.source?.pointer, '/certificates', what);
    assert.doesNotMatch(JSON.stringify(answer.errors), /PRIVATE KEY-----/);
  }
  assert.deepEqual(codes(await call('PUT', path, { certificates: pem(STAFF), colour: 'red' })), [6007]);
  assert.deepEqual(codes(await call('GET', path)), [10440]);
});

test('a list holds as many certificates as the installation takes', async (t) => {
  const { call, zone } = await startApi(t, { limits: { visitorAuthoritiesPerHostname: 2 } });
  const id = await zone('many.test');
  const third = await authority('Third CA');
  const over = await call('PUT', pathOf(id, 'www.many.test'), { certificates: pem(STAFF, PARTNERS, third) });
  assert.match(over.errors[0]?.message ?? '', /3 certificates, 2 are allowed \(visitor_authorities_per_hostname\)/);
  assert.equal((await call('PUT', pathOf(id, 'www.many.test'), { certificates: pem(STAFF, PARTNERS) })).status, 200);
});

test('a list has no more names than a handshake has room for', async (t) => {
  const { call, zone } = await startApi(t);
  const units = Array.from({ length: 120 }, (_, count) => `/OU=${String(count).padStart(60, 'x')}`).join('');
  const wordy = () =>
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null'].concat(
        ['-subj', `/CN=Wordy CA${units}`],
      ),
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
  const path = pathOf(await zone('wordy.test'), 'www.wordy.test');
  assert.equal((await call('PUT', path, { certificates: wordy() })).status, 200);
  const refused = await call('PUT', path, { certificates: wordy() + wordy() });
  assert.match(refused.errors[0]?.message ?? '', /names take \d+ bytes.*leave some out/);
});

test('of two changes under one ETag the second is 412, and a list that is not there matches nothing', async (t) => {
  const { call, zone } = await startApi(t);
  const path = pathOf(await zone('tag.test'), 'www.tag.test');
  const none = await call('PUT', path, { certificates: pem(STAFF) }, { 'if-match': '*' });
  assert.deepEqual(codes(none), [10412]);
  const etag = String((await call('PUT', path, { certificates: pem(STAFF) })).headers['etag']);
  const answers = await Promise.all([
    call('PUT', path, { certificates: pem(PARTNERS) }, { 'if-match': etag }),
    call('DELETE', path, undefined, { 'if-match': etag }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 412],
  );
  const refused = answers.find(({ status }) => status === 412);
  assert.doesNotMatch(refused?.errors[0]?.message ?? '', /BEGIN/);
});

test('the answer says where a list does not do what its owner may think', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('hint.test');
  const said = async (name: string) =>
    (await call('PUT', pathOf(id, name), { certificates: pem(STAFF) })).messages.map(({ code }) => code);
  assert.deepEqual(await said('www.hint.test'), [20161]);
  assert.deepEqual(await said('*.hint.test'), [20161]);
  const record = { type: 'A', name: 'www', content: '192.0.2.1', proxied: true };
  await call('POST', `/zones/${id}/dns_records`, record);
  assert.deepEqual(await said('www.hint.test'), []);
  assert.deepEqual(await said('*.hint.test'), []);
  await call('PATCH', `/zones/${id}/settings/ssl`, { value: 'off' });
  assert.deepEqual(await said('www.hint.test'), [20162]);
});

test('a CA that ends soon is named with the list and with the plan of each name that it holds for', async (t) => {
  let now = NOW;
  const { call, zone } = await startApi(t, { clock: () => now });
  const id = await zone('ends.test');
  await call('POST', `/zones/${id}/dns_records`, { type: 'A', name: 'www', content: '192.0.2.1', proxied: true });
  const path = pathOf(id, '*.ends.test');
  await call('PUT', path, { certificates: pem(STAFF) });
  const said = async () => {
    const { messages } = await call('GET', path);
    const { result } = await call('GET', `/postern/v1/zones/${id}/hostnames/www.ends.test/plan`);
    const notices = [...(result['notices'] ?? [])].map(({ code, message }) => ({ code, message: textOf(message) }));
    return [messages, notices].map((all) => all.find(({ code }) => code === 20163)?.message);
  };
  assert.deepEqual(await said(), [undefined, undefined]);
  now = instant(STAFF.certificate.notAfter - 30 * DAY);
  const [list, plan] = await said();
  assert.match(list ?? '', /: CN=Staff CA on \d{4}-\d\d-\d\d\.$/);
  assert.equal(plan, list);
});

test('the plan of a hostname shows whose certificates its visitors must show, and where that is said', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('plan.test');
  const visitors = async (name: string) =>
    (await call('GET', `/postern/v1/zones/${id}/hostnames/${name}/plan`)).result['visitors'];
  assert.equal(await visitors('www.plan.test'), null);
  await call('PUT', pathOf(id, '*.plan.test'), { certificates: pem(STAFF) });
  await call('PUT', pathOf(id, 'shop.plan.test'), { certificates: pem(PARTNERS), name: 'partners' });
  assert.equal((await visitors('www.plan.test'))?.['hostname'], '*.plan.test');
  assert.equal((await visitors('shop.plan.test'))?.['name'], 'partners');
});

test('who may read certificates may read lists, and no more', async (t) => {
  const tokens = { reader: { permissions: ['ssl:read'] }, other: { permissions: ['dns:edit'] } };
  const { call, zone } = await startApi(t, { tokens });
  const id = await zone('right.test');
  const path = pathOf(id, 'www.right.test');
  await call('PUT', path, { certificates: pem(STAFF) });
  const as = (who: string) => ({ authorization: `Bearer ${who}` });
  assert.equal((await call('GET', path, undefined, as('reader'))).status, 200);
  assert.equal((await call('PUT', path, { certificates: pem(STAFF) }, as('reader'))).status, 403);
  assert.equal((await call('DELETE', path, undefined, as('reader'))).status, 403);
  assert.equal((await call('GET', path, undefined, as('other'))).status, 403);
});

test('a zone that asks for names of a new zone below must let go of them first', async (t) => {
  const { call, zone } = await startApi(t);
  const id = await zone('above.test');
  const path = pathOf(id, 'www.shop.above.test');
  await call('PUT', path, { certificates: pem(STAFF) });
  assert.deepEqual(codes(await call('POST', '/zones', { name: 'shop.above.test' })), [1122]);
  await call('DELETE', path);
  assert.equal((await call('POST', '/zones', { name: 'shop.above.test' })).status, 200);
  assert.match(textOf((await call('GET', `/zones/${id}`)).result['name']), /above\.test/);
});
