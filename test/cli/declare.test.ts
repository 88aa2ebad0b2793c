import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { publishedSchema } from '../../src/cli/declare/schema.ts';
import { leafFingerprint } from '../../src/cli/manage/certificates.ts';
import { clientAuthority } from '../scenarios/authorities.ts';
import { startPostern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { assertGolden, type CommandLine, startCommandLine } from './command-line.ts';

let line: CommandLine;
let scratch: Scratch;

before(async () => {
  line = await startCommandLine();
  scratch = scratchDirectory();
});
after(async () => {
  await line[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

function file(name: string, text: string): string {
  const path = join(scratch.path, name);
  writeFileSync(path, text);
  return path;
}

const SHOP = `
$schema: postern.schema.json
version: 1
zones:
  shop.test:
    settings: {ssl: full, always_use_https: off, min_tls_version: 1.3, origin_tls_compliance_modes: [fips]}
    origin_pulls: {zone: on}
    records:
      - {name: www, type: A, content: 127.0.0.1, proxied: true, origin: {https_port: 8443}}
      - {name: "@", type: AAAA, content: "0:0::1", proxied: true, comment: the zone itself}
`;

interface Changes {
  readonly applied?: number;
  readonly changes: readonly { readonly zone: string; readonly change: string; readonly text: string }[];
}

describe('apply', () => {
  test('shows, applies, and finds nothing to do the second time', async () => {
    const path = file('shop.yaml', SHOP);
    assertGolden('apply-dry-run', await line.good('apply', '-f', path, '--dry-run'));
    assert.deepEqual(await line.json<unknown[]>('zones', 'list'), []);

    const differs = await line.run('diff', '-f', path, '--json');
    assert.equal(differs.code, 1);
    assert.equal((JSON.parse(differs.stdout) as Changes).changes.length, 8);

    const applied = await line.run('apply', '-f', path, '--json');
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal((JSON.parse(applied.stdout) as Changes).applied, 8);
    assertGolden('apply-progress', applied.stderr.replace(/^note: .*\n/gm, ''));
    assert.match(applied.stderr, /^note: SSL mode full does not verify/m);
    assert.doesNotMatch(applied.stderr, /no record of this zone is proxied/);
    assert.equal((await line.run('diff', '-f', path)).code, 0);
    assert.equal(await line.good('apply', '-f', path), 'Nothing differs.\n');
  });

  test('changes a record in place, and removes what is not named only when asked to', async () => {
    const { id } = (await line.postern.call<{ id: string }>('POST', '/zones', { name: 'prune.test' })).result;
    for (const name of ['www', 'old']) {
      await line.postern.call('POST', `/zones/${id}/dns_records`, { name, type: 'A', content: '127.0.0.1' });
    }
    const path = file(
      'prune.yaml',
      'version: 1\nzones: {prune.test: {records: [{name: www, type: A, content: 127.0.0.2}]}}',
    );
    assertGolden('apply-change', await line.good('apply', '-f', path));
    assert.equal((await line.run('diff', '-f', path)).code, 0);
    const pruned = await line.json<Changes>('apply', '-f', path, '--prune');
    assert.deepEqual(pruned.changes, [
      { zone: 'prune.test', change: 'remove', text: 'record old.prune.test A 127.0.0.1' },
    ]);

    const unasked = await line.run('apply', '-f', path, '--prune-zones');
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /Add --yes/);
    assert.ok((await line.postern.call('GET', `/zones/${id}`)).success);
  });

  test('stops at the first step that fails, and says what was done and what was not', async () => {
    const path = file(
      'half.yaml',
      `version: 1
zones:
  half.test: {origin_pulls: {zone: on}, records: [
    {name: a, type: A, content: 127.0.0.1}, {name: b, type: A, content: 169.254.169.254}, {name: c, type: A, content: 127.0.0.1}]}`,
    );
    const ended = await line.run('apply', '-f', path, '--json');
    assert.equal(ended.code, 1);
    const { message } = JSON.parse(ended.stdout).error as { message: string };
    assert.match(message, /link-local/);
    assert.match(
      message,
      /2 of 5 changes were made\. Not made:\n {2}half\.test \+ record b.*\n.*record c.*\n.*zone level: off → on$/,
    );
    const levels = await line.json<{ zone_level: boolean }>('aop', 'status', '--zone', 'half.test');
    assert.equal(levels.zone_level, false);
  });

  test('asks visitors for certificates before there is anything to visit, and exports that', async () => {
    const { ca } = await clientAuthority('Staff CA');
    const zone = {
      visitor_authorities: { 'www.ask.test': { certificates: ca, name: 'staff' } },
      records: [{ name: 'www.ask.test', type: 'A', content: '127.0.0.1', proxied: true }],
    };
    const path = file('ask.json', JSON.stringify({ version: 1, zones: { 'ask.test': zone } }));
    const { changes } = await line.json<Changes>('apply', '-f', path);
    assert.deepEqual(
      changes.map(({ text }) => text),
      [
        'zone',
        'visitors of www.ask.test: nothing is asked → certificate of CN=Staff CA (staff)',
        'record www.ask.test A 127.0.0.1 (proxied)',
      ],
    );
    const exported = parse(await line.good('export', '--zone', 'ask.test'));
    assert.deepEqual(exported.zones['ask.test'].visitor_authorities, zone.visitor_authorities);
    const none = { version: 1, zones: { 'ask.test': { visitor_authorities: {} } } };
    const pruned = await line.json<Changes>('apply', '-f', file('none.json', JSON.stringify(none)), '--prune');
    assert.equal(pruned.changes[0]?.change, 'remove');
    assert.deepEqual(await line.json('visitors', 'list', '--zone', 'ask.test'), []);
  });

  test('says what is asked for when locks are looked at, exports that, and takes it back', async () => {
    const attestation = { path: '/status', hostnames: { 'www.looked.test': '/healthz' } };
    const wish = (zone: object) => JSON.stringify({ version: 1, zones: { 'looked.test': zone } });
    const made = await line.json<Changes>('apply', '-f', file('looked.json', wish({ attestation })));
    assert.deepEqual(
      made.changes.map(({ text }) => text),
      ['zone', 'looks at locks: / → /status', 'looks at the locks of www.looked.test: as the zone → /healthz'],
    );
    const exported = parse(await line.good('export', '--zone', 'looked.test'));
    assert.deepEqual(exported.zones['looked.test'].attestation, attestation);
    const path = ['attestations', 'path', '--hostname', 'www.looked.test'];
    assert.equal(
      await line.good('attestations', 'path', '/up', '--zone', 'looked.test'),
      'every other hostname: /up\nwww.looked.test: /healthz\n',
    );
    assert.match(await line.good(...path, '--reset'), /^every hostname: \/up\n$/);
    await line.json(...path, '/own');
    const none = file('none-looked.json', wish({ attestation: { hostnames: {} } }));
    const pruned = await line.json<Changes>('apply', '-f', none, '--prune');
    assert.deepEqual(
      pruned.changes.map(({ text }) => text),
      ['looks at the locks of www.looked.test: /own → as the zone'],
    );
  });

  test('refuses a file with a mistake before anything is changed', async () => {
    const ended = await line.run('apply', '-f', file('bad.yaml', 'version: 1\nzones: {bad.test: {setings: {}}}'));
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /zones\.bad\.test has no key setings\.\n {2}Did you mean settings\?/);
  });
});

describe('accounts', () => {
  const wanted = (name: string, account = '') => file(`${name}.yaml`, `version: 1\nzones: {${name}: {${account}}}`);
  const accountOf = async (name: string) => {
    const { result } = await line.postern.call<readonly { account: { name: string } }[]>('GET', `/zones?name=${name}`);
    return result[0]?.account.name;
  };

  test('a zone is made in the account that the file or --account names, and is exported with it', async () => {
    const { id } = (await line.postern.call<{ id: string }>('POST', '/accounts', { name: 'Shop' })).result;
    assert.match(await line.good('apply', '-f', wanted('named.test', 'account: Shop')), /\+ zone in the account Shop/);
    await line.good('apply', '-f', wanted('flagged.test'), '--account', id);
    await line.good('apply', '-f', wanted('usual.test'));
    assert.deepEqual(await Promise.all(['named.test', 'flagged.test', 'usual.test'].map(accountOf)), [
      'Shop',
      'Shop',
      'default',
    ]);
    const { zones } = await line.json<{ zones: Record<string, { account?: string }> }>('export', '--account', 'Shop');
    assert.deepEqual(
      Object.entries(zones).map(([name, { account }]) => [name, account]),
      [
        ['named.test', 'Shop'],
        ['flagged.test', 'Shop'],
      ],
    );
    assert.doesNotMatch(await line.good('export', '--zone', 'usual.test'), /account/);
    assert.equal((await line.run('diff', '-f', wanted('named.test', 'account: Shop'))).code, 0);
  });

  test('no zone moves, and what contradicts itself changes nothing', async () => {
    await line.good('apply', '-f', wanted('stays.test'));
    const moved = await line.run('apply', '-f', wanted('stays.test', 'account: Shop'));
    assert.equal(moved.code, 2);
    assert.match(moved.stderr, /to be in the account Shop and is in default: zones do not move/);
    assert.equal((await line.run('apply', '-f', wanted('stays.test'), '--account', 'Shop')).code, 2);
    const contradicted = await line.run('apply', '-f', wanted('new.test', 'account: Shop'), '--account', 'default');
    assert.match(contradicted.stderr, /wants new\.test in the account Shop, --account says default/);
    assert.equal(await accountOf('new.test'), undefined);
  });

  test('under --account no zone of another account is pruned', async () => {
    const words = ['apply', '-f', wanted('named.test'), '--account', 'Shop', '--prune-zones', '--yes'];
    const pruned = await line.json<Changes>(...words);
    assert.deepEqual(
      pruned.changes.map(({ zone, change }) => [zone, change]),
      [['flagged.test', 'remove']],
    );
    assert.equal(await accountOf('usual.test'), 'default');
  });
});

test('what was imported from another API of the same kind is the same there and here, but for the keys', async () => {
  const { id } = (await line.postern.call<{ id: string }>('POST', '/zones', { name: 'import.test' })).result;
  const { credential, ca } = await clientAuthority('Import');
  const body = { certificate: credential.cert + ca, private_key: credential.key };
  const pulls = `/zones/${id}/origin_tls_client_auth`;
  const uploaded = await line.postern.call<{ id: string }>('POST', `${pulls}/hostnames/certificates`, body);
  for (const [name, comment] of [
    ['www', 'a remark'],
    ['api', ''],
  ]) {
    const record = { name, comment, type: 'A', content: '127.0.0.1', proxied: true, ttl: 300 };
    await line.postern.call('POST', `/zones/${id}/dns_records`, record);
  }
  const config = ['www', 'api'].map((name, index) => {
    return { hostname: `${name}.import.test`, cert_id: uploaded.result.id, enabled: index === 0 };
  });
  await line.postern.call('PUT', `${pulls}/hostnames`, { config });
  await line.postern.call('PUT', `${pulls}/settings`, { enabled: true });
  await line.postern.call('PATCH', `/zones/${id}/settings/ssl`, { value: 'origin_pull' });

  const out = join(scratch.path, 'imported.yaml');
  const from = [
    'import',
    '--from',
    'cloudflare',
    '--base-url',
    `${line.postern.base}/client/v4`,
    '--zone',
    'import.test',
  ];
  // A token for Postern is not one for the other API.
  assert.match((await line.run(...from)).stderr, /CLOUDFLARE_API_TOKEN/);
  const imported = await line.run(...from, '--token', line.postern.token, '--out', out);
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stderr, /Keys cannot be imported.*postern certs upload --zone import\.test --hostname-level/);
  const text = readFileSync(out, 'utf8');
  assert.ok(text.includes(`sha256:${leafFingerprint(credential.cert)}`) && !text.includes('PRIVATE'));
  assert.deepEqual(parse(text), parse(await line.good('export', '--zone', 'import.test')));

  await using other = await startPostern();
  const env = { POSTERN_DATA: other.dir };
  const missing = await run(['apply', '-f', out], env);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /wants the certificate sha256:.*\n/);
  const otherZone = (await other.call<{ id: string }>('POST', '/zones', { name: 'import.test' })).result.id;
  await other.call('POST', `/zones/${otherZone}/origin_tls_client_auth/hostnames/certificates`, body);
  const moved = await run([...from, '--token', line.postern.token, '--apply', '--data', other.dir], env);
  assert.equal(moved.code, 0, moved.stderr);
  const exported = await run(['export'], env);
  assert.deepEqual(parse(exported.stdout), parse(text));
});

test('the published JSON schema is the one that files are checked with', () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'schema', 'postern.schema.json');
  if (process.env['POSTERN_GOLDEN'] === 'write') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, publishedSchema());
  }
  assert.ok(existsSync(path), 'run: postern schema > docs/schema/postern.schema.json');
  assert.equal(readFileSync(path, 'utf8'), publishedSchema());
});
