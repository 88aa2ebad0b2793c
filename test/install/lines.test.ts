/** Lines of the lock that the API makes, put by hand into the server block of a real nginx: they watch, then they hold. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../scenarios/until.ts';
import { needs } from '../support/availability.ts';
import { knock } from '../support/knock.ts';
import { type Edge, type Site, startEdge, startNginxSite } from './installed-site.ts';

const HOST = 'www.example.test';
/** Where nginx of Debian logs. */
const LOGS = '/var/log/nginx/';

interface Made {
  readonly files: readonly { readonly path: string; readonly what: string; readonly text: string | null }[];
  readonly watch_logs: readonly { readonly path: string }[];
}

let edge: Edge;
let site: Site;
before(async () => {
  edge = await startEdge();
  site = await startNginxSite(edge);
});
after(async () => {
  await site?.[Symbol.asyncDispose]();
  await edge?.[Symbol.asyncDispose]();
});

/** Copies the files as the page shows them; what nginx reads in conf.d goes there. */
async function copied(mode: 'watch' | 'enforce'): Promise<{ readonly lines: string; readonly log: string }> {
  const wish = { server: 'nginx', lines: true, mode, hostnames: [HOST, 'example.test'] };
  const body = { ...wish, directory: join(site.directory, 'postern') };
  const path = `/postern/v1/zones/${edge.zone}/origin_config`;
  const { result } = await edge.postern.call<Made>('POST', path, body);
  const place = (file: string) =>
    file.startsWith('/etc/nginx/conf.d/') ? join(site.directory, 'conf.d', basename(file)) : file;
  for (const file of result.files) {
    mkdirSync(dirname(place(file.path)), { recursive: true });
    writeFileSync(place(file.path), (file.text ?? '').replaceAll(LOGS, `${site.directory}/`));
  }
  const lines = result.files.find(({ what }) => what === 'configuration')?.path ?? '';
  return { lines, log: join(site.directory, basename(result.watch_logs[0]?.path ?? 'none')) };
}

test(
  'lines in the server block that is there watch, then hold, and leave the site its own',
  needs('nginx'),
  async () => {
    const { lines, log } = await copied('watch');
    const block = join(site.directory, 'sites-available/www.example.test');
    const text = readFileSync(block, 'utf8');
    const own = '    include snippets/tls.conf;\n';
    assert.ok(text.includes(own));
    writeFileSync(block, text.replace(own, `${own}    include "${lines}";\n`));
    site.server.signal('SIGHUP');
    const stranger = async (path: string) => knock({ port: site.tls, sni: HOST, path });
    const logged = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    await until('who comes is logged', async () => {
      const outcome = await stranger('/stranger');
      assert.deepEqual([outcome.kind, outcome.kind === 'answered' && outcome.status], ['answered', 200]);
      return logged().includes('verify="NONE"');
    });
    const visited = async () => knock({ port: edge.postern.https, sni: HOST, path: '/visitor' });
    await until('the edge is known', async () => {
      await visited();
      return logged().includes('verify="SUCCESS"');
    });

    assert.equal((await copied('enforce')).lines, lines, 'the same file says otherwise');
    site.server.signal('SIGHUP');
    await until('strangers are refused', async () => {
      const outcome = await stranger('/stranger');
      return outcome.kind === 'refused' || outcome.status !== 200;
    });
    const through = await visited();
    assert.deepEqual([through.kind, through.kind === 'answered' && through.status], ['answered', 200]);
  },
);
