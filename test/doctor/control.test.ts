import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { controlled } from '../../src/doctor/diagnosis/controlled.ts';
import type { ControlFacts } from '../../src/doctor/control-facts.ts';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { run } from '../scenarios/program.ts';

const HOST = 'www.example.test';

interface Told {
  readonly findings: readonly { readonly code: string; readonly target: string }[];
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
  readonly checked: readonly { readonly probe: string }[];
}

describe('what the control plane says of a hostname', () => {
  let postern: Postern;
  let zone: string;
  let record: string;

  before(async () => {
    postern = await startPostern();
    zone = await made('zones', { name: 'example.test' });
    record = await made(`zones/${zone}/dns_records`, { type: 'A', name: 'www', content: '127.0.0.1', proxied: true });
  });
  after(() => postern[Symbol.asyncDispose]());

  async function send(method: string, path: string, body: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${postern.token}` };
    const response = await fetch(`${postern.base}/client/v4/${path}`, { method, headers, body: JSON.stringify(body) });
    const envelope = (await response.json()) as { readonly success: boolean; readonly result: unknown };
    assert.ok(envelope.success, `${path}: ${JSON.stringify(envelope)}`);
    return envelope.result;
  }

  async function made(path: string, body: unknown): Promise<string> {
    return ((await send('POST', path, body)) as { readonly id: string }).id;
  }

  async function told(host = HOST) {
    const argv = ['doctor', host, '--connect', '127.0.0.1:1', '--api', postern.base, '--format', 'json'];
    const { stdout, stderr } = await run(argv, { POSTERN_TOKEN: postern.token });
    assert.equal(stderr, '');
    const { findings, checked, notChecked } = JSON.parse(stdout) as Told;
    const own = findings.filter(({ target }) => target === host).map(({ code }) => code);
    return { codes: own.toSorted(), checked, notChecked };
  }

  test('an edge that presents nothing is a finding, and one that does is none', async () => {
    await send('PATCH', `zones/${zone}/settings/ssl`, { value: 'flexible' });
    await send('PATCH', `zones/${zone}/settings/always_use_https`, { value: 'off' });
    const { codes, notChecked } = await told();
    assert.deepEqual(codes, ['edge_shows_nothing', 'mode_without_tls', 'plain_visitors']);
    assert.ok(
      notChecked.every(({ why }) => !/control plane|token/.test(why)),
      JSON.stringify(notChecked),
    );
    await send('PATCH', `zones/${zone}/settings/ssl`, { value: 'strict' });
    await send('PATCH', `zones/${zone}/settings/always_use_https`, { value: 'on' });
    await send('PUT', `zones/${zone}/origin_tls_client_auth/settings`, { enabled: true });
    const good = await told();
    assert.deepEqual(good.codes, []);
    assert.ok(good.checked.some(({ probe }) => probe === 'control plane: zone level'));
  });

  test('the identity that all share, and a name that is DNS-only, are findings', async () => {
    await send('PUT', `zones/${zone}/origin_tls_client_auth/settings`, { enabled: false });
    await send('PATCH', `zones/${zone}/settings/tls_client_auth`, { value: 'on' });
    await send('PATCH', `zones/${zone}/dns_records/${record}`, { proxied: false });
    assert.deepEqual((await told()).codes, ['dns_only', 'shared_identity']);
  });

  test('a name that no zone holds is a finding of its own', async () => {
    assert.deepEqual((await told('www.other.test')).codes, ['zone_unknown']);
  });

  test('a token that is none is said at once, and without one nobody is asked', async () => {
    const argv = ['doctor', HOST, '--connect', '127.0.0.1:1', '--api', postern.base];
    const wrong = await run(argv, { POSTERN_TOKEN: 'wrong' });
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /Authentication failed/);
    const none = await run(argv, { POSTERN_DATA: postern.dir });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /asks for a token/);
  });
});

const FACTS: ControlFacts = {
  host: HOST,
  mode: 'strict',
  alwaysHttps: true,
  proxied: true,
  levels: { hostname: 'on', zone: true, global: false },
  certificate: { status: 'active', ends: null },
};
const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

for (const [what, change, codes] of [
  ['all is well', {}, []],
  ['a hostname that is switched off', { levels: { ...FACTS.levels, hostname: 'off' } }, ['hostname_switched_off']],
  ['a certificate that has ended', { certificate: { status: 'active', ends: NOW - 1 } }, ['identity_expired']],
  ['one that ends soon', { certificate: { status: 'active', ends: NOW + 29 * DAY } }, ['identity_ending']],
  ['one that lasts', { certificate: { status: 'active', ends: NOW + 31 * DAY } }, []],
  ['one that waits', { certificate: { status: 'pending_deployment', ends: NOW + 90 * DAY } }, ['identity_not_active']],
  ['mode full', { mode: 'full' }, ['mode_unverified']],
  ['what could not be asked', { mode: null, alwaysHttps: null, proxied: null, certificate: null }, []],
  ['a level that could not be asked', { levels: { hostname: 'unset', zone: false, global: null } }, []],
] as const satisfies readonly (readonly [string, Partial<ControlFacts>, readonly string[]])[]) {
  test(`the control plane says: ${what}`, () => {
    assert.deepEqual(
      controlled({ ...FACTS, ...change }, NOW).map(({ code }) => code),
      codes,
    );
  });
}
