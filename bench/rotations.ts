/** What a rotation costs: certificates in a batch, and one of a zone with many origins, proved one by one. */
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { chainPem } from '../src/domain/certificate.ts';
import { hostname, instant, zoneId } from '../src/domain/ids.ts';
import { createAuthority, validFor } from '../src/pki/issue.ts';
import { generateKey } from '../src/pki/keys.ts';
import { PROFILES } from '../src/pki/profiles.ts';
import { keep } from '../src/pki/kept-certificate.ts';
import { createZoneAuthority, issueIdentity, zoneUri } from '../src/pki/zone-authority.ts';
import { type Installation, startInstallation } from './installation.ts';
import { alone, median, noted, ROUNDS, type Row, type Section } from './section.ts';
import { accepting, freePort, nginxConfiguration, openWorkshop, type Workshop } from './servers.ts';

const LEAFS = 4_000;
const AT_ONCE = 64;
const ORIGINS = 100;
const ZONE = 'rotated.test';
const LOOK_EVERY = 50;

export const ROTATIONS: Section = {
  about: `${LEAFS} leafs with keys of their own in a batch; a zone with ${ORIGINS} origins (nginx) whose certificate is rotated`,
  run,
};

async function run(): Promise<readonly Row[]> {
  const issued: number[] = [];
  for (let round = 0; round < ROUNDS; round++) issued.push(await leafsPerSecond());
  const rotated = await rotations();
  return [
    alone(
      { name: 'leafs issued, key made for each', unit: '1/s of a core', subject: median(issued) },
      { least: 4_000 },
    ),
    alone(
      { name: `${ORIGINS} origins proved and switched`, unit: 's', subject: median(rotated.switched) },
      { most: 10 },
    ),
    noted({ name: 'the whole rotation, with no time to watch', unit: 's', subject: median(rotated.ended) }),
  ];
}

/** By CPU of this process, all of its threads: keys are made in the pool. */
async function leafsPerSecond(): Promise<number> {
  const zone = zoneId('0'.repeat(32));
  const zoneName = hostname(ZONE);
  if (zone === null || zoneName === null) throw new Error('the names above are valid');
  const now = instant(Date.now());
  const { intermediate } = await createZoneAuthority({ installation: 'bench.test', zone, zoneName, now });
  const uri = zoneUri('bench.test', zone);
  const before = process.cpuUsage();
  for (let count = 0; count < LEAFS; count += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        const { certificate, chain } = await issueIdentity(intermediate, { uri, now });
        return { leaf: keep(certificate), sent: chainPem(certificate, chain) };
      }),
    );
  }
  const { user, system } = process.cpuUsage(before);
  return LEAFS / ((user + system) / 1e6);
}

interface Timings {
  readonly switched: readonly number[];
  readonly ended: readonly number[];
}

async function rotations(): Promise<Timings> {
  const workshop = openWorkshop();
  try {
    const postern = await startInstallation(workshop, join(workshop.directory, 'data'));
    const zone = await lockedZone(workshop, postern);
    const timings = { switched: [] as number[], ended: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const { switched, ended } = await rotate(postern, zone);
      timings.switched.push(switched);
      timings.ended.push(ended);
    }
    await postern.stop();
    return timings;
  } finally {
    await workshop.close();
  }
}

/** A zone whose hostnames all lead to one nginx that lets in nobody else. */
async function lockedZone(workshop: Workshop, postern: Installation): Promise<string> {
  const { id } = await call<{ id: string }>(postern, 'POST', '/client/v4/zones', { name: ZONE });
  await call(postern, 'PATCH', `/client/v4/zones/${id}/settings/ssl`, { value: 'full' });
  await call(postern, 'PUT', `/client/v4/zones/${id}/origin_tls_client_auth/settings`, { enabled: true });
  const bundle = await fetch(`http://${postern.api}/ssl/static/zones/${id}/authenticated_origin_pull_ca.pem`);
  const trusted = workshop.file('bundle.pem', await bundle.text());
  const shown = await serverCertificate();
  const certificate = workshop.file('origin.pem', shown);
  const port = await freePort();
  const tls = `ssl_certificate ${certificate}; ssl_certificate_key ${certificate};`;
  const lock = `ssl_client_certificate ${trusted}; ssl_verify_client on; ssl_verify_depth 3;`;
  const server = `server { listen 127.0.0.1:${port} ssl; ${tls} ${lock} location / { return 200 "hello"; } }`;
  const text = `user root; ${nginxConfiguration('origin', workshop.directory, server)}`;
  workshop.start('nginx', ['-p', workshop.directory, '-c', workshop.file('origin.conf', text)]);
  await accepting(port);
  const posts = Array.from({ length: ORIGINS }, (_, count) => {
    return { type: 'A', name: `h${count}`, content: '127.0.0.1', proxied: true, origin: { https_port: port } };
  });
  await call(postern, 'POST', `/client/v4/zones/${id}/dns_records/batch`, { posts });
  return id;
}

async function rotate(
  postern: Installation,
  zone: string,
): Promise<{ readonly switched: number; readonly ended: number }> {
  const path = `/postern/v1/zones/${zone}/rotations`;
  const pace = { canary_seconds: 0, watch_seconds: 0, drain_seconds: 0 };
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;
  const { id } = await call<{ id: string }>(postern, 'POST', path, { what: 'leaf', pace });
  let switched: number | null = null;
  for (;;) {
    const now = await call<Progress>(postern, 'GET', `${path}/${id}`);
    if (now.counts.switched === ORIGINS || now.phase === 'ended') switched ??= seconds();
    if (now.phase === 'ended') return { switched: switched ?? seconds(), ended: seconds() };
    await after(LOOK_EVERY);
  }
}

interface Progress {
  readonly phase: string;
  readonly counts: { readonly switched: number };
}

async function serverCertificate(): Promise<string> {
  const key = await generateKey();
  const validity = validFor(instant(Date.now()), 86_400_000);
  const made = createAuthority({ profile: PROFILES.serverLeaf, subject: { commonName: 'origin' }, key, validity });
  return made.certificate.pem + key.reveal();
}

async function call<T>({ api, token }: Installation, method: string, path: string, body?: unknown): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`http://${api}${path}`, { method, headers, ...sent });
  const answer = (await response.json()) as { readonly success: boolean; readonly result: T; readonly errors: unknown };
  if (!answer.success) throw new Error(`${method} ${path}: ${JSON.stringify(answer.errors)}`);
  return answer.result;
}
