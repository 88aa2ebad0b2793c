import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serverAuthority } from '../scenarios/authorities.ts';
import { type Postern, startPostern, upArguments } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { assertStatus, visitPlain } from '../scenarios/site.ts';
import { until } from '../scenarios/until.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';

let scratch: Scratch;
before(() => {
  scratch = scratchDirectory();
});
after(() => scratch[Symbol.dispose]());

interface Ready {
  readonly api: string;
  readonly api_url: string;
  readonly public: string | null;
}

function readyOf(postern: Postern): Ready {
  return JSON.parse(readFileSync(postern.readyFile, 'utf8')) as Ready;
}

/** A CA in a file, and a way to write certificates of it for this machine. */
async function operator(name: string) {
  const authority = await serverAuthority();
  const [ca, cert, key] = ['ca', 'cert', 'key'].map((part) => join(scratch.path, `${name}-${part}.pem`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(ca, authority.ca);
  const renew = async () => {
    const credential = await authority.issue(['localhost']);
    writeFileSync(key, credential.key, { mode: 0o600 });
    writeFileSync(cert, credential.cert);
  };
  await renew();
  return { ca, cert, key, renew, argv: ['--api-cert', cert, '--api-key', key] };
}

/** Status and fields of an answer over TLS, verified with this CA. */
function getTls(url: string, ca: string): Promise<{ readonly status: number; readonly hsts: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ca: readFileSync(ca) }, (response) => {
      response.resume();
      resolve({
        status: response.statusCode ?? 0,
        hsts: String(response.headers['strict-transport-security']),
      });
    });
    asked.on('error', reject).end();
  });
}

test('beyond loopback the API needs a certificate, and the refusal names the flags', async () => {
  const data = join(scratch.path, 'never');
  for (const address of [':0', '0.0.0.0:0', '192.0.2.1:0', '[::]:0']) {
    const { code, stderr } = await run(['up', '--data', data, '--api', address]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /clear text over the network\.\n {2}Add --api-cert FILE and --api-key FILE, or listen on 127/);
  }
});

test('what cannot be meant is refused before anything is made', async () => {
  const { cert, key } = await operator('meant');
  const open = join(scratch.path, 'open.pem');
  writeFileSync(open, readFileSync(key));
  chmodSync(open, 0o644);
  for (const [argv, code, said] of [
    [['--api-cert', cert], 2, /--api-cert is given without --api-key/],
    [['--api-key', key], 2, /--api-key is given without --api-cert/],
    [['--api-cert', cert, '--api-key', open], 3, /can be read by other users\n {2}Take their rights away: chmod 600/],
    [['--public-url', 'https://lists.test'], 2, /--public-url is .*which is not http:\/\/HOST/],
    [['--public-url', 'http://lists.test/here'], 2, /--public-url is/],
    [['--public', 'everywhere'], 2, /--public is "everywhere", which is not HOST:PORT/],
    [
      ['--session-hours', '0'],
      2,
      /--session-hours is "0", which is not a number of hours\.\n {2}Write .* from 1 to 168/,
    ],
    [['--session-hours', '169'], 2, /--session-hours is "169"/],
    [['--session-hours', '1.5'], 2, /--session-hours is "1\.5"/],
    [['--api-rate-limit', '12'], 2, /--api-rate-limit is "12", which is not REQUESTS\/SECONDS/],
    [['--api-rate-limit', '0/1'], 2, /--api-rate-limit is "0\/1"/],
    [['--api-address-rate-limit', '1/90000'], 2, /--api-address-rate-limit is "1\/90000"/],
  ] as const) {
    const data = join(scratch.path, 'never');
    const ended = await run([...upArguments(data, join(scratch.path, 'r.json')), ...argv]);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, said);
  }
});

test('over TLS on all addresses: ready.json says how to reach it, and the command line knows it by its CA or its data', async () => {
  const { ca, argv } = await operator('tls');
  await using postern = await startPostern({ argv: ['--api', ':0', ...argv] });
  const { api, api_url: url } = readyOf(postern);
  assert.match(api, /^\[::\]:\d+$/);
  assert.equal(url, `https://localhost:${api.slice(api.lastIndexOf(':') + 1)}`);
  assert.deepEqual(await getTls(`${url}/healthz`, ca), { status: 200, hsts: 'max-age=31536000' });

  const list = ['zones', 'list', '--json'];
  const token = { POSTERN_TOKEN: postern.token };
  for (const env of [
    { POSTERN_API: `${url}/client/v4`, POSTERN_API_CA: ca, ...token },
    // Its certificate holds no 127.0.0.1: that it is the one of the data directory is more than a name.
    { POSTERN_DATA: postern.dir },
  ]) {
    const { code, stderr } = await run(list, env);
    assert.equal(code, 0, stderr);
  }
  const strange = await operator('strange');
  for (const [env, said] of [
    [{ POSTERN_API: url, ...token }, /its certificate is not trusted.*\n {2}Name its CA with --api-ca/],
    [{ POSTERN_API: url, POSTERN_API_CA: strange.ca, ...token }, /its certificate is not trusted/],
    [{ POSTERN_API: url.replace('localhost', '127.0.0.1'), POSTERN_API_CA: ca, ...token }, /Use a name that the cert/],
    [{ POSTERN_API: url.replace('https', 'http'), ...token }, /write its address with https:/],
    [{ POSTERN_API: url, POSTERN_API_CA: strange.key, ...token }, /--api-ca \S+ cannot be used/],
    [{ POSTERN_API: url, POSTERN_API_CA: join(scratch.path, 'none'), ...token }, /--api-ca \S+ cannot be used: ENOENT/],
  ] as const) {
    const { code, stderr } = await run(list, env);
    assert.notEqual(code, 0);
    assert.match(stderr, said);
  }
});

test('SIGHUP puts a renewed certificate in force, a bad one not, and the command line goes along', async () => {
  const { ca, cert, renew, argv } = await operator('renewed');
  await using postern = await startPostern({ argv });
  const { api_url: url } = readyOf(postern);
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const known = () => postern.logged('api_certificate').length;
  await renew();
  postern.signal('SIGHUP');
  await until('the new certificate is in force', () => known() === 2);
  const { code, stderr } = await run(['zones', 'list'], { POSTERN_DATA: postern.dir });
  assert.equal(code, 0, stderr);
  writeFileSync(cert, 'nothing');
  postern.signal('SIGHUP');
  await until('the bad one is refused', () => postern.logged('api_certificate_refused').length > 0);
  assert.equal((await getTls(`${url.replace('127.0.0.1', 'localhost')}/healthz`, ca)).status, 200);
});

test('without TLS, SIGHUP ends nothing', async () => {
  await using postern = await startPostern();
  postern.signal('SIGHUP');
  assert.equal((await postern.ask('GET', '/zones')).status, 200);
});

test('the public listener is in ready.json, serves bundles without a token, and is never an origin', async () => {
  await using postern = await startPostern({ argv: ['--public', '127.0.0.1:0'] });
  const base = `http://${readyOf(postern).public}`;
  const { id } = (await postern.call<{ id: string }>('POST', '/zones', { name: 'open.test' })).result;
  const bundle = await fetch(`${base}/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`);
  assert.match(await bundle.text(), /^-----BEGIN CERTIFICATE-----$/m);
  assert.equal((await fetch(`${base}/client/v4/zones`)).status, 404);

  await postern.call('PATCH', `/zones/${id}/settings/ssl`, { value: 'flexible' });
  await postern.call('POST', `/zones/${id}/dns_records`, {
    type: 'A',
    name: 'www',
    content: '127.0.0.1',
    proxied: true,
    origin: { http_port: Number(new URL(base).port) },
  });
  await postern.call('PATCH', `/zones/${id}/settings/always_use_https`, { value: 'off' });
  assertStatus(await visitPlain(postern, 'www.open.test'), 530, 'through the edge');
});

test('e-mail and key, other limits, and shorter sessions are switched on by flags', async () => {
  const argv = ['--legacy-key', '--api-rate-limit', '3/60', '--session-hours', '1'];
  await using postern = await startPostern({ argv });
  const made = await postern.call<{ token: string }>('POST', '/postern/v1/tokens', {
    name: 'old client',
    permissions: ['zone:read'],
    zones: 'all',
    email: 'ops@example.test',
  });
  const headers = { 'x-auth-email': 'ops@example.test', 'x-auth-key': made.result.token };
  const ask = () => fetch(`${postern.base}/client/v4/zones`, { headers });
  const answers = [await ask(), await ask(), await ask(), await ask()];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 429],
  );
  assert.equal(answers[0]?.headers.get('ratelimit-policy'), '"default";q=3;w=60');
  await Promise.all(answers.map((answer) => answer.text()));
  const body = JSON.stringify({ token: postern.token });
  const signedIn = await fetch(`${postern.base}/postern/v1/session`, { method: 'POST', body });
  assert.match(signedIn.headers.getSetCookie().join(), /; Max-Age=3600;/);
});
