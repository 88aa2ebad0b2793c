/** What the origin itself says of its certificate, beside what the edge was shown: with real servers, and with somebody between. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { CertificateLook } from '../../src/wire/origin-certificate-looks.ts';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { showingOf, showingOrigin } from '../support/showing-origins.ts';
import { type Edge, type Site, startEdge, startSite } from './installed-site.ts';

const HOST = 'www.example.test';
const NAMES = ['--hostname', HOST, '--hostname', 'example.test'];

let edge: Edge;
before(async () => {
  edge = await startEdge();
  await edge.postern.call('PATCH', `/zones/${edge.zone}/settings/ssl`, { value: 'strict' });
});
after(() => edge?.[Symbol.asyncDispose]());

async function looked(): Promise<CertificateLook['origins'][number]> {
  const path = `/postern/v1/zones/${edge.zone}/origin_certificates`;
  const { result } = await edge.postern.call<CertificateLook>('POST', path, { hostname: HOST });
  return result.origins[0] ?? assert.fail('there is no origin');
}

/** Has the edge come to this address for the name. */
async function leadTo(content: string): Promise<void> {
  const records = `/zones/${edge.zone}/dns_records`;
  const { result } = await edge.postern.call<readonly { readonly id: string }[]>('GET', `${records}?name=${HOST}`);
  await edge.postern.call('PATCH', `${records}/${result[0]?.id ?? ''}`, { content });
}

async function report(site: Site): Promise<string> {
  const locks = ['--locks', join(site.directory, 'postern', 'locks')];
  const asked = ['--api', edge.postern.base, '--zone', edge.zone, ...NAMES, ...locks];
  const wish = { name: 'reporter', permissions: ['origin:report'], zones: [edge.zone] };
  const made = await edge.postern.call<{ readonly token: string }>('POST', '/postern/v1/tokens', wish);
  const ended = await run(['origin', 'watch-report', ...asked], { POSTERN_TOKEN: made.result.token });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}

const inTerminal = () => run(['records', 'certificate', HOST, '--data', edge.postern.dir, '--zone', 'example.test']);

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
] as const) {
  describe(`what ${kind} shows`, needs(program), () => {
    test('is told by the machine itself, which is no caller by that', async () => {
      await using site = await startSite(kind, edge);
      assert.equal((await site.origin('install', ...NAMES, '--watch')).code, 0);
      await report(site);
      const { told_by_origin: told, certificate, believed } = await looked();
      assert.deepEqual([told?.said, believed], ['same', false], 'it is a witness, and nothing is trusted by it');
      assert.deepEqual(told?.certificate?.fingerprint, certificate?.fingerprint);
      assert.equal(told?.certificate?.self_signed, false);
      const again = await report(site);
      assert.match(again, /^www\.example\.test since the last report: nobody/m);
    });
  });
}

describe('an origin that the edge does not believe', needs('nginx'), () => {
  for (const [mode, code] of [
    [['--watch'], 0],
    [[], 1],
  ] as const)
    test(`the command that ${code === 0 ? 'watches' : 'enforces'} says where its CA goes, and how it is found`, async () => {
      await using site = await startSite('nginx', edge);
      const { stdout, ...installed } = await site.origin('install', ...NAMES, ...mode);
      assert.equal(installed.code, code, stdout);
      const { base } = edge.postern;
      assert.match(stdout, /answered 526/);
      assert.match(stdout, /its CA goes into the trust store of the zone\.$/m);
      const page = `${base}/dashboard/zones/${edge.zone}/ssl/origin-server`;
      assert.ok(stdout.includes(`In the dashboard: step 3 of the set-up, or ${page}\n`), stdout);
      const [, command = ''] = /^ +Which CA that is: postern (.+)$/m.exec(stdout) ?? [];
      assert.equal(command, `records certificate ${HOST} --zone example.test --api ${base}`);
      const found = await run(command.split(' '), { POSTERN_TOKEN: edge.postern.token });
      assert.match(found.stdout, /not believed \(526\)/);
    });
});

describe('somebody between', needs('nginx'), () => {
  test('shows another certificate than the machine tells, and is not believed for it', async () => {
    await using site = await startSite('nginx', edge);
    assert.equal((await site.origin('install', ...NAMES, '--watch')).code, 0);
    await report(site);
    assert.equal((await looked()).told_by_origin?.said, 'same');
    await using _between = await showingOrigin(
      await showingOf(null, [HOST]),
      {},
      { host: '127.0.0.2', port: site.tls },
    );
    await leadTo('127.0.0.2');
    try {
      const { told_by_origin: told, certificate, believed } = await looked();
      assert.deepEqual([told?.said, believed], ['other', false]);
      assert.notEqual(told?.certificate?.fingerprint, certificate?.fingerprint);
      const said = await inTerminal();
      assert.equal(said.code, 1, said.stderr);
      assert.match(
        said.stdout,
        /^ {2}another than \S+ saw at its own server: .*CN=www\.example\.test, SHA-256 [0-9a-f]{64}$/m,
      );
      await report(site);
      assert.equal((await looked()).told_by_origin?.said, 'other', 'the machine looks at itself alone');
    } finally {
      await leadTo('127.0.0.1');
    }
    assert.equal((await looked()).told_by_origin?.said, 'same');
    assert.match((await inTerminal()).stdout, /^ {2}same as \S+ saw at its own server, since \d{4}-/m);
  });
});
