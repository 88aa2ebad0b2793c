import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { type Authority, createAuthority, validFor } from '../../pki/issue.ts';
import { generateKey, importKey, keyMatches } from '../../pki/keys.ts';
import { PROFILES } from '../../pki/profiles.ts';
import { readBundle } from '../../pki/bundle.ts';
import { loadCrls } from '../../pki/crl-read.ts';
import { codes, DAY, type Json, NOW, startApi, textOf } from './api.fixture.ts';

const PASSPHRASE = 'correct horse battery staple';

async function house(days = 900): Promise<{ readonly root: Authority; readonly intermediate: Authority }> {
  const validity = validFor(NOW, days * DAY);
  const request = { profile: PROFILES.pullRoot, subject: { commonName: 'house root' }, validity };
  const root = createAuthority({ ...request, key: await generateKey() });
  return { root, intermediate: await below(root) };
}

async function below(issuer: Authority, commonName = 'house CA'): Promise<Authority> {
  const request = { profile: PROFILES.pullIntermediate, subject: { commonName }, key: await generateKey() };
  return createAuthority({ ...request, issuer, validity: validFor(NOW, 800 * DAY) });
}

function bodyOf({ certificate, key }: Authority, root?: Authority) {
  return {
    certificate: certificate.pem,
    private_key: key.reveal(),
    ...(root === undefined ? {} : { root_certificate: root.certificate.pem }),
  };
}

async function world(t: TestContext) {
  const api = await startApi(t, {
    tokens: { editor: { permissions: ['ssl:edit'] }, ceremony: { permissions: ['keys:export'] } },
  });
  const id = await api.zone('example.test');
  const path = `/postern/v1/zones/${id}/authority`;
  const rotations = `/postern/v1/zones/${id}/rotations`;
  const file = async (name: string) =>
    api.app.inject({ method: 'GET', url: `/ssl/static/zones/${id}/authenticated_origin_pull_ca.${name}` });
  const exported = async () => (await api.call('POST', `${path}/root_key/export`, { passphrase: PASSPHRASE })).result;
  const sealed = async () => ({ encrypted_key: (await exported())['encrypted_key'], passphrase: PASSPHRASE });
  /** Nobody is shown anything yet, so that a rotation is over after its waits; undone, it is over at once. */
  const undone = async (rotation: Json) => {
    await api.call('PATCH', `${rotations}/${textOf(rotation['id'])}`, { action: 'undo' });
    for (;;) {
      const { result } = await api.call('GET', `${rotations}/${textOf(rotation['id'])}`);
      if (textOf(result['phase']) === 'ended') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { ...api, id, path, rotations, file, sealed, exported, undone };
}

test('a CA of the owner is brought with a rotation; its key goes to the vault, and that of the root is not wanted', async (t) => {
  const { call, path, file, logged } = await world(t);
  const { root, intermediate } = await house();
  const begun = await call('POST', path, { ...bodyOf(intermediate, root), reason: 'company policy' });
  assert.equal(begun.status, 200, JSON.stringify(begun.errors));
  assert.equal(begun.result['what'], 'root');
  assert.match(
    begun.messages[0]?.message ?? '',
    /everybody for whom this root vouches as a client: .*: CN=house root\.$/,
  );
  const held = readBundle((await file('pem')).body).map(({ fingerprint }) => fingerprint);
  assert.equal(held.length, 4);
  for (const { certificate } of [root, intermediate]) assert.ok(held.includes(certificate.fingerprint));
  const { result } = await call('GET', path);
  assert.ok(JSON.stringify([result['next'], result['root']]).includes(root.certificate.fingerprint));
  const told = JSON.stringify([begun, result, logged, await call('GET', '/postern/v1/audit')]);
  assert.ok(!told.includes('PRIVATE KEY'));
});

test('the list of a root without a key is missing, and named; those of the others are there', async (t) => {
  const { call, path, file } = await world(t);
  const before = await file('crl');
  assert.equal(before.headers['postern-missing-lists'], undefined);
  const { root, intermediate } = await house();
  await call('POST', path, bodyOf(intermediate, root));
  const { statusCode, headers, body } = await file('crl');
  assert.equal(statusCode, 200);
  assert.equal(headers['postern-missing-lists'], root.certificate.fingerprint);
  assert.match(body, /^# No list of CN=house root: the key of this root is not here\.\n-----BEGIN X509 CRL-----\n/);
  assert.equal(loadCrls(body).length, 3);
});

test('what cannot issue is refused at its field, and nothing has changed', async (t) => {
  const { call, path } = await world(t);
  const { root, intermediate } = await house();
  const soon = await house(20).catch(() => null);
  const good = bodyOf(intermediate, root);
  const wrong: readonly (readonly [object, number, string])[] = [
    [{ ...good, certificate: 'none' }, 1408, '/certificate'],
    [{ ...good, private_key: 'none' }, 1409, '/private_key'],
    [{ ...good, root_certificate: 'none' }, 1408, '/root_certificate'],
    [bodyOf(intermediate), 10480, '/root_certificate'],
    [{ ...good, private_key: root.key.reveal() }, 10480, '/private_key'],
    [{ ...good, certificate: root.certificate.pem }, 10480, '/certificate'],
    [{ ...good, certificate: good.certificate + good.root_certificate }, 10480, '/certificate'],
    [{ ...good, lifetime_days: 0 }, 6007, '/lifetime_days'],
  ];
  assert.equal(soon?.root.certificate.isCa, true);
  for (const [body, code, pointer] of wrong) {
    const refused = await call('POST', path, body);
    assert.deepEqual([codes(refused), refused.errors[0]?.source?.pointer], [[code], pointer]);
  }
  assert.equal((await call('GET', path)).result['next'], null);
});

test('the key of a root is exported under a passphrase, and openssl opens it to the key of that root', async (t) => {
  const { call, exported, file, id, logged } = await world(t);
  const { encrypted_key: pem } = await exported();
  const env = { ...process.env, WORDS: PASSPHRASE };
  const clear = execFileSync('openssl', ['pkey', '-passin', 'env:WORDS'], {
    input: textOf(pem),
    encoding: 'utf8',
    env,
  });
  const [root] = readBundle((await file('pem')).body);
  assert.ok(root !== undefined && keyMatches(importKey(clear), root));
  const [entry] = [...(await call('GET', `/postern/v1/audit?zone=${id}&action=export_root_key`)).result];
  assert.ok(JSON.stringify(entry).includes(root.fingerprint));
  const told = JSON.stringify([entry, logged]);
  assert.ok(!told.includes(PASSPHRASE) && !told.includes('ENCRYPTED'));
  assert.ok(logged.some((line) => line.startsWith('root_key_exported')));
});

test('that takes a permission of its own, and is not done without end', async (t) => {
  const { call, path, exported } = await world(t);
  const body = { passphrase: PASSPHRASE };
  const as = (token: string) => call('POST', `${path}/root_key/export`, body, { authorization: `Bearer ${token}` });
  assert.deepEqual(codes(await as('editor')), [9109]);
  assert.equal((await as('ceremony')).status, 200);
  for (let count = 1; count < 10; count++) await exported();
  assert.deepEqual(codes(await as('ceremony')), [10484]);
  const short = await call('POST', `${path}/root_key/export`, { passphrase: 'short' });
  assert.equal(short.errors[0]?.source?.pointer, '/passphrase');
});

test('a key is let go of only by whoever shows a copy that opens to it', async (t) => {
  const { call, path, sealed } = await world(t);
  const good = await sealed();
  const other = await world(t);
  const foreign = await other.sealed();
  const forget = (body: object) => call('POST', `${path}/root_key/forget`, body);
  assert.deepEqual(codes(await forget({ ...good, passphrase: 'another passphrase' })), [10483]);
  assert.deepEqual(codes(await forget(foreign)), [1410]);
  assert.equal((await call('GET', path)).result['root_key'], 'here');
  assert.equal((await forget(good)).status, 200);
  assert.deepEqual(codes(await forget(good)), [10481]);
  assert.deepEqual(codes(await call('POST', `${path}/root_key/export`, { passphrase: PASSPHRASE })), [10481]);
});

test('while it is away its list lasts until the ceremony, and what it signed ahead is the next intermediate', async (t) => {
  const { call, path, rotations, sealed, file, undone } = await world(t);
  const copy = await sealed();
  const away = await call('POST', `${path}/root_key/forget`, { ...copy, list_days: 200 });
  assert.deepEqual([away.result['root_key'], away.status], ['away', 200]);
  const until = Date.parse(textOf(away.result['root_list_until']));
  assert.equal(until, Math.floor((NOW + 200 * DAY) / 1000) * 1000);
  const lists = loadCrls((await file('crl')).body);
  assert.deepEqual(Math.max(...lists.map(({ nextUpdate }) => Number(nextUpdate))), until);
  assert.equal((await file('crl')).headers['postern-missing-lists'], undefined);

  const standby = away.result['standby'];
  const first = await call('POST', rotations, { what: 'intermediate', rehearsal: true });
  assert.equal(first.status, 200, JSON.stringify(first.errors));
  const coming = (await call('GET', path)).result['next'];
  assert.deepEqual(coming?.['intermediate'], standby);
  await undone(first.result);
  assert.deepEqual((await call('GET', path)).result['standby'], standby, 'a rehearsal does not use it up');

  assert.equal((await call('POST', `${path}/root_key/restore`, copy)).result['root_key'], 'here');
  assert.deepEqual(codes(await call('POST', `${path}/root_key/restore`, copy)), [10482]);
  await call('POST', `${path}/root_key/forget`, { ...copy, standby: false });
  const refused = await call('POST', rotations, { what: 'intermediate' });
  assert.deepEqual(codes(refused), [10481]);
  assert.match(refused.errors[0]?.message ?? '', /none is on stand-by/);
  assert.equal((await call('POST', rotations, { what: 'leaf' })).status, 200, 'leafs need no root');
});

test('another intermediate of the present root is brought without that, and no origin needs a new bundle', async (t) => {
  const { call, path, sealed, file } = await world(t);
  const copy = await sealed();
  const env = { ...process.env, WORDS: PASSPHRASE };
  const input = textOf(copy.encrypted_key);
  const clear = execFileSync('openssl', ['pkey', '-passin', 'env:WORDS'], { input, encoding: 'utf8', env });
  await call('POST', `${path}/root_key/forget`, { ...copy, standby: false });
  const [root] = readBundle((await file('pem')).body);
  assert.ok(root !== undefined);
  const signed = await below({ certificate: root, key: importKey(clear), chain: [] });
  const begun = await call('POST', path, bodyOf(signed));
  assert.deepEqual([begun.status, begun.result['what'], begun.messages], [200, 'intermediate', []]);
  const { result } = await call('GET', path);
  assert.equal(result['next']?.['intermediate']?.['fingerprint'], signed.certificate.fingerprint);
  assert.equal(result['next']?.['root']?.['fingerprint'], root.fingerprint);
});
