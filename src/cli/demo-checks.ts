import { type Knocked, knock } from '../doctor/knock.ts';
import type { Credential, Knock } from '../doctor/knock-request.ts';
import { instant } from '../domain/ids.ts';
import { createAuthority, validFor } from '../pki/issue.ts';
import { generateKey } from '../pki/keys.ts';
import { PROFILES } from '../pki/profiles.ts';
import { callApi } from './api.ts';
import { DEMO_HEADER, DEMO_HOST } from './demo-application.ts';
import { type DemoWorld, LOGINS } from './demo-world.ts';

/** One row of the demo, as machines read it. */
export interface Check {
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  readonly ok: boolean;
}

/** The same for people, in a few letters. */
export interface Row extends Check {
  /** What should happen, in a word. */
  readonly outcome: Outcome;
  readonly brief: string;
}

type Outcome = 'refused' | 'admitted' | 'limited' | 'let in';

interface Look {
  readonly name: string;
  readonly outcome: Outcome;
  /** One, or one for each login that was tried. */
  readonly saws: readonly Knocked[];
}

const TIMEOUT = 5_000;

/** Walks through the story in order and says what was seen at each step. */
export async function runChecks(world: DemoWorld): Promise<readonly Row[]> {
  const direct = (credential: Credential | null) => look(world.origin.port, DEMO_HOST, { credential });
  const edge = (serverName: string) => look(world.running.https.port, serverName);
  const looks: Look[] = [];
  const saw = (outcome: Outcome, name: string, ...saws: readonly Knocked[]) => looks.push({ name, outcome, saws });
  saw(
    'limited',
    `before the lock, ${LOGINS.tried} logins through the edge`,
    ...(await logins(world.running.https.port)),
  );
  saw('let in', `before the lock, ${LOGINS.tried} logins at the origin`, ...(await logins(world.open.port)));
  await world.lock();
  saw('refused', 'direct, without a certificate', await direct(null));
  saw('refused', 'direct, with a self-signed certificate', await direct(await selfSigned()));
  saw('refused', "direct, with the neighbour's valid certificate", await direct(world.neighbourCredential));
  saw('refused', 'through the edge, origin pulls switched off', await edge(DEMO_HOST));
  const settings = `/client/v4/zones/${world.shop}/origin_tls_client_auth/settings`;
  await callApi(world.access, 'PUT', settings, { enabled: true });
  saw('admitted', 'through the edge, origin pulls switched on', await edge(DEMO_HOST));
  saw('refused', "through the edge, from the neighbour's zone", await edge('www.neighbour.test'));
  saw('admitted', 'through the edge, with a forged verified header', await forged(world));
  saw('refused', 'direct again, without a certificate', await direct(null));
  saw('refused', `behind the lock, ${LOGINS.tried} logins at the origin`, ...(await logins(world.origin.port)));
  // An origin that has died refuses everybody too. One that still admits the edge after all this has been alive.
  const alive = isAdmitted(await edge(DEMO_HOST));
  return looks.map((one) => row(one, alive));
}

type Wishes = Partial<Pick<Knock, 'path' | 'credential' | 'headers'>>;

function look(port: number, serverName: string, wishes: Wishes = {}): Promise<Knocked> {
  const usual = { address: '127.0.0.1', path: '/', credential: null, headers: [], timeout: TIMEOUT };
  return knock({ ...usual, port, serverName, ...wishes });
}

async function logins(port: number): Promise<readonly Knocked[]> {
  const saws: Knocked[] = [];
  for (let tried = 0; tried < LOGINS.tried; tried++) saws.push(await look(port, DEMO_HOST, { path: '/login' }));
  return saws;
}

function forged({ running }: DemoWorld): Promise<Knocked> {
  const headers = [`${DEMO_HEADER}: FORGED`, `${DEMO_HEADER.replaceAll('-', '_')}: FORGED`];
  return look(running.https.port, DEMO_HOST, { headers });
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

const EXPECTED: Readonly<Record<Outcome, string>> = {
  refused: 'refused',
  admitted: 'admitted, verified',
  limited: `${LOGINS.allowed} let in, then HTTP 429`,
  'let in': 'let in, unverified',
};

function row({ name, outcome, saws }: Look, alive: boolean): Row {
  const dead = outcome === 'refused' && !alive ? '; the origin did not admit the edge afterwards' : '';
  return {
    name,
    expected: EXPECTED[outcome],
    observed: counted(saws.map(words)) + dead,
    ok: alive && cameTo(outcome, saws),
    outcome,
    brief: counted(saws.map(briefly)),
  };
}

function cameTo(outcome: Outcome, saws: readonly Knocked[]): boolean {
  switch (outcome) {
    case 'refused':
      return saws.every(isRefused);
    case 'admitted':
      return saws.every(isAdmitted);
    case 'let in':
      return saws.every(isLetIn);
    case 'limited':
      return saws.every((saw, index) => (index < LOGINS.allowed ? isLetIn(saw) : statusOf(saw) === 429));
  }
}

/** `HTTP 200`, or where several were tried `5 × 200, 3 × 429`. */
function counted(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const several = texts.length > 1;
  return [...counts].map(([text, count]) => (several ? `${count} × ${text.replace('HTTP ', '')}` : text)).join(', ');
}

// Silence or no listener is no proof of a lock: only an answer that turns the caller away is, from an origin that lives.
function isRefused({ saw, body }: Knocked): boolean {
  if (saw.kind === 'answered') return saw.answer.status >= 400 && !body.includes('from the origin');
  return saw.kind === 'alert' || saw.kind === 'closed';
}

function isLetIn(knocked: Knocked): boolean {
  return statusOf(knocked) === 200 && knocked.body.includes('from the origin');
}

function statusOf({ saw }: Knocked): number | null {
  return saw.kind === 'answered' ? saw.answer.status : null;
}

function isAdmitted(knocked: Knocked): boolean {
  return statusOf(knocked) === 200 && verdict(knocked.body) === 'SUCCESS';
}

function verdict(body: Buffer): unknown {
  try {
    return (JSON.parse(body.toString('utf8')) as { readonly verified: unknown }).verified;
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

function words({ saw, body }: Knocked): string {
  switch (saw.kind) {
    case 'alert':
      return `TLS alert ${saw.number}${ALERTS[saw.number] === undefined ? '' : `, ${ALERTS[saw.number]}`}`;
    case 'closed':
      return 'connection closed without a byte';
    case 'silent':
      return 'no answer';
    case 'unreachable':
      return `not reachable (${saw.code})`;
    case 'answered':
      return saw.answer.status === 200
        ? `HTTP 200, ${DEMO_HEADER}: ${String(verdict(body))}`
        : `HTTP ${saw.answer.status}${title(body.toString('utf8'))}`;
    case 'unreadable':
    case 'not_resumed':
    case 'no_http2':
      return 'no answer that can be read';
  }
}

function briefly(knocked: Knocked): string {
  const { saw } = knocked;
  if (saw.kind === 'alert') return `TLS alert ${saw.number}`;
  return saw.kind === 'answered' ? `HTTP ${saw.answer.status}${isAdmitted(knocked) ? ', verified' : ''}` : saw.kind;
}

function title(body: string): string {
  const text = /<title>(?:\d{3} )?([^<]+)<\/title>/.exec(body)?.[1] ?? /^\d{3} (.+)$/m.exec(body)?.[1];
  return text === undefined ? '' : `, ${text}`;
}
