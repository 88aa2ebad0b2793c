import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { type Credential, knock, type Outcome } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { type Edge, serverCertificate, type Site, startEdge, startSite } from './installed-site.ts';

const HOST = 'www.example.test';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

let edge: Edge;
let credentials: PullCredentials;
before(async () => {
  [edge, credentials] = await Promise.all([startEdge(), pullCredentials('example.test', Date.now())]);
});
after(() => edge?.[Symbol.asyncDispose]());

/** The least that an edge is: it takes visits and pulls with a certificate. */
async function plainEdge(port: number, shown: Credential): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer(await serverCertificate([HOST]), (visit, answer) => {
    const options = { host: '127.0.0.1', port, servername: visit.headers.host ?? '', rejectUnauthorized: false };
    const pull = request({ ...options, ...shown, path: visit.url, headers: visit.headers, agent: false }, (came) => {
      answer.writeHead(came.statusCode ?? 0, came.headers);
      came.pipe(answer);
    });
    pull.on('error', () => answer.writeHead(502).end());
    pull.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function install(site: Site): Promise<void> {
  const bundle = join(site.directory, 'sockets');
  writeFileSync(bundle, credentials.bundle);
  await using pulls = await plainEdge(site.tls, credentials.right);
  const argv = ['--hostname', HOST, '--hostname', 'example.test', '--zone', 'example.test', '--bundle', bundle];
  const placed = ['--config-dir', join(site.directory, 'postern'), '--backup-dir', join(site.directory, 'state')];
  const found = ['--server-config', join(site.directory, 'server.conf'), '--through', `127.0.0.1:${pulls.port}`];
  const ended = await run(['origin', 'install', ...argv, ...placed, ...found]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
}

for (const [kind, program] of [
  ['nginx', 'nginx'],
  ['apache', 'apache2'],
  ['haproxy', 'haproxy'],
  ['caddy', 'caddy'],
] as const) {
  describe(`a lock that was installed on ${kind}`, needs(program), () => {
    async function refused(site: Site, attempt: () => Promise<Outcome>, what: string): Promise<Outcome> {
      const seen = site.application.seen.length;
      const outcome = await attempt();
      assert.ok(outcome.kind === 'refused' || outcome.status >= 400, `${what}: ${JSON.stringify(outcome)}`);
      assert.equal(site.application.seen.length, seen, `${what}: the application saw it`);
      return outcome;
    }

    test('lets the right certificate in and no other, whatever name is asked for', async () => {
      await using site = await startSite(kind, edge);
      await install(site);
      for (const tlsVersion of VERSIONS) {
        const to = { port: site.tls, sni: HOST, tlsVersion };
        const good = await knock({ ...to, credential: credentials.right });
        assert.equal(good.kind === 'answered' && good.status, 200, JSON.stringify(good));
        for (const [what, credential] of Object.entries(credentials.wrong)) {
          await refused(site, () => knock({ ...to, credential }), `${what}, ${tlsVersion}`);
          for (const sni of [null, 'other.test', 'unknown.test']) {
            await refused(
              site,
              () => knock({ ...to, sni, host: HOST, credential }),
              `${what}, SNI ${sni}, ${tlsVersion}`,
            );
          }
        }
      }
    });

    test('is not entered with the session of a neighbour, or of the edge', async () => {
      await using site = await startSite(kind, edge);
      await install(site);
      for (const tlsVersion of VERSIONS) {
        const to = { port: site.tls, tlsVersion };
        const neighbour = await knock({ ...to, sni: 'other.test' });
        const pull = await knock({ ...to, sni: HOST, credential: credentials.right });
        for (const session of neighbour.sessions) {
          await refused(site, () => knock({ ...to, sni: HOST, session }), `session of a neighbour, ${tlsVersion}`);
          await refused(
            site,
            () => knock({ ...to, sni: null, host: HOST, session }),
            `the same without SNI, ${tlsVersion}`,
          );
        }
        // Whoever holds a session of the edge holds its identity as long as it lives: that there is none is asked of nginx.
        if (kind === 'nginx') assert.deepEqual(pull.sessions, [], 'the lock gives sessions away');
      }
    });
  });
}
