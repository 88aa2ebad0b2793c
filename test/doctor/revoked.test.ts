import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { revokedSerial } from '../../src/doctor/revoked-serial.ts';
import { crlPem, writeCrl } from '../../src/pki/crl.ts';
import { type PullCredentials, pullCredentials } from '../support/pull-credentials.ts';
import { run } from '../scenarios/program.ts';
import { needs } from '../support/availability.ts';
import { type RunningServer, startNginx } from '../support/server-process.ts';

const NAME = 'www.example.test';
const HOUR = 3_600_000;

function listOf(people: PullCredentials, which: 'root' | 'intermediate', serials: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const from = instant(now - HOUR);
  const revoked = serials.map((serial) => ({ serial, at: from, reason: 'superseded' as const }));
  return crlPem(
    writeCrl(people.authority[which], { number: 1, thisUpdate: from, nextUpdate: instant(now + HOUR), revoked }),
  );
}

/** An nginx with a lock, and lists where it is told of them. */
function locked(people: PullCredentials, lists: string | null): Promise<RunningServer> {
  return startNginx({
    ports: 1,
    configuration: ({ directory, ports: [https = 0] }) => {
      const file = (name: string, text: string): string => {
        writeFileSync(join(directory, name), text, { mode: 0o600 });
        return join(directory, name);
      };
      const { root, intermediate } = people.authority;
      file('ca.pem', intermediate.certificate.pem + root.certificate.pem);
      file('ca.key', intermediate.key.reveal());
      const server = file('server.pem', people.server.cert + people.server.key);
      const crl = lists === null ? '' : `ssl_crl ${file('lists.crl', lists)};`;
      return `events {}
error_log ${directory}/error.log;
http {
  access_log off;
  server {
    listen 127.0.0.1:${https} ssl; ssl_protocols TLSv1.2 TLSv1.3;
    server_name ${NAME};
    ssl_certificate ${server}; ssl_certificate_key ${server};
    ssl_client_certificate ${file('bundle.pem', people.bundle)}; ssl_verify_client on; ssl_verify_depth 3; ${crl}
    location / { default_type text/html; return 200 "<title>The application</title>"; }
  }
}
`;
    },
  });
}

interface Told {
  readonly verdict: string;
  readonly findings: readonly { readonly code: string }[];
  readonly checked: readonly { readonly probe: string; readonly saw: string }[];
  readonly notChecked: readonly { readonly what: string; readonly why: string }[];
}

async function doctor(origin: RunningServer, ...more: readonly string[]) {
  const file = (name: string) => join(origin.directory, name);
  const connect = `127.0.0.1:${origin.ports[0]}`;
  const authority = ['--ca-cert', file('ca.pem'), '--ca-key', file('ca.key')];
  const { code, stdout, stderr } = await run([
    'doctor',
    NAME,
    '--connect',
    connect,
    ...authority,
    ...more,
    '--format',
    'json',
  ]);
  assert.ok(code === 0 || code === 1, stderr);
  const told = JSON.parse(stdout) as Told;
  return {
    ...told,
    shown: told.checked.filter(({ probe }) => probe === 'revoked certificate, TLS 1.3').map(({ saw }) => saw),
    unshown: told.notChecked.find(({ what }) => what === 'whether a revoked certificate is refused')?.why,
  };
}

test(
  'a list that the configuration names makes a revoked certificate, which the server refuses',
  needs('nginx'),
  async () => {
    const people = await pullCredentials('example.test', Date.now());
    const lists = listOf(people, 'root', []) + listOf(people, 'intermediate', ['9c01', '3b']);
    await using origin = await locked(people, lists);
    const told = await doctor(origin, '--config', join(origin.directory, 'server.conf'), '--server', 'nginx');
    assert.equal(told.shown.length, 1);
    assert.match(told.shown.join(), /^refused: answered 400/);
    assert.deepEqual(
      told.findings.filter(({ code }) => code === 'no_revocation'),
      [],
    );
    assert.equal(told.unshown, undefined);
  },
);

test('a list that is named makes one too, and a server without lists lets it in', needs('nginx'), async () => {
  const people = await pullCredentials('example.test', Date.now());
  await using origin = await locked(people, null);
  const file = (name: string, text: string): string => {
    const path = join(origin.directory, name);
    writeFileSync(path, text);
    return path;
  };
  const told = await doctor(origin, '--crl', file('some.crl', listOf(people, 'intermediate', ['9c01'])));
  assert.match(told.shown.join(), /^answered 200/);
  assert.equal(told.verdict, 'locked');
  assert.ok(told.findings.some(({ code }) => code === 'no_revocation'));

  const none = await doctor(origin);
  assert.deepEqual(none.shown, []);
  assert.match(none.unshown ?? '', /no revocation list of the CA is at hand/);
  const empty = await doctor(origin, '--crl', file('empty.crl', listOf(people, 'intermediate', [])));
  assert.match(empty.unshown ?? '', /names no certificate/);
  const other = await doctor(origin, '--crl', file('other.crl', listOf(people, 'root', ['9c01'])));
  assert.match(other.unshown ?? '', /not of this CA/);
});

test('a list without the authority, and a file without a list, are wrong use', async () => {
  const alone = await run(['doctor', NAME, '--crl', 'any.crl']);
  assert.equal(alone.code, 2);
  assert.match(alone.stderr, /--crl is given without the authority/);
});

test('numbers that no certificate may have are passed over, and lists of others', async () => {
  const people = await pullCredentials('example.test', Date.now());
  const { certificate } = people.authority.intermediate;
  const found = (...lists: readonly string[]) => revokedSerial(lists, certificate);
  assert.deepEqual(found(), { kind: 'none', why: 'no_list' });
  assert.deepEqual(found('no list'), { kind: 'none', why: 'of_another' });
  const own = listOf(people, 'intermediate', ['ff'.repeat(20), '80']);
  assert.deepEqual(found(listOf(people, 'root', ['1']), own), { kind: 'serial', serial: '80' });
});
