import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startSite } from './installed-site.ts';

const NAMES = ['--hostname', 'www.example.test', '--hostname', 'example.test'];
const HOST = 'www.example.test';

let edge: Edge;
before(async () => {
  edge = await startEdge();
});
after(() => edge?.[Symbol.asyncDispose]());

async function statusOf(site: Site, host = HOST): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni: host });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

async function throughEdge(path = '/'): Promise<number | string> {
  const saw = await knock({ port: edge.postern.https, sni: HOST, path });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

/** Each server, its program, the alert that a caller without a certificate gets, and whether a neighbour shares its socket. */
const SERVERS = [
  { kind: 'apache', program: 'apache2', refused: 116, neighbour: true },
  { kind: 'haproxy', program: 'haproxy', refused: 116, neighbour: false },
  { kind: 'caddy', program: 'caddy', refused: 42, neighbour: true },
] as const;

for (const { kind, program, refused, neighbour } of SERVERS) {
  describe(`postern origin install on ${kind}`, needs(program), () => {
    test('locks the site and proves it, changes nothing the second time, and uninstall undoes it to the byte', async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      assert.equal(await statusOf(site), 200);

      const installed = await site.origin('install', ...NAMES);
      assert.equal(installed.code, 0, installed.stdout + installed.stderr + site.server.errorLog());
      assert.match(installed.stdout, /this server says SUCCESS of its certificate/);
      assert.equal(await statusOf(site), refused);
      assert.equal(await throughEdge(), 200);
      if (neighbour) assert.equal(await statusOf(site, 'other.test'), 200, 'the neighbour is as before');
      if (kind === 'apache') assert.equal(await throughEdge('/private'), 403, 'what the site denies stays denied');

      const locked = site.files();
      const again = await site.origin('install', ...NAMES);
      assert.equal(again.code, 0, again.stdout + again.stderr);
      assert.match(again.stdout, /installed already, and nothing was changed/);
      assert.deepEqual(site.files(), locked);

      const gone = await site.origin('uninstall', HOST);
      assert.equal(gone.code, 0, gone.stdout + gone.stderr);
      assert.deepEqual(site.files(), untouched);
      assert.equal(await statusOf(site), 200);
    });

    test('puts everything back to the byte where the edge comes without a certificate', async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      await edge.pull(false);
      const failed = await site.origin('install', ...NAMES);
      await edge.pull(true);
      assert.equal(failed.code, 1, failed.stdout + failed.stderr);
      assert.match(failed.stdout, /it came without a certificate/);
      assert.match(failed.stdout, /Every file is as it was, and the server has taken it/);
      assert.deepEqual(site.files(), untouched);
      assert.equal(await statusOf(site), 200);
    });

    test('puts everything back to the byte where the server does not reload', async () => {
      await using site = await startSite(kind, edge);
      const untouched = site.files();
      const failed = await site.origin('install', ...NAMES, '--reload', 'false');
      assert.equal(failed.code, 1, failed.stdout + failed.stderr);
      assert.match(failed.stdout, /the server does not reload/);
      assert.deepEqual(site.files(), untouched);
    });
  });
}
