import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { instant } from '../../src/domain/ids.ts';
import { APACHE_CASES } from '../../src/origin/audit/apache.fixture.ts';
import { type AuditCase, type TrustedWorld, trustedWorld } from '../../src/origin/audit/audited-case.fixture.ts';
import { HAPROXY_CASES } from '../../src/origin/audit/haproxy.fixture.ts';
import { LIGHTTPD_CASES } from '../../src/origin/audit/lighttpd.fixture.ts';
import { needs, type Program } from '../support/availability.ts';
import { type EchoApplication, startEcho } from '../support/echo-application.ts';
import { type Credential, type Knock, knock } from '../support/knock.ts';
import {
  DidNotStart,
  type RunningServer,
  type ServerSetup,
  startApache,
  startHaproxy,
  startLighttpd,
} from '../support/server-process.ts';

let world: TrustedWorld;
before(async () => {
  world = await trustedWorld(instant(Date.now()));
});

/** Ports of the cases, in the order of those that stand for them. */
const PORTS = ['443', '8443', '80', '8080'] as const;

interface Server {
  readonly program: Program;
  readonly cases: readonly AuditCase[];
  readonly start: (setup: ServerSetup) => Promise<RunningServer>;
  /** Only loopback. */
  readonly local: (config: string) => string;
}

const SERVERS: readonly Server[] = [
  {
    program: 'apache2',
    cases: APACHE_CASES,
    start: startApache,
    local: (config) =>
      config
        .replaceAll(/^Listen (\d+)$/gm, 'Listen 127.0.0.1:$1')
        .replaceAll(/^Listen 0\.0\.0\.0/gm, 'Listen 127.0.0.1'),
  },
  {
    program: 'haproxy',
    cases: HAPROXY_CASES,
    start: startHaproxy,
    local: (config) => config.replaceAll('bind *:', 'bind 127.0.0.1:').replaceAll('bind :::', 'bind [::1]:'),
  },
  {
    program: 'lighttpd',
    cases: LIGHTTPD_CASES,
    start: startLighttpd,
    local: (config) =>
      `server.bind = "127.0.0.1"\n${config.replaceAll('== ":', '== "127.0.0.1:').replaceAll('"[::]:', '"[::1]:')}`,
  },
];

/** What cannot be shown from here: addresses that others have, and authorities that are trusted on purpose. */
function isShown({ config, claims, title, unreal, refusal, more = {} }: AuditCase): boolean {
  if (unreal === true || refusal !== undefined || config.includes('192.0.2.')) return false;
  // Where its port is a sum, another one cannot be put in its place.
  if (Object.values(more).some((text) => text.includes('400 + 43'))) return false;
  if (title.includes("server's own certificate") || title.includes('of the system')) return false;
  return !config.includes('ab'.repeat(32)) && claims.every((claim) => !claim.endsWith('unknown'));
}

function moved(text: string, directory: string, ports: readonly number[], apps: readonly EchoApplication[]): string {
  const port = (found: string) => String(ports[(PORTS as readonly string[]).indexOf(found)]);
  return text
    .replaceAll('/t/', `${directory}/`)
    .replace(
      /^ServerRoot .*$/m,
      `ServerRoot ${directory}\nDefaultRuntimeDir ${directory}\nPidFile ${directory}/pid\nErrorLog ${directory}/error.log`,
    )
    .replaceAll(/(?<=:|Listen |server\.port = )(443|8443|80|8080)\b|\b[34]000\b/g, (found) =>
      String(found === '3000' ? apps[0]?.port : found === '4000' ? apps[1]?.port : port(found)),
    );
}

function setupFor({ cases: _cases, local }: Server, one: AuditCase, apps: readonly EchoApplication[]): ServerSetup {
  const used = PORTS.map((port) => new RegExp(`(?:[:\\]]|Listen |port = )${port}\\b`).test(one.config));
  return {
    ports: PORTS.length,
    quiet: used.flatMap((is, index) => (is ? [] : [index])),
    configuration: ({ directory, ports }) => {
      symlinkSync('/usr/lib/apache2/modules', join(directory, 'modules'));
      const texts = [...world.files, ...Object.entries(one.more ?? {})];
      for (const [path, text] of texts) {
        const file = moved(path, directory, ports, apps);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, path.endsWith('.pem') ? text : moved(text, directory, ports, apps));
      }
      return moved(local(one.config), directory, ports, apps);
    },
  };
}

type Door = Pick<Knock, 'port' | 'address'>;

function strangersAt(door: Door): readonly Knock[] {
  const credentials: readonly (Credential | null)[] = [null, world.selfMade, world.otherAuthority];
  const names = ['a.test', 'b.test', null];
  const hosts = ['a.test', `a.test:${door.port}`, 'b.test', 'x.invalid', null];
  const all = credentials.flatMap((credential) =>
    names.flatMap((sni) => hosts.map((host) => ({ ...door, credential, sni, host }))),
  );
  const plain = { ...door, credential: null, sni: 'a.test' };
  const methods = ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) => ({ ...plain, method }));
  return [...all, ...methods, ...['/api/x', '/x.png'].map((path) => ({ ...plain, path }))];
}

async function isPlain(door: Door, apps: readonly EchoApplication[]): Promise<boolean> {
  const [app] = apps;
  const seen = app?.seen.length;
  await new Promise<void>((resolve) => {
    const options = { host: door.address ?? '127.0.0.1', port: door.port, headers: { host: 'a.test' }, agent: false };
    const asked = request(options, (response) => {
      response.resume();
      response.on('close', resolve);
    });
    asked.on('error', () => resolve());
    asked.end();
  });
  return app?.seen.length !== seen;
}

// A client of OpenSSL 3.5 does not offer a session under another name than it was made with; others do.
function renamed(session: Buffer | undefined): Buffer | undefined {
  return session === undefined
    ? undefined
    : Buffer.from(session.toString('latin1').replaceAll('b.test', 'a.test'), 'latin1');
}

/** What becomes of everybody at a door: the verdict that a claim should have. */
async function verdictAt(door: Door, apps: readonly EchoApplication[], right: Credential): Promise<string> {
  const [app] = apps;
  const gets = async (one: Knock) => {
    const seen = app?.seen.length;
    const outcome = await knock(one);
    return { isIn: app?.seen.length !== seen, sessions: outcome.sessions };
  };
  if (await isPlain(door, apps)) return 'open';
  for (const one of strangersAt(door)) if ((await gets(one)).isIn) return 'open';
  for (const tlsVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { sessions } = await gets({ ...door, credential: null, sni: 'b.test', host: 'b.test', tlsVersion });
    const session = renamed(sessions.at(-1));
    if (session !== undefined && (await gets({ ...door, credential: null, sni: 'a.test', session, tlsVersion })).isIn)
      return 'open';
  }
  return (await gets({ ...door, credential: right, sni: 'a.test' })).isIn ? 'locked' : 'broken';
}

/**
 * Claims of a case that a server does not keep, each with what it does. One that takes the configuration for well
 * written and ends when it loads what the configuration names lets nobody in: all of it has to be called broken.
 */
async function wrongClaims(server: Server, one: AuditCase): Promise<readonly string[]> {
  await using own = await startEcho();
  await using other = await startEcho();
  const apps = [own, other];
  let running: RunningServer;
  try {
    running = await server.start(setupFor(server, one, apps));
  } catch (error) {
    if (!(error instanceof DidNotStart)) throw error;
    return one.claims.every((claim) => claim.endsWith(' broken')) ? [] : [`${one.title}: ${error.message}`];
  }
  await using _stopped = running;
  const right = one.config.includes('both.pem') ? world.rightBelow : world.right;
  const wrong: string[] = [];
  for (const claim of one.claims.filter((text) => text.startsWith('a.test '))) {
    const [, address = '', port = '', verdict] = /^\S+ (.+):(\d+) (\w+)$/.exec(claim) ?? [];
    const number = running.ports[(PORTS as readonly string[]).indexOf(port)] ?? 0;
    const found = await verdictAt({ port: number, ...(address.includes(':') ? { address: '::1' } : {}) }, apps, right);
    // Plain HTTP has nobody whom it should let in.
    const isFit = found === verdict || (found === 'broken' && verdict === 'locked' && port === '80');
    if (!isFit) wrong.push(`${one.title}: ${claim}, and it is ${found}. ${running.errorLog().slice(-300)}`);
  }
  return wrong;
}

describe('what the audits say of the cases is what the servers do', () => {
  for (const server of SERVERS) {
    test(server.program, needs(server.program), async () => {
      const wrong: string[] = [];
      for (const one of server.cases.filter(isShown)) wrong.push(...(await wrongClaims(server, one)));
      assert.deepEqual(wrong, []);
    });
  }
});
