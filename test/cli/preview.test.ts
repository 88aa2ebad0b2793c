import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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
  const unforeseen = await line.run('settings', 'set', 'min_tls_version', '1.3', ...AT, '--preview');
  assert.match(unforeseen.stderr, /cannot be told before/);
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
