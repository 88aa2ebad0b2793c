import { type Credential, knock, type Saw } from '../doctor/knock.ts';
import { instant } from '../domain/ids.ts';
import { createAuthority, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { callApi } from './api.ts';
import { DEMO_HEADER, DEMO_HOST } from './demo-application.ts';
import type { DemoWorld } from './demo-world.ts';

/** One row of the demo, as machines read it. */
export interface Check {
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly ok: boolean;
}

/** The same for people, with what was seen in a few letters. */
export interface Row extends Check {
  readonly brief: string;
}

interface Look {
  readonly name: string;
  readonly expected: 'refused' | 'admitted';
  readonly saw: Saw;
}

const TIMEOUT = 5_000;

/** Walks through the story in order and says what was seen at each step. */
export async function runChecks(world: DemoWorld): Promise<readonly Row[]> {
  const direct = (credential: Credential | null) => look(world.origin.port, DEMO_HOST, credential);
  const edge = (serverName: string) => look(world.running.https.port, serverName, null);
  const looks: Look[] = [];
  const refused = (name: string, saw: Saw) => looks.push({ name, expected: 'refused', saw });
  const admitted = (name: string, saw: Saw) => looks.push({ name, expected: 'admitted', saw });
  refused('direct, without a certificate', await direct(null));
  refused('direct, with a self-signed certificate', await direct(await selfSigned()));
  refused("direct, with the neighbour's valid certificate", await direct(world.neighbourCredential));
  refused('through the edge, origin pulls switched off', await edge(DEMO_HOST));
  const settings = `/client/v4/zones/${world.shop}/origin_tls_client_auth/settings`;
  await callApi(world.access, 'PUT', settings, { enabled: true });
  admitted('through the edge, origin pulls switched on', await edge(DEMO_HOST));
  refused("through the edge, from the neighbour's zone", await edge('www.neighbour.test'));
  admitted('through the edge, with a forged verified header', await forged(world));
  refused('direct again, without a certificate', await direct(null));
  // An origin that has died refuses everybody too. One that still admits the edge after all this has been alive.
  const alive = isAdmitted(await edge(DEMO_HOST));
  return looks.map((one) => row(one, alive));
}

function look(port: number, serverName: string, credential: Credential | null): Promise<Saw> {
  return knock({ address: '127.0.0.1', port, serverName, path: '/', credential, timeout: TIMEOUT, headers: [] });
}

function forged({ running }: DemoWorld): Promise<Saw> {
  const headers = [`${DEMO_HEADER}: FORGED`, `${DEMO_HEADER.replaceAll('-', '_')}: FORGED`];
  return knock({
    address: '127.0.0.1',
    port: running.https.port,
    serverName: DEMO_HOST,
    path: '/',
    credential: null,
    timeout: TIMEOUT,
    headers,
  });
}

async function selfSigned(): Promise<Credential> {
  const made = createAuthority({
    profile: PROFILES.pullLeaf,
    subject: { commonName: 'just me' },
    key: await generateKey(),
    validity: validFor(instant(Date.now()), 3_600_000),
  });
  return { cert: made.certificate.pem, key: made.key.reveal() };
}

function row({ name, expected, saw }: Look, alive: boolean): Row {
  const ok = expected === 'refused' ? isRefused(saw, alive) : isAdmitted(saw);
  const dead = expected === 'refused' && !alive ? '; the origin did not admit the edge afterwards' : '';
  return {
    name,
    expected: expected === 'refused' ? 'refused' : 'admitted, verified',
    observed: words(saw) + dead,
    ok,
    brief: briefly(saw),
  };
}

// Silence or no listener is no proof of a lock: only an answer that turns the caller away is, from an origin that lives.
function isRefused(saw: Saw, alive: boolean): boolean {
  switch (saw.kind) {
    case 'alert':
    case 'closed':
      return alive;
    case 'answered':
      return alive && saw.status >= 400 && !saw.body.includes('from the origin');
    case 'silent':
    case 'unreachable':
      return false;
  }
}

function isAdmitted(saw: Saw): boolean {
  return saw.kind === 'answered' && saw.status === 200 && verdict(saw.body) === 'SUCCESS';
}

function verdict(body: string): unknown {
  try {
    return (JSON.parse(body) as { readonly verified: unknown }).verified;
  } catch {
    return null;
  }
}

const ALERTS: Readonly<Record<number, string>> = {
  40: 'handshake failure',
  42: 'bad certificate',
  48: 'unknown CA',
  116: 'certificate required',
};

function words(saw: Saw): string {
  switch (saw.kind) {
    case 'alert':
      return `TLS alert ${saw.number}${ALERTS[saw.number] === undefined ? '' : `, ${ALERTS[saw.number]}`}`;
    case 'closed':
      return 'connection closed without a byte';
    case 'silent':
      return 'no answer';
    case 'unreachable':
      return `not reachable (${saw.detail})`;
    case 'answered':
      return saw.status === 200
        ? `HTTP 200, ${DEMO_HEADER}: ${String(verdict(saw.body))}`
        : `HTTP ${saw.status}${title(saw.body)}`;
  }
}

function briefly(saw: Saw): string {
  switch (saw.kind) {
    case 'alert':
      return `TLS alert ${saw.number}`;
    case 'answered':
      return `HTTP ${saw.status}${isAdmitted(saw) ? ', verified' : ''}`;
    case 'closed':
      return 'closed';
    case 'silent':
    case 'unreachable':
      return saw.kind;
  }
}

function title(body: string): string {
  const text = /<title>(?:\d{3} )?([^<]+)<\/title>/.exec(body)?.[1] ?? /^\d{3} (.+)$/m.exec(body)?.[1];
  return text === undefined ? '' : `, ${text}`;
}
