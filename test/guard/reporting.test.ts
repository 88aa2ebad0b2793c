import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Postern, startPostern } from '../scenarios/postern.ts';
import { until } from '../scenarios/until.ts';
import { HOST, ZONE } from '../servers/locked-origin.ts';
import { knock } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { startGuardProcess } from './guard-process.ts';

interface Callers {
  readonly total: Readonly<Record<string, number>>;
  readonly sources: readonly { readonly lock: string }[];
}

let postern: Postern;
let credentials: PullCredentials;
let zone = '';
let token = '';
before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
  postern = await startPostern();
  zone = (await postern.call<{ readonly id: string }>('POST', '/zones', { name: ZONE })).result.id;
  const wish = { name: 'guard', permissions: ['origin:report'], zones: [zone] };
  token = (await postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', wish)).result.token;
});
after(() => postern?.[Symbol.asyncDispose]());

/** A guard that watches, with a token of these words. */
const watching = (words: string) =>
  startGuardProcess({
    credentials,
    flags: ({ directory }) => {
      const path = join(directory, 'report.token');
      writeFileSync(path, `${words}\n`, { mode: 0o600 });
      return ['--watch', '--zone', zone, '--api', postern.base, '--token-file', path];
    },
  });

test('a guard that watches tells who comes, with a token that may do nothing else', async () => {
  await using guard = await watching(token);
  const callers = async () =>
    (await postern.call<Callers>('GET', `/postern/v1/zones/${zone}/hostnames/${HOST}/callers`)).result;
  await until('the guard is heard before anybody comes', async () => (await callers()).sources.length === 1);
  const visits = [
    { port: guard.tlsPort, sni: HOST },
    { port: guard.tlsPort, sni: HOST, credential: credentials.right },
    { port: guard.tlsPort, sni: HOST, credential: credentials.wrong['self-signed certificate'] },
    { port: guard.tlsPort, sni: HOST, headers: [['User-Agent', 'Postern-Attestation']] as const },
  ];
  for (const visit of visits) {
    const outcome = await knock(visit);
    assert.equal(outcome.kind === 'answered' && outcome.status, 200);
  }
  const total = await until('all are counted', async () => {
    const now = (await callers()).total;
    return now['looks'] === 1 && now;
  });
  assert.deepEqual(total, { accepted: 1, without: 1, foreign: 1, unverified: 0, looks: 1 });
});

test('one that may not report says so once, and serves', async () => {
  await using guard = await watching('not-a-token-of-this-place');
  const line = await guard.logged('guard_callers_not_reported');
  assert.match(String(line['because']), /token/i);
  const outcome = await knock({ port: guard.tlsPort, sni: HOST });
  assert.equal(outcome.kind === 'answered' && outcome.status, 200);
});
