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

async function statusOf(site: Site, sni: string | null, host = HOST, path = '/'): Promise<number | string> {
  const saw = await knock({ port: site.tls, sni, host, path });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

async function throughEdge(path = '/'): Promise<number | string> {
  const saw = await knock({ port: edge.postern.https, sni: HOST, path });
  return saw.kind === 'answered' ? saw.status : saw.how;
}

describe('postern origin install on HAProxy', needs('haproxy'), () => {
  test('locks the site and proves it, changes nothing the second time, and uninstall undoes it to the byte', async () => {
    await using site = await startSite('haproxy', edge);
    const untouched = site.files();
    assert.equal(await statusOf(site, HOST), 200);

    const installed = await site.origin('install', ...NAMES);
    assert.equal(installed.code, 0, installed.stdout + installed.stderr + site.server.errorLog());
    assert.match(installed.stdout, /this server says SUCCESS of its certificate/);
    assert.equal(await statusOf(site, HOST), 116);
    assert.equal(await throughEdge(), 200);

    const locked = site.files();
    const again = await site.origin('install', ...NAMES);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /installed already, and nothing was changed/);
    assert.deepEqual(site.files(), locked);

    const gone = await site.origin('uninstall', HOST);
    assert.equal(gone.code, 0, gone.stdout + gone.stderr);
    assert.deepEqual(site.files(), untouched);
    assert.equal(await statusOf(site, HOST), 200);
  });
});
