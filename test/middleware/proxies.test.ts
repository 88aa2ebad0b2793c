import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo, createConnection } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  clientCertField,
  type LockOptions,
  ownEnd,
  type RefusedRequest,
  requireOriginPull,
  SIGNED_PULL,
  type SignedCaller,
  signPull,
} from '../../src/origin/middleware.ts';
import { readPem } from '../../src/pki/pem.ts';
import { loadCertificates } from '../../src/pki/read.ts';
import { needs } from '../support/availability.ts';
import { type Knock, knock, knockPlain } from '../support/knock.ts';
import { type RunningServer, startHaproxy, startNginx } from '../support/server-process.ts';
import { FRAMEWORKS, type RunningApplication, startApplication } from './applications.ts';
import { type LockFiles, lockFiles } from './lock-files.ts';
import { assertAnswered, assertRefused, NAME, wrongOnes, ZONE } from './lock-matrix.ts';

/** Applications without TLS, behind a proxy that has it. */

let files: LockFiles;
let key: Buffer;
before(async () => {
  files = await lockFiles();
  key = Buffer.alloc(32, 'not a secret, in a test only');
  files.write('site.pem', files.pulls.server.cert);
  files.write('site.key', files.pulls.server.key);
  files.write('site-and-key.pem', files.pulls.server.cert + files.pulls.server.key);
});
after(() => files?.[Symbol.dispose]());

function lock(options: LockOptions, refusals: RefusedRequest[] = []) {
  return requireOriginPull({
    zone: ZONE,
    hostnames: [NAME],
    reloadEvery: 0,
    onRefused: (refused) => refusals.push(refused),
    ...options,
  });
}

/** The edge's certificate as anybody can copy it: it is no secret. */
function copied(): string {
  return clientCertField(readPem(files.pulls.right.cert)[0]?.der ?? assert.fail('a certificate'));
}

/** nginx that takes any certificate and says which it was: it judges nobody. */
function nginx(upstream: string, fields: string): Promise<RunningServer> {
  const place = (name: string) => join(files.directory, name);
  return startNginx({
    ports: 1,
    configuration: ({ ports: [port], directory }) => `
      worker_processes 1;
      error_log ${directory}/error.log;
      events { }
      http {
        access_log off;
        underscores_in_headers on;
        client_body_temp_path ${directory}; proxy_temp_path ${directory}; fastcgi_temp_path ${directory};
        uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
        server {
          listen 127.0.0.1:${port} ssl;
          server_name ${NAME};
          ssl_certificate ${place('site.pem')}; ssl_certificate_key ${place('site.key')};
          ssl_client_certificate ${place('bundle.pem')}; ssl_verify_client optional_no_ca;
          location / { proxy_pass ${upstream}; proxy_set_header Host $host; ${fields} }
        }
      }`,
  });
}

const SPOOFED = ['Client-Cert', 'Client_Cert', 'CLIENT_CERT', 'X-Edge_Cert', 'X_Edge_Cert'];

for (const framework of FRAMEWORKS) {
  describe(`${framework} behind nginx, that says which certificate it was shown`, needs('nginx'), () => {
    let app: RunningApplication;
    let server: RunningServer;
    const refusals: RefusedRequest[] = [];
    const attempt = (over: Partial<Knock>): Knock => ({ port: server.ports[0] ?? 0, sni: NAME, ...over });

    before(async () => {
      const options = { from: 'proxy', bundle: files.bundle, peers: ['127.0.0.1'], field: 'X-Edge-Cert' } as const;
      app = await startApplication(framework, lock(options, refusals));
      server = await nginx(`http://127.0.0.1:${app.port}`, 'proxy_set_header X-Edge-Cert $ssl_client_escaped_cert;');
    });
    after(async () => {
      await server?.stop();
      await app?.[Symbol.asyncDispose]();
    });

    test('the lock judges: the edge is let in, everybody else is not, forged fields or no', async () => {
      const forged = [...SPOOFED, 'X-Edge-Cert'].map((name) => [name, copied()] as const);
      for (const headers of [[], forged]) {
        const request = await assertAnswered(app, knock(attempt({ credential: files.pulls.right, headers })), 'edge');
        assert.equal(request.pull?.via, 'edge');
        assert.equal(request.pull?.fingerprint, loadCertificates(files.pulls.right.cert)[0]?.fingerprint);
        const folded = request.fields.map(([name]) => name.toLowerCase().replaceAll('_', '-'));
        assert.ok(!folded.includes('x-edge-cert'), 'no copy of the field reaches the application');
        for (const [what, credential] of wrongOnes(files.pulls)) {
          await assertRefused(app, knock(attempt({ credential, headers })), what);
        }
      }
    });

    test('another name is refused, with the right certificate too', async () => {
      refusals.length = 0;
      await assertRefused(app, knock(attempt({ credential: files.pulls.right, host: 'other.test' })), 'other Host');
      assert.deepEqual(
        refusals.map(({ because }) => because),
        ['misdirected'],
      );
    });

    test('whoever writes to the application itself is believed only where the lock lists its address', async () => {
      const options = {
        from: 'proxy',
        bundle: files.bundle,
        peers: ['192.0.2.0/24', '2001:db8::/32', 'unix'],
      } as const;
      await using other = await startApplication(framework, lock(options, refusals));
      refusals.length = 0;
      const headers = [['Client-Cert', copied()]] as const;
      await assertRefused(other, knockPlain({ port: other.port, host: NAME, headers }), 'copied certificate');
      assert.deepEqual(
        refusals.map(({ because, address }) => `${because} ${address}`),
        ['unlisted_proxy 127.0.0.1'],
      );
    });
  });
}

describe('behind HAProxy', needs('haproxy'), () => {
  const place = (name: string) => join(files.directory, name);
  const haproxy = (port: number, rules: string) =>
    startHaproxy({
      ports: 1,
      configuration: ({ ports: [listen] }) => `
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend f
  bind 127.0.0.1:${listen} ssl crt ${place('site-and-key.pem')} ca-file ${place('bundle.pem')} verify optional crt-ignore-err all ca-ignore-err all
  ${rules}
  default_backend b
backend b
  server s 127.0.0.1:${port}
`,
    });
  const set = 'http-request set-header Client-Cert :%[ssl_c_der,base64]:';

  test('RFC 9440’s field is judged, and one that it only adds to a forged one counts for nothing', async () => {
    const refusals: RefusedRequest[] = [];
    const options = { from: 'proxy', bundle: files.bundle, peers: ['127.0.0.0/8'] } as const;
    await using app = await startApplication('node', lock(options, refusals));
    const headers = [['Client-Cert', copied()]] as const;
    await using sound = await haproxy(app.port, set);
    const right = { port: sound.ports[0] ?? 0, sni: NAME, credential: files.pulls.right };
    assert.equal((await assertAnswered(app, knock({ ...right, headers }), 'edge')).pull?.via, 'edge');
    for (const [what, credential] of wrongOnes(files.pulls)) {
      await assertRefused(app, knock({ ...right, credential, headers }), what);
    }
    await using adding = await haproxy(app.port, set.replace('set-header', 'add-header'));
    refusals.length = 0;
    await assertRefused(app, knock({ ...right, port: adding.ports[0] ?? 0, headers }), 'two copies');
    assert.equal(refusals[0]?.because, 'field_twice');
  });

  test('a word of success counts from the listed address only, once, and spelled so', async () => {
    const refusals: RefusedRequest[] = [];
    const options = { from: 'verdict', peers: ['127.0.0.1'] } as const;
    await using app = await startApplication('node', lock(options, refusals));
    await using server = await haproxy(
      app.port,
      'http-request set-header X-Postern-Verified NONE\n  http-request set-header X-Postern-Verified SUCCESS if { ssl_c_used } { ssl_c_verify 0 }',
    );
    const right = { port: server.ports[0] ?? 0, sni: NAME, credential: files.pulls.right };
    const headers = [
      ['X-Postern-Verified', 'SUCCESS'],
      ['X_Postern_Verified', 'SUCCESS'],
    ] as const;
    const request = await assertAnswered(app, knock({ ...right, headers }), 'edge');
    assert.deepEqual(request.pull, {
      verified: true,
      via: 'edge',
      because: null,
      zone: ZONE,
      hostname: NAME,
      fingerprint: null,
      subject: null,
      level: null,
    });
    await assertRefused(app, knock({ ...right, credential: null, headers }), 'forged');
    await assertRefused(app, knock({ ...right, host: 'other.test', headers }), 'another Host');
    for (const said of [[], ['success'], ['SUCCESS '], ['SUCCESS', 'SUCCESS'], ['NONE']]) {
      const copies = said.map((value) => ['X-Postern-Verified', value] as const);
      const direct = knockPlain({ port: app.port, host: NAME, headers: copies });
      if (said[0]?.trim() === 'SUCCESS' && said.length === 1) await assertAnswered(app, direct, 'the listed address');
      else await assertRefused(app, direct, JSON.stringify(said));
    }
  });
});

test('over a Unix socket everybody who may write to it is believed, and over TCP nobody', async () => {
  const options = { from: 'proxy', bundle: files.bundle, peers: ['unix'] } as const;
  const socketFile = join(files.directory, 'app.sock');
  await using app = await startApplication('node', lock(options), { socketFile });
  const socket = createConnection(socketFile);
  socket.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nClient-Cert: ${copied()}\r\nConnection: close\r\n\r\n`);
  const answer: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => answer.push(chunk));
  await once(socket, 'close');
  assert.match(Buffer.concat(answer).toString(), /^HTTP\/1\.1 200 /);
  assert.equal(app.seen[0]?.pull?.via, 'edge');
  await using overTcp = await startApplication('node', lock(options));
  const headers = [['Client-Cert', copied()]] as const;
  await assertRefused(overTcp, knockPlain({ port: overTcp.port, host: NAME, headers }), 'TCP');
});

describe('a signed word of the proxy', () => {
  const caller: SignedCaller = {
    via: 'edge',
    zone: ZONE,
    fingerprint: 'ab'.repeat(32),
    subject: 'CN=pull',
    level: 'zone',
  };

  /** A proxy that signs what it has verified; `bend` changes what it sends, or sends it again. */
  async function signingProxy(port: number, bend: (value: string, count: number) => string = (value) => value) {
    let count = 0;
    const server = createServer((incoming, outgoing) => {
      // One connection for each request, so that its own end is known before it signs.
      const connection = createConnection({ port, host: '127.0.0.1' }, () => {
        const { method = '', url: target = '', headers } = incoming;
        const host = headers.host ?? '';
        const signed = signPull(key, { method, host, target, connection: ownEnd(connection) }, caller, Date.now());
        count += 1;
        const onward = httpRequest(
          {
            createConnection: () => connection,
            method,
            path: target,
            headers: { ...headers, host, [SIGNED_PULL]: bend(signed, count), connection: 'close' },
          },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 0);
            answer.pipe(outgoing);
          },
        );
        incoming.pipe(onward);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      port: (server.address() as AddressInfo).port,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  for (const framework of FRAMEWORKS) {
    test(`${framework}: is believed for its request on its connection, once`, async () => {
      const refusals: RefusedRequest[] = [];
      await using app = await startApplication(framework, lock({ from: 'signed', key: [key] }, refusals));
      await using proxy = await signingProxy(app.port);
      const request = await assertAnswered(
        app,
        knockPlain({ port: proxy.port, host: NAME, path: '/below/a?b' }),
        'signed',
      );
      assert.deepEqual(request.pull, { verified: true, because: null, hostname: NAME, ...caller });
      await assertRefused(app, knockPlain({ port: proxy.port, host: 'other.test' }), 'another name');
      let kept = '';
      await using replaying = await signingProxy(app.port, (value) => {
        kept ||= value;
        return kept;
      });
      await assertAnswered(app, knockPlain({ port: replaying.port, host: NAME }), 'the first time');
      await assertRefused(app, knockPlain({ port: replaying.port, host: NAME }), 'again, on another connection');
      await using broken = await signingProxy(
        app.port,
        (value) => `${value.slice(0, -1)}${value.endsWith('A') ? 'E' : 'A'}`,
      );
      await assertRefused(app, knockPlain({ port: broken.port, host: NAME }), 'another signature');
      const headers = [[SIGNED_PULL, kept]] as const;
      await assertRefused(app, knockPlain({ port: app.port, host: NAME, headers }), 'without the proxy');
      await assertRefused(app, knockPlain({ port: app.port, host: NAME }), 'without a word');
      assert.deepEqual(
        refusals.map(({ because }) => because),
        ['misdirected', 'signature_wrong', 'signature_wrong', 'signature_wrong', 'field_missing'],
      );
    });
  }

  test('cannot be forged through a proxy that forwards everything', needs('nginx'), async () => {
    const refusals: RefusedRequest[] = [];
    await using app = await startApplication('node', lock({ from: 'signed', key: [key], bind: 'request' }, refusals));
    await using server = await nginx(`http://127.0.0.1:${app.port}`, '');
    const forged = signPull(
      Buffer.alloc(32, 'another key'),
      { method: 'GET', host: NAME, target: '/', connection: null },
      caller,
      Date.now(),
    );
    for (const value of [forged, 'v1.e30.AAAA', 'SUCCESS', copied()]) {
      const headers = [[SIGNED_PULL, value]] as const;
      const knocked = knock({ port: server.ports[0] ?? 0, sni: NAME, credential: files.pulls.right, headers });
      await assertRefused(app, knocked, value);
    }
    assert.equal(refusals[0]?.because, 'signature_wrong');
  });

  test('holds across addresses that change only where the lock says so, and then still only once', async () => {
    const refusals: RefusedRequest[] = [];
    await using app = await startApplication('node', lock({ from: 'signed', key: [key], bind: 'request' }, refusals));
    const signed = signPull(key, { method: 'GET', host: NAME, target: '/', connection: null }, caller, Date.now());
    const knocking = () => knockPlain({ port: app.port, host: NAME, headers: [[SIGNED_PULL, signed]] });
    await assertAnswered(app, knocking(), 'the first time');
    await assertRefused(app, knocking(), 'again');
    assert.equal(refusals[0]?.because, 'signature_replayed');
  });

  test('needs a key of 32 bytes on both sides', () => {
    const short = Buffer.alloc(31);
    assert.throws(() => lock({ from: 'signed', key: [short] }), /key: not a key for signed headers/);
    assert.throws(() => lock({ from: 'signed', key: [] }), /key: not a key for signed headers/);
    assert.throws(() => lock({ from: 'signed', key: join(files.directory, 'gone') }), /key: the file is not there/);
    const request = { method: 'GET', host: NAME, target: '/', connection: null };
    assert.throws(() => signPull(short, request, caller, 0), RangeError);
  });
});
