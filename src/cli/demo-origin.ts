import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { instant } from '../domain/ids.ts';
import { generate } from '../origin/generate/generate.ts';
import { originRequirement } from '../origin/requirement.ts';
import { createAuthority, issueLeaf, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { type ApiAccess, callApi, fetchText } from './api.ts';
import {
  application,
  DEMO_HEADER,
  DEMO_HOST,
  type DemoCertificate,
  type DemoOrigin,
  listen,
} from './demo-application.ts';
import { startNodeOrigin } from './demo-node-origin.ts';
import { EXIT, Failure } from './failure.ts';

export const DEMO_SERVERS = ['nginx', 'node'] as const;
export type DemoServer = (typeof DEMO_SERVERS)[number];

interface OriginSetup {
  readonly access: ApiAccess;
  readonly directory: string;
  readonly zone: string;
  readonly certificate: DemoCertificate;
  /** Which server to use; `null` takes nginx where it is installed. */
  readonly server: DemoServer | null;
}

const DAY = 86_400_000;
const START_DEADLINE = 5_000;
const NGINX = [
  '/usr/sbin/nginx',
  '/usr/bin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/bin/nginx',
  '/opt/homebrew/bin/nginx',
];

/** A server certificate for the demo's origin. */
export async function issueDemoServerCertificate(): Promise<DemoCertificate> {
  const validity = validFor(instant(Date.now()), DAY);
  const ca = createAuthority({
    profile: PROFILES.serverRoot,
    subject: { commonName: 'demo origin CA' },
    key: await generateKey(),
    validity,
  });
  const leaf = issueLeaf(ca, {
    profile: PROFILES.serverLeaf,
    subject: { commonName: 'demo origin' },
    key: await generateKey(),
    validity,
    names: [{ kind: 'dns', value: DEMO_HOST }],
  });
  return { ca: ca.certificate.pem, chain: leaf.certificate.pem, key: leaf.key.reveal() };
}

/** Starts an origin that only the zone's pulls may enter: nginx where it is installed, else Node. */
export async function startDemoOrigin(setup: OriginSetup): Promise<DemoOrigin> {
  const path = `/postern/v1/zones/${setup.zone}/hostnames/${DEMO_HOST}/plan`;
  const { result } = await callApi<{ readonly bundle: { readonly path: string } }>(setup.access, 'GET', path);
  const bundle = await fetchText(setup.access, result.bundle.path);
  const program = setup.server === 'node' ? undefined : NGINX.find((file) => existsSync(file));
  if (program === undefined && setup.server === 'nginx') {
    throw new Failure('nginx is not installed.', 'Install it, or leave --origin out.', EXIT.undetermined);
  }
  return program === undefined ? startNodeOrigin(bundle, setup.certificate) : startNginx(program, bundle, setup);
}

async function startNginx(
  program: string,
  bundle: string,
  { directory, certificate }: OriginSetup,
): Promise<DemoOrigin> {
  const app = createServer(application);
  const upstream = await listen(app);
  const port = await freePort();
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  const requirement = originRequirement({
    sites: [
      {
        zone: 'shop.test',
        hostnames: [DEMO_HOST],
        bundle: { kind: 'zone', path: file('bundle.pem', bundle) },
        upstream: `http://127.0.0.1:${upstream}`,
        verifiedHeader: DEMO_HEADER,
      },
    ],
    listen: [`127.0.0.1:${port}`],
    serverCert: file('origin.pem', certificate.chain),
    serverKey: file('origin.key', certificate.key),
    runtimeDirectory: directory,
  });
  const made = 'code' in requirement ? requirement : generate('nginx', requirement);
  if ('code' in made) throw new Error(`the demo's own origin was refused: ${made.code}`);
  const child = spawn(program, ['-p', directory, '-c', file('nginx.conf', made.text), '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async (): Promise<void> => {
    await stop(child);
    app.closeAllConnections();
    app.close();
  };
  await answering(child, port).catch(async (error) => {
    await close();
    throw error;
  });
  return { port, software: version(program), lock: 'written by "postern origin config"', close };
}

// nginx prints its version on stderr.
function version(program: string): string {
  const text = execFileSync('/bin/sh', ['-c', `"${program}" -v 2>&1`], { encoding: 'utf8' });
  return /nginx\/[\d.]+/.exec(text)?.[0].replace('/', ' ') ?? 'nginx';
}

async function answering(child: ChildProcess, port: number): Promise<void> {
  let words = '';
  child.stderr?.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-2_000);
  });
  for (const end = performance.now() + START_DEADLINE; performance.now() < end; ) {
    if (child.exitCode !== null) break;
    if (await accepts(port)) return;
    await after(20);
  }
  throw new Failure(
    `The demo's nginx did not start: ${words.trim().split('\n').at(-1) ?? 'no reason given'}`,
    'See the message; the demo needs nothing but loopback ports.',
    EXIT.undetermined,
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
