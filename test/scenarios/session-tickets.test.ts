import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { needs, programPath } from '../support/availability.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import type { Outcome } from '../support/knock.ts';
import { type Scratch, scratchDirectory } from '../support/scratch.ts';
import { type Postern, startPostern } from './postern.ts';
import { addRecord, assertStatus, createZone, visit } from './site.ts';
import { until } from './until.ts';
import { workerIn } from './visitors.ts';

const WORKERS = ['--workers', '2'];
const HOSTS = { first: 'www.first.test', second: 'www.second.test' };

let application: EchoApplication;
let scratch: Scratch;
let postern: Postern;

async function start(dir: string): Promise<Postern> {
  return startPostern({ dir, argv: WORKERS });
}

before(async () => {
  application = await startEcho();
  scratch = scratchDirectory();
  postern = await start(join(scratch.path, 'data'));
  for (const host of Object.values(HOSTS)) {
    const zone = await createZone(postern, host.slice('www.'.length), null);
    await postern.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'flexible' });
    await addRecord(postern, zone, { name: host, origin: { http_port: application.port } });
  }
});
after(async () => {
  await postern?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
  scratch?.[Symbol.dispose]();
});

async function session(version: 'TLSv1.2' | 'TLSv1.3'): Promise<{ readonly session: Buffer; readonly worker: string }> {
  const outcome = await visit(postern, HOSTS.first, { tlsVersion: version });
  const worker = workerIn(assertStatus(outcome, 200, 'the first visit'));
  const [made] = outcome.sessions;
  assert.ok(made, 'the visitor was given no session');
  return { session: made, worker };
}

function resumed(outcome: Outcome): boolean {
  assertStatus(outcome, 200, 'a visitor who comes back');
  return outcome.kind === 'answered' && outcome.resumed;
}

test('a session that one worker made is resumed by the other', async () => {
  const made = await session('TLSv1.3');
  const seen = new Set<string>();
  await until('both have resumed it', async () => {
    const outcome = await visit(postern, HOSTS.first, { session: made.session, tlsVersion: 'TLSv1.3' });
    assert.ok(resumed(outcome));
    seen.add(workerIn(assertStatus(outcome, 200, 'a visitor who comes back')));
    return seen.size === 2;
  });
});

test('a TLS 1.2 session is not resumed, because it would not say for which name', async () => {
  const outcome = await visit(postern, HOSTS.first, { tlsVersion: 'TLSv1.2' });
  assertStatus(outcome, 200, 'the first visit');
  // The session has an id at most, and nobody keeps those.
  for (const kept of outcome.sessions) {
    assert.equal(resumed(await visit(postern, HOSTS.first, { session: kept, tlsVersion: 'TLSv1.2' })), false);
  }
});

interface Resumption {
  readonly file: string;
  /** Server name of the handshake; `null` for none. */
  readonly name: string | null;
  readonly host: string;
}

/** Has openssl resume the session whatever the name: Node's own client would not offer it. */
async function resume({ file, name, host }: Resumption): Promise<{ readonly reused: boolean; readonly text: string }> {
  const named = name === null ? ['-noservername'] : ['-servername', name];
  const text = await sClient([...named, '-sess_in', file], host);
  return { reused: /^Reused, TLSv1\.3/m.test(text), text };
}

async function sClient(flags: readonly string[], host: string): Promise<string> {
  const argv = ['s_client', '-connect', `127.0.0.1:${postern.https}`, '-tls1_3', '-ign_eof', ...flags];
  const child = spawn(programPath('openssl'), argv, { stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await once(child, 'close');
  return text;
}

test(
  'a session of one name gives nothing of it under another name, nor under an unknown one or none',
  needs('openssl'),
  async () => {
    const file = join(scratch.path, 'session.pem');
    const { first, second } = HOSTS;
    assert.match(await sClient(['-servername', first, '-sess_out', file], first), /^HTTP\/1\.1 200 /m);

    const own = await resume({ file, name: first, host: first });
    assert.ok(own.reused);
    assert.match(own.text, /^HTTP\/1\.1 200 /m);

    const crossed = await resume({ file, name: second, host: first });
    assert.match(crossed.text, /^HTTP\/1\.1 421 /m, 'the name of the new handshake is the one that counts');
    const moved = await resume({ file, name: second, host: second });
    assert.match(moved.text, /^HTTP\/1\.1 200 /m);

    for (const name of ['www.nobody.test', null]) {
      const { text } = await resume({ file, name, host: first });
      assert.doesNotMatch(text, /^HTTP\//m, `${name}: as without a session, there is no answer`);
    }
  },
);

test('after a restart old sessions shake hands in full, and are served', async () => {
  const made = await session('TLSv1.3');
  assert.ok(resumed(await visit(postern, HOSTS.first, { session: made.session, tlsVersion: 'TLSv1.3' })));
  const { dir } = postern;
  postern.signal('SIGTERM');
  await postern.ended;
  await postern[Symbol.asyncDispose]();
  postern = await start(dir);
  assert.equal(resumed(await visit(postern, HOSTS.first, { session: made.session, tlsVersion: 'TLSv1.3' })), false);
});
