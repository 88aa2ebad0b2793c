import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { clientAuthority } from '../scenarios/authorities.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';

let line: CommandLine;

before(async () => {
  line = await startCommandLine();
  await line.good('zones', 'create', 'shop.test');
  await line.good('records', 'add', 'www', 'A', '127.0.0.1', '--proxied', ...AT);
  await line.good('aop', 'on', ...AT);
});
after(async () => {
  await line[Symbol.asyncDispose]();
});

const AT = ['--zone', 'shop.test'];

interface Told {
  readonly consequences: readonly { readonly code: string; readonly hostnames: readonly string[] }[];
}

test('each verb says with --preview what would follow, ends with 1 where something would break, and changes nothing', async () => {
  const before = [await line.good('records', 'list', ...AT), await line.good('settings', 'list', ...AT)];
  const told: readonly (readonly [words: readonly string[], code: number, text: RegExp])[] = [
    [['records', 'set', 'www', '--dns-only', ...AT], 1, /^stop .*\n {2}www\.shop\.test\n {2}→ Keep the record proxied/],
    [['records', 'rm', 'www', ...AT], 1, /^stop The edge serves them no more/],
    [['aop', 'off', ...AT], 0, /^warning They are pulled over TLS without a client certificate/],
    [['aop', 'on', ...AT], 0, /^note No pull of any hostname is different afterwards/],
    [['aop', 'inherit', '--hostname', 'www.shop.test'], 0, /^note No pull/],
    [['settings', 'set', 'ssl', 'flexible', ...AT], 1, /^stop They are pulled over plain HTTP/],
    [['settings', 'set', 'always_use_https', 'off', ...AT], 0, /^warning What visitors ask for over http/],
    [['rotations', 'start', '--what', 'root', ...AT], 0, /^warning Their origins must trust a new CA/],
    [['rotations', 'emergency', '--revoke-first', ...AT], 1, /^stop Nothing is proved before: .* until they trust/],
    [['rotations', 'emergency', ...AT], 0, /^warning Their origins must trust a new CA/],
    [['zones', 'delete', 'shop.test'], 1, /^stop The edge serves them no more/],
  ];
  for (const [words, code, text] of told) {
    const ended = await line.run(...words, '--preview');
    assert.equal(ended.code, code, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stdout, text, words.join(' '));
  }
  assert.deepEqual([await line.good('records', 'list', ...AT), await line.good('settings', 'list', ...AT)], before);
});

test('what visitors, rules, tokens and channels would meet is said as well', async () => {
  const { ca, credential } = await clientAuthority('Staff CA');
  using scratch = scratchDirectory();
  const file = (name: string, text: string): string => {
    const path = join(scratch.path, name);
    writeFileSync(path, text);
    return path;
  };
  const made = file('ca.pem', ca);
  const [cert, key] = [file('client.pem', credential.cert), file('client.key', credential.key)];
  await line.good('access-rules', 'add', 'block', '192.0.2.0/24', ...AT);
  const login = ['*.shop.test/login*', '--threshold', '5', '--period', '60'];
  await line.good('rate-limits', 'add', ...login, ...AT);
  await line.good('records', 'add', 'api', 'A', '127.0.0.1', '--proxied', ...AT);
  await line.good('visitors', 'require', 'www.shop.test', '--ca', made);
  await line.good('tokens', 'create', 'ci', '--permission', 'dns:edit', '--all-zones');
  await line.good('notices', 'add-webhook', 'https://hooks.example.test/', '--name', 'ops');
  const shown = async () => [
    await line.good('access-rules', 'list', ...AT),
    await line.good('rate-limits', 'list', ...AT),
    await line.good('visitors', 'list', ...AT),
    await line.good('notices', 'channels'),
    await line.good('tokens', 'list'),
  ];
  const before = await shown();
  const told: readonly (readonly [words: readonly string[], code: number, text: RegExp])[] = [
    [
      ['settings', 'set', 'min_tls_version', '1.3', ...AT],
      0,
      /^warning Visitors that speak nothing newer than TLS 1\.2/,
    ],
    [
      ['settings', 'set', 'origin_tls_compliance_modes', 'fips', ...AT],
      0,
      /^warning The edge offers their origins fewer/,
    ],
    [['settings', 'set', 'origin_tls_compliance_modes', 'none', ...AT], 0, /^note No pull/],
    [['records', 'add', 'www', 'A', '192.0.2.7', '--proxied', ...AT], 0, /^warning They are pulled from other places/],
    [['visitors', 'require', 'api.shop.test', '--ca', made], 1, /^stop Visitors must show a certificate there/],
    [['certs', 'upload', '--cert', cert, '--key', key, ...AT], 0, /^warning Their origins are shown another/],
    [['visitors', 'drop', 'www.shop.test'], 1, /^stop Visitors need no certificate there any more/],
    [['access-rules', 'add', 'block', '0.0.0.0/0', ...AT], 1, /^stop Every visitor with an address of that kind/],
    [['access-rules', 'delete', '192.0.2.0/24', ...AT], 0, /^warning Visitors from there are let in again/],
    [['rate-limits', 'add', ...login, ...AT], 0, /^warning Visitors that ask more often/],
    [['rate-limits', 'set', '*.shop.test/login*', '--action', 'simulate', ...AT], 0, /^warning Nobody is turned away/],
    [['rate-limits', 'delete', '*.shop.test/login*', ...AT], 0, /^warning Nobody is turned away/],
    [['tokens', 'revoke', 'ci'], 1, /^stop Whatever uses the token is refused.*changed nothing in the last hour/],
    [['tokens', 'roll', 'ci'], 1, /^stop Whatever uses the token is refused/],
    [['notices', 'remove', 'ops'], 1, /^stop No other channel takes all of these notices/],
    [['notices', 'set', 'ops', '--off'], 1, /^stop No other channel takes all of these notices/],
    [['notices', 'roll', 'ops'], 1, /^stop Notices are signed with another secret/],
  ];
  for (const [words, code, text] of told) {
    const ended = await line.run(...words, '--preview');
    assert.equal(ended.code, code, `${words.join(' ')}: ${ended.stderr}`);
    assert.match(ended.stdout, text, words.join(' '));
  }
  assert.deepEqual(await shown(), before);
  for (const [setting, value] of [
    ['min_tls_version', '1.4'],
    ['origin_tls_compliance_modes', 'fast'],
  ] as const) {
    const refused = await line.run('settings', 'set', setting, value, ...AT, '--preview');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /There is no/);
  }
});

test('for machines it is what the API answers, and a refusal is that of the change', async () => {
  const ended = await line.run('records', 'set', 'www', '--dns-only', ...AT, '--preview', '--json');
  const { consequences }: Told = JSON.parse(ended.stdout);
  assert.deepEqual(
    consequences.map(({ code, hostnames }) => [code, ...hostnames]),
    [['origin_exposed', 'www.shop.test']],
  );
  const [managed] = await line.json<{ id: string }[]>('identities', 'list', ...AT);
  const refused = await line.run('certs', 'delete', managed?.id ?? '', ...AT, '--preview');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /managed identity cannot be deleted/);
});

test('all zones at a glance, and what ends when, are for the terminal too', async () => {
  const shown = await line.run('overview');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /ZONE +LOCK .*\n.*\nshop\.test +not looked at/);
  const searched = await line.json<{ zones: readonly unknown[] }>('overview', '--search', 'nothing');
  assert.deepEqual(searched.zones, []);
  assert.match(await line.good('expiries', '--within', '36500d', ...AT), /managed +shop\.test .*Postern/);
  assert.equal((await line.run('expiries', '--within', 'soon')).code, 2);
});
