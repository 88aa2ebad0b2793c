import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const HOST = 'www.example.test';
const OTHER = 'example.test';
const NAMES = ['--hostname', HOST, '--hostname', OTHER];

let edge: Edge;
before(async () => {
  edge = await startEdge();
  const { zone, postern } = edge;
  const { result } = await postern.call<readonly { readonly id: string }[]>(
    'GET',
    `/zones/${zone}/dns_records?name=${OTHER}`,
  );
  assert.equal(result.length, 1);
  for (const { id } of result) await postern.call('DELETE', `/zones/${zone}/dns_records/${id}`);
});
after(() => edge?.[Symbol.asyncDispose]());

/** A site of the edge whose second name has no record. */
async function siteWithout(): Promise<Site> {
  // The record of that name is gone, and the fixture points all at the server that is started.
  const { postern, zone } = edge;
  const { result } = await postern.call<readonly { readonly id: string }[]>('GET', `/zones/${zone}/dns_records`);
  const pointAt = async (port: number) => {
    for (const { id } of result)
      await postern.call('PATCH', `/zones/${zone}/dns_records/${id}`, { origin: { https_port: port } });
  };
  return startNginxSite({ ...edge, pointAt });
}

async function statusOf(site: Site, name: string): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni: name });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

/** The command that mends it, in the text that was printed. */
function mending(site: Site): string {
  return `postern records add ${OTHER} A 127.0.0.1 --origin-https-port ${site.tls} --proxied --zone example.test --api ${edge.postern.base}`;
}

describe('a name that has no record at the edge', needs('nginx'), () => {
  test('is told apart while watching, with the command that makes the record, and is no failure', async () => {
    await using site = await siteWithout();
    const installed = await site.origin('install', ...NAMES, '--watch');
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    assert.match(
      installed.stdout,
      /^! not proved: example\.test has no record, so the edge answers visitors with 404$/m,
    );
    assert.ok(installed.stdout.includes(`\n    ${mending(site)}\n`), installed.stdout);
    assert.ok(
      installed.stdout.includes(`\n    or in the dashboard: ${edge.postern.base}/dashboard/zones/${edge.zone}/dns\n`),
    );
    assert.match(
      installed.stdout,
      /\nInstalled, watching: nobody is refused\. 1 of 2 names is not proved: example\.test\. Backup: \S+\n$/,
    );
    assert.doesNotMatch(installed.stdout, /✗/);
    assert.doesNotMatch(installed.stdout + installed.stderr, /No proxied record leads here yet/, 'it is said once');
    assert.equal(await statusOf(site, HOST), 200);
  });

  test('is the same for a program', async () => {
    await using site = await siteWithout();
    const installed = await site.origin('install', ...NAMES, '--watch', '--json');
    assert.equal(installed.code, 0, installed.stderr);
    const { outcome, names } = JSON.parse(installed.stdout) as { outcome: string; names: readonly unknown[] };
    assert.equal(outcome, 'installed');
    assert.deepEqual(names, [
      { name: HOST, served: true, proved: true },
      {
        name: OTHER,
        served: false,
        proved: false,
        because: 'unknown_hostname',
        fix: { command: mending(site), page: `${edge.postern.base}/dashboard/zones/${edge.zone}/dns` },
      },
    ]);
  });

  test('keeps a lock from enforcing before anything is changed, and the command that is printed mends it', async () => {
    await using site = await siteWithout();
    const untouched = site.files();
    for (const argv of [[], ['--dry-run']]) {
      const refused = await site.origin('install', ...NAMES, ...argv);
      assert.equal(refused.code, 1, refused.stdout + refused.stderr);
      assert.match(
        refused.stderr,
        /Nothing was changed: example\.test has no record, so the edge answers visitors with 404\. Once locked, it would be closed to everybody\./,
      );
      assert.ok(refused.stderr.includes(mending(site)), refused.stderr);
      assert.deepEqual(site.files(), untouched);
    }
    const machine = await site.origin('install', ...NAMES, '--json');
    assert.equal(machine.code, 1, machine.stderr);
    const { error } = JSON.parse(machine.stdout) as { error: { errors: readonly { name: string; command: string }[] } };
    assert.deepEqual(
      error.errors.map(({ name, command }) => [name, command]),
      [[OTHER, mending(site)]],
    );
    assert.deepEqual(readdirSync(join(site.directory, 'state')), ['host.lock'], 'no backup was needed');

    const [, ...words] = mending(site).split(' ');
    const mended = await run(words, { POSTERN_DATA: edge.postern.dir });
    assert.equal(mended.code, 0, mended.stdout + mended.stderr);
    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr);
    assert.match(installed.stdout, /\nInstalled\. Backup: \S+\n$/);
  });
});
