/** A guided set-up on a real nginx, from nothing to a lock that was seen to hold. */

import assert from 'node:assert/strict';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { debianNginx, type TreeFiles, type TreePlaces } from './nginx-tree.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const HOST = 'www.example.test';

/** One site alone: two that answer alike would be one that another name leads to. */
function oneSite(places: TreePlaces): TreeFiles {
  const { 'sites-enabled/other.test': _link, ...files } = debianNginx(places);
  return files;
}

interface Callers {
  readonly total: Readonly<Record<string, number>>;
  readonly examples: readonly { readonly address: string; readonly count: number }[];
  readonly sources: readonly unknown[];
  readonly how: string | null;
}

interface Setup {
  readonly step: { readonly kind: string; readonly waits_for: string | null };
  readonly choices: Readonly<Record<string, unknown>>;
  readonly callers: Callers;
}

interface Made {
  readonly text: string;
  readonly commands: readonly { readonly what: string; readonly text: string }[];
}

let edge: Edge;
let site: Site;
before(async () => {
  edge = await startEdge('--attest-every', '10s');
  site = await startNginxSite(edge, { tree: oneSite });
});
after(async () => {
  await site?.[Symbol.asyncDispose]();
  await edge?.[Symbol.asyncDispose]();
});

const at = () => `/postern/v1/zones/${edge.zone}`;
const setup = async () => (await edge.postern.call<Setup>('GET', `${at()}/setups/${HOST}`)).result;
const choose = async (choices: object) =>
  (await edge.postern.call<Setup>('PUT', `${at()}/setups/${HOST}`, { choices })).result;
const callers = async () => (await edge.postern.call<Callers>('GET', `${at()}/hostnames/${HOST}/callers`)).result;
/** Without the looks of Postern's own, which go on. */
const strangers = ({ total: { looks: _looks, ...others } }: Callers) => others;
const watchLog = () =>
  join(site.directory, readdirSync(site.directory).find((name) => name.startsWith('postern-watch')) ?? 'no log');
const report = () =>
  run(
    [
      'origin',
      'watch-report',
      '--api',
      edge.postern.base,
      '--zone',
      edge.zone,
      '--hostname',
      HOST,
      '--log',
      watchLog(),
      '--state',
      join(site.directory, 'state', 'callers.json'),
    ],
    { POSTERN_TOKEN: edge.postern.token },
  );

test('from a record to a lock that is proved, left and resumed on the way', needs('nginx'), async () => {
  assert.equal((await choose({})).step.waits_for, 'choice');
  const chosen = await choose({ server: 'nginx', upstream: 'http://127.0.0.1:3000', mode: 'watch' });
  assert.deepEqual([chosen.step.kind, chosen.step.waits_for], ['configure', 'origin']);
  const { result: made } = await edge.postern.call<Made>('POST', `${at()}/origin_config`, {
    server: 'nginx',
    hostnames: [HOST],
    mode: 'watch',
  });
  assert.match(made.text, /ssl_verify_client optional_no_ca/);
  const install = made.commands.find(({ what }) => what === 'install')?.text ?? '';
  assert.match(
    install,
    /^postern origin install --api http:\/\/127\.0\.0\.1:\d+ --zone example\.test --hostname www\.example\.test --server nginx --watch --stay 1h$/,
  );

  assert.equal((await site.origin('install', '--hostname', HOST, '--hostname', 'example.test', '--watch')).code, 0);
  assert.match((await callers()).how ?? '', /postern origin watch-report/);
  await knock({ port: site.tls, sni: HOST, path: '/stranger' });
  await knock({ port: edge.postern.https, sni: HOST, path: '/visitor' });
  const reported = await until('both are reported', async () => {
    const ended = await report();
    const { total } = await callers();
    return ended.code === 0 && (total['without'] ?? 0) > 0 && (total['accepted'] ?? 0) > 0 && total;
  });
  assert.equal(reported['foreign'], 0);
  const watching = await setup();
  assert.deepEqual(watching.choices, chosen.choices);
  assert.deepEqual([watching.step.kind, watching.step.waits_for], ['watch', 'strangers']);
  assert.deepEqual(watching.callers.examples[0]?.address, '127.0.0.1');

  const inTerminal = await run(['setup', '--data', edge.postern.dir, '--zone', 'example.test', '--hostname', HOST]);
  assert.equal(inTerminal.code, 1, inTerminal.stderr);
  assert.match(
    inTerminal.stdout,
    /^www\.example\.test: watch\. Some still come .*\n.*\nLast hour: \d+ with .*\n\n.*\n {2}postern origin watch-report /,
  );
  const synced = () =>
    run(['origin', 'sync', '--locks', join(site.directory, 'postern', 'locks')], { POSTERN_TOKEN: edge.postern.token });
  const before = await callers();
  const first = await synced();
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const counted = await callers();
  assert.equal(counted.sources.length, 2, 'the lock reports by itself');
  assert.ok((counted.total['without'] ?? 0) > (before.total['without'] ?? 0));
  renameSync(watchLog(), `${watchLog()}.1`);
  site.server.signal('SIGUSR1');
  assert.equal((await synced()).code, 0);
  const names = ['--hostname', HOST, '--hostname', 'example.test'];
  const stayed = await site.origin('install', ...names, '--watch', '--stay', '1s');
  assert.equal(stayed.code, 0, stayed.stderr);
  assert.match(stayed.stderr, /www\.example\.test so far: nobody/);
  assert.deepEqual(strangers(await callers()), strangers(counted), 'each line counts once');
  await endsWithItsToken();
  assert.equal(
    (await choose({ ...chosen.choices, mode: 'enforce' })).step.kind,
    'enforce',
    'the lock still says that it watches',
  );
  assert.equal((await site.origin('install', '--hostname', HOST, '--hostname', 'example.test')).code, 0);
  assert.equal((await synced()).code, 0);
  // A look that is made by itself may have been faster.
  assert.match((await setup()).step.kind, /^proved?$/);
  await until('the lock is proved', async () => {
    await edge.postern.call('POST', `${at()}/attestations`, { hostname: HOST });
    return (await setup()).step.kind === 'proved';
  });
  const asked = ['setup', '--data', edge.postern.dir, '--zone', 'example.test', '--hostname', HOST];
  const told = await run(asked);
  assert.deepEqual([told.code, told.stdout], [0, `${HOST}: proved. The lock was seen to hold.\n`]);
  const ended = await edge.postern.call<Setup>('DELETE', `${at()}/setups/${HOST}`);
  assert.equal(ended.result.step.kind, 'proved');
  assert.equal((await edge.postern.ask('GET', `${at()}/setups/${HOST}`)).status, 404);
  const log = await edge.postern.call<readonly { readonly action: string }[]>('GET', '/postern/v1/audit');
  const actions = new Set(log.result.map(({ action }) => action));
  for (const action of ['begin_setup', 'update_setup', 'finish_setup']) assert.ok(actions.has(action), action);
});

/** Reports who comes for as long as its token counts. */
async function endsWithItsToken(): Promise<void> {
  const { postern, zone } = edge;
  const wish = { name: 'reporter', permissions: ['zone:read', 'origin:report'], zones: [zone] };
  const token = (
    await postern.call<{ readonly id: string; readonly token: string }>('POST', '/postern/v1/tokens', wish)
  ).result;
  const words = ['--zone', 'example.test', '--hostname', HOST, '--locks', join(site.directory, 'postern', 'locks')];
  const argv = ['origin', 'watch-report', '--api', postern.base, ...words, '--follow', '--interval', '1s'];
  const before = strangers(await callers());
  const reporting = run(argv, { POSTERN_TOKEN: token.token });
  await until('what comes now is counted', async () => {
    await knock({ port: site.tls, sni: HOST });
    return (strangers(await callers())['without'] ?? 0) > (before['without'] ?? 0);
  });
  await postern.call('DELETE', `/postern/v1/tokens/${token.id}`);
  const ended = await reporting;
  assert.deepEqual([ended.code, /Authentication failed/.test(ended.stderr)], [2, true], ended.stderr);
}
