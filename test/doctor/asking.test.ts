import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Knocked, knock } from '../../src/doctor/knock.ts';
import type { Asking } from '../../src/doctor/observation.ts';
import { instant } from '../../src/domain/ids.ts';
import { createAuthority, validFor } from '../../src/pki/issue.ts';
import { generateKey } from '../../src/pki/keys.ts';
import { PROFILES } from '../../src/pki/profiles.ts';
import { HOST, startLocked, writeCredential, ZONE } from '../servers/locked-origin.ts';
import { type LockedServer, traitsOf } from '../servers/traits.ts';
import { needs, programPath } from '../support/availability.ts';
import { freePorts } from '../support/free-port.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { scratchDirectory } from '../support/scratch.ts';
import { accepts, startNginx } from '../support/server-process.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

let credentials: PullCredentials;

before(async () => {
  credentials = await pullCredentials(ZONE, Date.now());
});

function ask(port: number, tlsVersion: (typeof VERSIONS)[number]): Promise<Knocked> {
  return knock({
    address: '127.0.0.1',
    port,
    serverName: HOST,
    path: '/',
    tlsVersion,
    credential: null,
    headers: [],
    listens: true,
    timeout: 5_000,
  });
}

function asked({ handshake }: Knocked): Extract<Asking, { kind: 'certificate' }> {
  const asks = handshake?.asks;
  assert.equal(asks?.kind, 'certificate');
  return asks;
}

describe('what a locked server asks for is heard in both versions of TLS', () => {
  const servers: readonly LockedServer[] = ['nginx', 'apache', 'haproxy', 'caddy', 'lighttpd', 'stunnel', 'node'];
  for (const server of servers) {
    test(server, needs(traitsOf(server).program), async () => {
      await using origin = await startLocked(server, { credentials });
      for (const version of VERSIONS) {
        const knocked = await ask(origin.tlsPort, version);
        const { authorities, count, schemes } = asked(knocked);
        assert.equal(knocked.handshake?.version, version);
        assert.equal(count, 2);
        const expected = [`CN=pull intermediate ${ZONE},O=Postern`, `CN=pull root ${ZONE},O=Postern`];
        assert.deepEqual([...authorities].sort(), expected);
        assert.equal(knocked.authorities.length, 2);
        assert.ok(schemes.includes('ecdsa_secp256r1_sha256'), schemes.join());
      }
    });
  }
});

async function nginx(directives: (directory: string) => string) {
  return startNginx({
    ports: 1,
    configuration: ({ ports: [port], directory }) => {
      writeCredential(directory, 'site', credentials.server);
      writeFileSync(join(directory, 'ca.pem'), credentials.bundle);
      return `worker_processes 1; error_log ${directory}/error.log; events {}
        http { access_log off; server { listen 127.0.0.1:${port} ssl; ssl_protocols TLSv1.2 TLSv1.3;
          ssl_certificate ${directory}/site.pem; ssl_certificate_key ${directory}/site.key;
          ${directives(directory)} return 200 "hello"; } }`;
    },
  });
}

function asking(directory: string): string {
  return `ssl_client_certificate ${directory}/ca.pem; ssl_verify_client optional;`;
}

describe('on nginx', needs('nginx'), () => {
  test('a server that asks for nothing is heard asking for nothing', async () => {
    await using server = await nginx(() => '');
    for (const version of VERSIONS) {
      const { handshake, saw } = await ask(server.ports[0] ?? 0, version);
      assert.deepEqual(handshake?.asks, { kind: 'nothing' });
      assert.equal(saw.kind, 'answered');
    }
  });

  for (const suite of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
    test(`TLS 1.3 with ${suite} is opened`, async () => {
      await using server = await nginx((directory) => `${asking(directory)} ssl_conf_command Ciphersuites ${suite};`);
      assert.equal(asked(await ask(server.ports[0] ?? 0, 'TLSv1.3')).count, 2);
    });
  }

  test('a server that wants another key share first is understood (RFC 8446 §4.1.4)', async () => {
    await using server = await nginx((directory) => `${asking(directory)} ssl_ecdh_curve secp521r1;`);
    for (const version of VERSIONS) assert.equal(asked(await ask(server.ports[0] ?? 0, version)).count, 2);
  });

  test('a list of names that fills several records is counted whole, and told in part', async () => {
    const many = 400;
    const bundle = await bundleOf(many);
    await using server = await nginx((directory) => {
      writeFileSync(join(directory, 'many.pem'), bundle);
      return `ssl_client_certificate ${directory}/many.pem; ssl_verify_client optional;`;
    });
    for (const version of VERSIONS) {
      const { count, authorities } = asked(await ask(server.ports[0] ?? 0, version));
      assert.equal(count, many);
      assert.equal(authorities.length, 20);
    }
  });

  test("the server's own chain is heard as well, and whether its tickets allow early data", async () => {
    const earlyData = async (setting: 'on' | 'off') => {
      await using server = await nginx(() => `ssl_early_data ${setting};`);
      const { handshake, shown } = await ask(server.ports[0] ?? 0, 'TLSv1.3');
      assert.equal(shown.length, 1);
      return handshake?.earlyData;
    };
    assert.equal(await earlyData('on'), true);
    assert.equal(await earlyData('off'), false);
  });
});

async function bundleOf(count: number): Promise<string> {
  const key = await generateKey();
  const validity = validFor(instant(Date.now()), 3_600_000);
  const authorities = Array.from({ length: count }, (_none, index) =>
    createAuthority({
      profile: PROFILES.pullRoot,
      subject: { commonName: `Authority number ${index} of very many`, organization: 'Somebody with a long name' },
      key,
      validity,
    }),
  );
  return authorities.map(({ certificate }) => certificate.pem).join('');
}

describe('a server that cuts its flight into small records', needs('openssl'), () => {
  const scratch = scratchDirectory();
  let child: ChildProcess;
  let port = 0;

  before(async () => {
    writeCredential(scratch.path, 'site', credentials.server);
    writeFileSync(join(scratch.path, 'ca.pem'), credentials.bundle);
    [port = 0] = await freePorts(1);
    const files = ['-cert', 'site.pem', '-key', 'site.key', '-CAfile', 'ca.pem'];
    const argv = [
      's_server',
      '-accept',
      `127.0.0.1:${port}`,
      '-www',
      '-verify',
      '1',
      '-max_send_frag',
      '512',
      ...files,
    ];
    child = spawn(programPath('openssl'), argv, { cwd: scratch.path, stdio: 'ignore' });
    while (!(await accepts(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  after(() => {
    child.kill('SIGKILL');
    scratch[Symbol.dispose]();
  });

  for (const version of VERSIONS) {
    test(`is heard in ${version}`, async () => {
      assert.equal(asked(await ask(port, version)).count, 2);
    });
  }
});
