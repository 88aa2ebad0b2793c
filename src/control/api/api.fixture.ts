/** What the tests of the API share: a real control plane in a directory of its own, and certificates to upload. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { type Instant, instant } from '../../domain/ids.ts';
import type { Limits } from '../../domain/limits.ts';
import { type Authority, createAuthority, issueLeaf, type Validity, validFor } from '../../pki/issue.ts';
import { generateKey, type PrivateKey } from '../../pki/keys.ts';
import { PROFILES, type Profile } from '../../pki/profiles.ts';
import type { ErrorEntry, ResultInfo } from '../../wire/envelope.ts';
import type { Message } from '../../wire/messages.ts';
import type { ControlPlane } from '../plane.ts';
import type { StoredToken } from '../token.ts';
import { type ApiServerOptions, createApiServer } from '../server.ts';
import { openControlPlane } from '../start.ts';
import { tokenHash } from '../tokens.ts';
import { watchAnswers } from './described.fixture.ts';

/** An answer with its status; `result` is left to each test to look into. */
export interface Answered {
  readonly status: number;
  readonly success: boolean;
  readonly errors: readonly ErrorEntry[];
  readonly messages: readonly Message[];
  // Tests look into results of every shape; a wrong field shows as a failed comparison.
  readonly result: Json;
  readonly result_info?: ResultInfo;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface JsonObject {
  readonly [field: string]: Json;
}
/** Parsed JSON that may be looked into without asking first: what is not there is undefined. */
export type Json = JsonObject & { readonly [Symbol.iterator]: () => Iterator<Json> };

export interface StartedApi {
  readonly app: FastifyInstance;
  readonly plane: ControlPlane;
  readonly token: string;
  readonly logged: readonly string[];
  readonly call: (method: Method, path: string, body?: unknown, headers?: Headers) => Promise<Answered>;
  readonly zone: (name?: string) => Promise<string>;
}

type Method = NonNullable<InjectOptions['method']>;
type Headers = Readonly<Record<string, string>>;
type Bent = Partial<Omit<ApiServerOptions, 'plane' | 'log'>> & {
  /** Beside the bootstrap token: a text and what it stands for. */
  readonly tokens?: Readonly<Record<string, Partial<StoredToken>>>;
  readonly inForceWithin?: number;
  readonly limits?: Partial<Limits>;
};

/** Now, as a rule: certificates made by tools outside count from it. */
export const NOW = instant(Date.now());
export const DAY = 86_400_000;

/** A control plane and its API; both end with the test. */
export async function startApi(t: TestContext, bent: Bent = {}): Promise<StartedApi> {
  const dir = await mkdtemp(join(tmpdir(), 'postern-api-'));
  const clock = bent.clock ?? (() => NOW);
  const logged: string[] = [];
  const log = (event: string, fields: unknown) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const { inForceWithin = 2000, limits = {} } = bent;
  const paths = { dir: join(dir, 'data'), kek: join(dir, 'kek') };
  const opened = await openControlPlane({ ...paths, clock, log, inForceWithin, limits });
  const plane = withTokens(opened, bent.tokens ?? {});
  // The clock stands still in most tests, so a used-up limit would never come back.
  const rateLimits = bent.rateLimits ?? { token: null, address: null };
  const app = createApiServer({ ...bent, rateLimits, plane, clock, log });
  const undescribed = watchAnswers(app);
  t.after(async () => {
    await app.close();
    await opened.close();
    await rm(dir, { recursive: true });
    assert.deepEqual(undescribed, [], 'answers that docs/openapi.json does not describe');
  });
  const token = (await readFile(join(dir, 'data', 'bootstrap-token'), 'utf8')).trim();
  const call = caller(app, token);
  const zone = async (name = `zone-${randomBytes(4).toString('hex')}.test`) => {
    const { result } = await call('POST', '/zones', { name });
    return idOf(result);
  };
  return { app, plane, token, logged, call, zone };
}

function withTokens(plane: ControlPlane, tokens: NonNullable<Bent['tokens']>): ControlPlane {
  const stored = new Map(
    Object.entries(tokens).map(([text, token]) => [
      tokenHash(text),
      {
        id: 'f'.repeat(32),
        name: text,
        hash: tokenHash(text),
        permissions: [],
        zones: 'all' as const,
        accounts: 'all' as const,
        addresses: [],
        email: null,
        bootstrap: false,
        notBefore: null,
        createdAt: 0,
        modifiedAt: 0,
        expiresAt: null,
        revokedAt: null,
        ...token,
      },
    ]),
  );
  return Object.create(plane, {
    tokenByHash: { value: (hash: string) => stored.get(hash) ?? plane.tokenByHash(hash) },
  });
}

function caller(app: FastifyInstance, token: string): StartedApi['call'] {
  return async (method, path, body, headers = {}) => {
    const url = /^\/(?:client|postern|ssl|healthz)/.test(path) ? path : `/client/v4${path}`;
    const fields = { authorization: `Bearer ${token}`, ...headers };
    const options: InjectOptions =
      body === undefined
        ? { method, url, headers: fields }
        : {
            method,
            url,
            headers: { 'content-type': 'application/json', ...fields },
            payload: typeof body === 'string' ? body : JSON.stringify(body),
          };
    const response = await app.inject(options);
    return { status: response.statusCode, headers: response.headers, ...JSON.parse(response.body || '{}') };
  };
}

/** A CA of its own, self-signed or below another. */
export async function authority(name = 'Test CA', issuer?: Authority): Promise<Authority> {
  const profile: Profile = { ...PROFILES.pullRoot, ca: { pathLength: null } };
  const request = {
    profile,
    subject: { commonName: name },
    key: await generateKey(),
    validity: validFor(NOW, 400 * DAY),
  };
  return createAuthority(issuer === undefined ? request : { ...request, issuer });
}

export interface Uploadable {
  readonly certificate: string;
  readonly private_key: string;
}

/** A client certificate with its key, ready to be sent; bent where a test needs it wrong. */
export async function clientCertificate(
  issuer: Authority | null,
  bent: {
    readonly profile?: Profile;
    readonly validity?: Validity;
    readonly name?: string;
    readonly key?: PrivateKey;
  } = {},
): Promise<Uploadable> {
  const key = bent.key ?? (await generateKey());
  const request = {
    profile: bent.profile ?? PROFILES.pullLeaf,
    subject: { commonName: bent.name ?? `client ${randomBytes(4).toString('hex')}` },
    key,
    validity: bent.validity ?? validFor(NOW, 90 * DAY),
  };
  const { certificate } = issuer === null ? createAuthority(request) : issueLeaf(issuer, request);
  return { certificate: certificate.pem, private_key: key.reveal() };
}

/** A field of a result that is a text. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : assert.fail(`not a text: ${JSON.stringify(value)}`);
}

/** The id of a result. */
export function idOf(result: Json): string {
  return textOf(result['id']);
}

/** The codes of an answer's errors. */
export function codes({ errors }: Answered): readonly number[] {
  return errors.map(({ code }) => code);
}

/** A later moment. */
export function after(milliseconds: number): Instant {
  return instant(NOW + milliseconds);
}
