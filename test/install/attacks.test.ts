import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { type Credential, knock, type Outcome } from '../support/knock.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { debianApache } from './apache-tree.ts';
import { packagedCaddy } from './caddy-tree.ts';
import { debianHaproxy } from './haproxy-tree.ts';
import { type Edge, serverCertificate, type Site, startEdge, startSite } from './installed-site.ts';
import type { TreeFiles, TreePlaces } from './nginx-tree.ts';

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

async function install(site: Site, ...more: readonly string[]): Promise<void> {
  const bundle = join(site.directory, 'sockets');
  writeFileSync(bundle, credentials.bundle);
  await using pulls = await plainEdge(site.tls, credentials.right);
  const argv = ['--hostname', HOST, '--hostname', 'example.test', '--zone', 'example.test', '--bundle', bundle];
  const placed = ['--config-dir', join(site.directory, 'postern'), '--backup-dir', join(site.directory, 'state')];
  const logs = ['--log-dir', site.directory];
  const found = [
    ...logs,
    '--server-config',
    join(site.directory, 'server.conf'),
    '--through',
    `127.0.0.1:${pulls.port}`,
  ];
  const ended = await run(['origin', 'install', ...argv, ...placed, ...found, ...more]);
  // The exit code also tells of other doors that stay open.
  assert.match(ended.stdout, /^Installed[.,]/m, ended.stdout + ended.stderr);
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

const HEADER = 'X-Postern-Verified';
const FORGED = [
  HEADER,
  'x-postern-verified',
  'X_Postern_Verified',
  'X-Postern_Verified',
  'X.POSTERN.VERIFIED',
  'X-Postern~Verified',
];

/** What the application heard in the header, in whatever spelling. */
function heard({ application: { seen } }: Site): readonly string[] {
  const isIt = (name: string) => /^x[^a-z0-9]postern[^a-z0-9]verified$/i.test(name);
  return (seen.at(-1)?.fields ?? [])
    .filter(([name]) => isIt(name))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`);
}

/** The tree with the application over plain HTTP too, in place of a redirection. */
function plainly(tree: (places: TreePlaces) => TreeFiles, line: RegExp, instead: (app: number) => string) {
  return (places: TreePlaces): TreeFiles => {
    const files = Object.entries(tree(places));
    return Object.fromEntries(files.map(([path, text]) => [path, text.replace(line, instead(places.app))]));
  };
}

for (const [kind, program, servedPlain] of [
  [
    'apache',
    'apache2',
    plainly(debianApache, /Redirect permanent.*/, (app) => `ProxyPass "/" "http://127.0.0.1:${app}/"`),
  ],
  ['haproxy', 'haproxy', debianHaproxy],
  ['caddy', 'caddy', plainly(packagedCaddy, /redir https.*/, (app) => `reverse_proxy 127.0.0.1:${app}`)],
] as const) {
  describe(`the verified header of a lock that was installed on ${kind}`, needs(program), () => {
    const forging = FORGED.map((name) => [name, 'FORGED'] as const);

    test("is the server's own, whatever the caller says", async () => {
      await using site = await startSite(kind, edge);
      await install(site, '--verified-header', HEADER);
      const to = { port: site.tls, sni: HOST, credential: credentials.right };
      const good = await knock({ ...to, headers: forging });
      assert.equal(good.kind === 'answered' && good.status, 200, JSON.stringify(good));
      assert.deepEqual(heard(site), ['x-postern-verified: SUCCESS']);
      assert.equal((await knock(to)).kind, 'answered');
      assert.deepEqual(heard(site), ['x-postern-verified: SUCCESS']);
    });

    test('says of a caller without a certificate that there is none while nobody is refused', async () => {
      await using site = await startSite(kind, edge, { tree: servedPlain });
      await install(site, '--verified-header', HEADER, '--watch');
      const to = { port: site.tls, sni: HOST };
      const stranger = await knock({ ...to, headers: forging });
      assert.equal(stranger.kind === 'answered' && stranger.status, 200, JSON.stringify(stranger));
      assert.deepEqual(heard(site), ['x-postern-verified: NONE']);
      for (const [what, credential] of Object.entries(credentials.wrong)) {
        const seen = site.application.seen.length;
        await knock({ ...to, headers: forging, credential });
        if (site.application.seen.length === seen) continue;
        assert.match(heard(site).join(), /^x-postern-verified: (?:NONE|FAILED:[^,]+)$/, what);
      }
      await knock({ ...to, credential: credentials.right });
      assert.deepEqual(heard(site), ['x-postern-verified: SUCCESS']);
      const headers = { host: HOST, [HEADER]: 'SUCCESS' };
      const [plain] = await once(httpRequest({ port: site.http, host: '127.0.0.1', headers }).end(), 'response');
      assert.equal(plain.statusCode, 200);
      assert.deepEqual(heard(site), ['x-postern-verified: NONE'], 'over plain HTTP');
    });
  });
}

test(
  'nginx passes on what each location says, so the verified header is refused with the lines for them',
  needs('nginx'),
  async () => {
    await using site = await startSite('nginx', edge);
    const untouched = site.files();
    const refused = await site.origin(
      'install',
      '--hostname',
      HOST,
      '--hostname',
      'example.test',
      '--verified-header',
      HEADER,
    );
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(
      refused.stderr,
      /By hand, inside each such location:\n +proxy_set_header X-Postern-Verified \$ssl_client_verify;/,
    );
    assert.match(refused.stderr, /proxy_set_header X_Postern_Verified "";/);
    const mistyped = await site.origin('install', '--hostname', HOST, '--verified-header', 'Host');
    assert.equal(mistyped.code, 2, mistyped.stdout);
    assert.match(mistyped.stderr, /--verified-header "Host" is not a name for the verified header/);
    assert.deepEqual(site.files(), untouched);
  },
);
