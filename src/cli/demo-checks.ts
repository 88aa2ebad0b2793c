import { type Credential, knock, type Saw } from '../doctor/knock.ts';
import { instant } from '../domain/ids.ts';
import { createAuthority, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { callApi } from './api.ts';
import { DEMO_HEADER, DEMO_HOST } from './demo-application.ts';
import type { DemoWorld } from './demo-world.ts';

/** One row of the demo. */
export interface Check {
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly ok: boolean;
}

const TIMEOUT = 5_000;
const REFUSED = 'refused';
const ADMITTED = 'admitted, verified';

/** Walks through the story in order and says what was seen at each step. */
export async function runChecks(world: DemoWorld): Promise<readonly Check[]> {
  const direct = (credential: Credential | null) => look(world.origin.port, DEMO_HOST, credential);
  const checks = [
    refusal('direct, without a certificate', await direct(null)),
    refusal('direct, with a self-signed certificate', await direct(await selfSigned())),
    refusal("direct, with the neighbour's valid certificate", await direct(world.neighbourCredential)),
    refusal('through the edge, origin pulls switched off', await look(world.running.https.port, DEMO_HOST, null)),
  ];
  const settings = `/client/v4/zones/${world.shop}/origin_tls_client_auth/settings`;
  await callApi(world.access, 'PUT', settings, { enabled: true });
  return [
    ...checks,
    admission('through the edge, origin pulls switched on', await look(world.running.https.port, DEMO_HOST, null)),
    refusal(
      "through the edge, from the neighbour's zone",
      await look(world.running.https.port, 'www.neighbour.test', null),
    ),
    admission('through the edge, with a forged verified header', await forged(world)),
    refusal('direct again, without a certificate', await direct(null)),
  ];
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

function refusal(name: string, saw: Saw): Check {
  return { name, expected: REFUSED, observed: words(saw), ok: refused(saw) };
}

// Silence or no listener is no proof of a lock: only an answer that turns the caller away is.
function refused(saw: Saw): boolean {
  switch (saw.kind) {
    case 'alert':
    case 'closed':
      return true;
    case 'answered':
      return saw.status >= 400 && !saw.body.includes('from the origin');
    case 'silent':
    case 'unreachable':
      return false;
  }
}

function admission(name: string, saw: Saw): Check {
  const ok = saw.kind === 'answered' && saw.status === 200 && verdict(saw.body) === 'SUCCESS';
  return { name, expected: ADMITTED, observed: words(saw), ok };
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

function title(body: string): string {
  const text = /<title>(?:\d{3} )?([^<]+)<\/title>/.exec(body)?.[1] ?? /^\d{3} (.+)$/m.exec(body)?.[1];
  return text === undefined ? '' : `, ${text}`;
}
