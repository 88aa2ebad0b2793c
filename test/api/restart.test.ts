/** Whatever is asked of the API, and wherever in between it is restarted: it answers after as before. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { SSL_MODES } from '../../src/domain/settings.ts';
import { clientAuthority, serverAuthority } from '../scenarios/authorities.ts';
import { type Control, startControl } from './control.ts';

/** Things are named by small numbers, so that steps meet: most act on what an earlier one left, and some on nothing. */
const few = fc.nat(2);
const STEP = fc.oneof(
  fc.record({ kind: fc.constantFrom('zone' as const, 'no zone' as const), zone: fc.nat(1) }),
  fc.record({ kind: fc.constant('record' as const), zone: fc.nat(1), host: few, proxied: fc.boolean(), port: few }),
  fc.record({ kind: fc.constant('no record' as const), zone: fc.nat(1), host: few }),
  fc.record({ kind: fc.constant('ssl' as const), zone: fc.nat(1), mode: fc.constantFrom(...SSL_MODES) }),
  fc.record({
    kind: fc.constantFrom('global' as const, 'zone level' as const, 'paused' as const),
    zone: fc.nat(1),
    on: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('upload' as const, 'delete' as const),
    zone: fc.nat(1),
    certificate: few,
    level: fc.constantFrom('' as const, '/hostnames/certificates' as const),
  }),
  fc.record({
    kind: fc.constant('associate' as const),
    zone: fc.nat(1),
    host: few,
    certificate: few,
    enabled: fc.constantFrom(true, false, null),
  }),
  fc.record({ kind: fc.constantFrom('trust' as const, 'distrust' as const), zone: fc.nat(1) }),
);
type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

const ZONES = ['restart.test', 'sub.restart.test'] as const;
const hostOf = (zone: number, host: number): string => `${['', 'www.', '*.'][host] ?? ''}${ZONES[zone]}`;

interface Upload {
  readonly certificate: string;
  readonly private_key: string;
}

let uploads: readonly Upload[];
let ca: string;
before(async () => {
  const authorities = await Promise.all(['a', 'b', 'c'].map((name) => clientAuthority(name)));
  uploads = authorities.map(({ credential: { cert, key } }) => ({ certificate: cert, private_key: key }));
  ({ ca } = await serverAuthority());
});

interface Row {
  readonly id: string;
  readonly name: string;
  readonly certificate: string;
  readonly hostname: string;
  readonly cert_id: string;
  readonly status: string;
}

const rows = (control: Control, path: string) => control.made<readonly Row[]>('GET', path);

const idOfZone = async (control: Control, zone: number): Promise<string> =>
  (await rows(control, `/zones?name=${ZONES[zone]}`))[0]?.id ?? '0'.repeat(32);

/** Does what a step says. Much of it is refused, which is as good an answer as any but a fault of ours. */
async function take(control: Control, step: Step): Promise<void> {
  const [method, path, body] = await requestOf(control, step);
  const { status, errors } = await control.call(method, path, body);
  assert.ok(status < 500 && status !== 409, `${method} ${path}: ${status} ${JSON.stringify(errors)}`);
}

type Request = readonly [method: string, path: string, body?: unknown];

async function requestOf(control: Control, step: Step): Promise<Request> {
  if (step.kind === 'zone') return ['POST', '/zones', { name: ZONES[step.zone] }];
  const at = `/zones/${await idOfZone(control, step.zone)}`;
  const aop = `${at}/origin_tls_client_auth`;
  switch (step.kind) {
    case 'no zone':
      return ['DELETE', at];
    case 'record': {
      const origin = step.port === 0 ? undefined : { https_port: 8440 + step.port };
      const name = hostOf(step.zone, step.host);
      const body = { type: 'A', name, content: '192.0.2.1', proxied: step.proxied, origin };
      const known = await found(control, `${at}/dns_records`, (row) => row.name === name);
      return known === null ? ['POST', `${at}/dns_records`, body] : ['PUT', `${at}/dns_records/${known}`, body];
    }
    case 'no record': {
      const name = hostOf(step.zone, step.host);
      return ['DELETE', `${at}/dns_records/${await found(control, `${at}/dns_records`, (row) => row.name === name)}`];
    }
    case 'ssl':
      return ['PATCH', `${at}/settings/ssl`, { value: step.mode }];
    case 'global':
      return ['PATCH', `${at}/settings/tls_client_auth`, { value: step.on ? 'on' : 'off' }];
    case 'zone level':
      return ['PUT', `${aop}/settings`, { enabled: step.on }];
    case 'paused':
      return ['PATCH', at, { paused: step.on }];
    case 'upload':
      return ['POST', `${aop}${step.level}`, uploads[step.certificate]];
    case 'delete':
      return ['DELETE', `${aop}${step.level}/${await certificateId(control, `${aop}${step.level}`, step.certificate)}`];
    case 'associate': {
      const cert_id = await certificateId(control, `${aop}/hostnames/certificates`, step.certificate);
      const config = [{ hostname: hostOf(step.zone, step.host), cert_id, enabled: step.enabled }];
      return ['PUT', `${aop}/hostnames`, { config }];
    }
    case 'trust':
      return ['POST', `${at}/acm/custom_trust_store`, { certificate: ca }];
    case 'distrust':
      return [
        'DELETE',
        `${at}/acm/custom_trust_store/${await found(control, `${at}/acm/custom_trust_store`, () => true)}`,
      ];
  }
}

async function found(control: Control, path: string, fits: (row: Row) => boolean): Promise<string | null> {
  const { result } = await control.call<readonly Row[] | null>('GET', path);
  return result?.find(fits)?.id ?? null;
}

async function certificateId(control: Control, path: string, index: number): Promise<string> {
  const fits = ({ certificate }: Row) => certificate === uploads[index]?.certificate;
  return (await found(control, path, fits)) ?? '00000000-0000-4000-8000-000000000000';
}

/** The answers to every GET that a client might make, by path. */
async function everything(control: Control): Promise<ReadonlyMap<string, unknown>> {
  const answers = new Map<string, unknown>();
  const look = async (path: string): Promise<readonly Row[]> => {
    const { status, result, errors, messages } = await control.call<readonly Row[] | null>('GET', path);
    assert.equal(status, 200, `${path}: ${JSON.stringify(errors)}`);
    const text = JSON.stringify({ status, result, errors, messages }, withoutLastUse);
    // The port is another one after a restart.
    answers.set(path, JSON.parse(text.replaceAll(control.base, '')));
    return Array.isArray(result) ? result : [];
  };
  for (const path of ['/accounts', '/user/tokens', '/postern/v1/installation', '/postern/v1/audit']) {
    await look(path);
  }
  for (const zone of await look('/zones')) await lookAtZone(zone, look);
  return answers;
}

// Each of these looks is a use of the token.
function withoutLastUse(key: string, value: unknown): unknown {
  return key === 'last_used_on' ? undefined : value;
}

async function lookAtZone({ id, name }: Row, look: (path: string) => Promise<readonly Row[]>): Promise<void> {
  const at = `/zones/${id}`;
  const aop = `${at}/origin_tls_client_auth`;
  for (const path of [at, `${at}/settings`, `${aop}/settings`]) await look(path);
  for (const list of [`${at}/dns_records`, aop, `${aop}/hostnames/certificates`, `${at}/acm/custom_trust_store`]) {
    for (const item of await look(list)) await look(`${list}/${item.id}`);
  }
  for (const { hostname, cert_id } of await look(`/postern/v1${at}/associations`)) {
    await look(`${aop}/hostnames/${hostname}`);
    const certificates = await look(`${aop}/hostnames/certificates`);
    assert.ok(
      certificates.some((one) => one.id === cert_id),
      `${hostname} is associated with ${cert_id}, which is not there`,
    );
  }
  for (const host of [name, `www.${name}`, `a.${name}`]) await look(`/postern/v1${at}/hostnames/${host}/plan`);
}

test('property: a restart at any point of any sequence changes no answer, and no plan or association breaks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 24 }), fc.nat(24), async (steps, at) => {
      await using control = await startControl({ rateLimits: { token: null, address: null } });
      await take(control, { kind: 'zone', zone: 0 });
      for (const [index, step] of steps.entries()) {
        if (index === at) await assertSameAfterRestart(control);
        await take(control, step);
      }
      await assertSameAfterRestart(control);
    }),
    { numRuns: 15 },
  );
});

async function assertSameAfterRestart(control: Control): Promise<void> {
  const before = await everything(control);
  assert.ok(before.size > 3);
  await control.restart();
  assert.deepEqual(await everything(control), before);
}
