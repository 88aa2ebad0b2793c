import { z } from 'zod';
import { type Instant, zoneId } from '../../domain/ids.ts';
import { type Problem, type ProblemCode, problem } from '../../domain/problems.ts';
import type { Zone } from '../../domain/zone.ts';
import { faults, ignoredFields } from '../../wire/faults.ts';
import { type Message, remark } from '../../wire/messages.ts';
import type { Figures } from '../../wire/metrics.ts';
import type { OriginConfigurator } from '../../wire/origin-config.ts';
import type { Progress } from '../../wire/views.ts';
import type { Analytics } from '../analytics/collector.ts';
import type { Actor } from '../actor.ts';
import type { ControlPlane } from '../plane.ts';
import type { StoredToken } from '../token.ts';
import { restrictedPlane } from '../restricted-plane.ts';
import type { StoredSession } from '../sessions.ts';
import type { ServedDescription } from './openapi/served-description.ts';
import { allows, type Permission } from './permissions.ts';
import type { ByteBody, Returns } from './returns.ts';
import type { Outcome } from './outcome.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Refused, for one reason or for several at once. */
interface Refusal {
  readonly kind: 'refusal';
  readonly problems: readonly Problem[];
}

/** What every installation of the API knows beside the control plane. */
export interface Settings {
  readonly version: string;
  /** Networks that the edge pulls from, for `GET /ips`. */
  readonly edgeNetworks: { readonly ipv4: readonly string[]; readonly ipv6: readonly string[] };
  /** How long a sign-in by cookie lasts at most. */
  readonly sessionHours: number;
  /** Makes configurations for origins; `null` where this program has no generator. */
  readonly configureOrigin: OriginConfigurator | null;
  /** What the API says about itself. */
  readonly description: () => ServedDescription;
}

/** The session that a caller's cookie stands for, and what a page must send beside that cookie to change anything. */
export interface OpenSession extends StoredSession {
  readonly csrf: string;
}

/** What somebody brings to sign in: the text of a token, or of the code that the start of Postern printed. */
export interface SignInBy {
  readonly kind: 'token' | 'code';
  readonly text: string;
}

/** What somebody shows who calls, or brings to sign in. */
export interface Comer {
  /** `null` for who shows a token, or nothing. */
  readonly session: OpenSession | null;
  /** Judges what came in the body as if it stood in the head, and counts it where it is wrong. */
  readonly signIn: (by: SignInBy) => StoredToken | Problem;
}

/** What a handler may use, whoever calls. */
export interface Ground extends Comer {
  readonly plane: ControlPlane;
  readonly settings: Settings;
  readonly now: Instant;
  /** For what lasts longer than a call. */
  readonly clock: () => Instant;
  /** `http://host:port` as the caller addressed us. */
  readonly base: string;
  readonly from: string;
  readonly header: (name: string) => string | undefined;
  /** What the edges count. */
  readonly figures: () => Promise<Figures>;
  /** What they counted over time. */
  readonly analytics: Analytics;
}

/** A call by somebody with a token. */
export interface Call extends Ground {
  readonly token: StoredToken;
  readonly actor: Actor;
}

/** A call about one zone. */
export interface ZoneCall extends Call {
  readonly zone: Zone;
}

/** A request as it came in: nothing of it is believed yet. */
interface Raw {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type Takes = Readonly<Partial<Record<keyof Raw, z.ZodType>>>;
type Input<T extends Takes> = { readonly [Part in keyof T]: T[Part] extends z.ZodType ? z.output<T[Part]> : never };

/** One call of the API, as it stands in the table: readable from top to bottom, and the source of its documentation. */
interface Spec<T extends Takes, Told extends Outcome, C extends Ground> {
  readonly method: Method;
  readonly path: string;
  /** What a token must be allowed; `any` for every valid token. */
  readonly permission: Permission | 'any';
  /** Why a token may not make the call whatever it sends, where no single permission says so. */
  readonly refuses?: Refuses;
  readonly takes: T;
  /** What the call does and answers, in one sentence. */
  readonly answers: string;
  /** The shape of that answer: `one`, `allOf`, `pageOf`, `cursorOf` of a schema, or a `file` or `stream`. */
  readonly returns: Returns<Told>;
  /** The problem that a bad body makes, where it is not `bad_body`. */
  readonly badBody?: ProblemCode;
  /** The body is no JSON, but this. */
  readonly bytes?: ByteBody;
  /** Where the credential is, where a token in the head and a cookie are not both as good. */
  readonly credential?: CredentialPlace;
  /** Which precondition the call heeds (RFC 9110 §13.1); its answer carries an ETag. */
  readonly precondition?: Precondition;
  readonly handle: (input: Input<T>, call: C) => Handled<NoInfer<Told>>;
}

type Refuses = (token: Pick<StoredToken, 'permissions'>) => Problem | null;

type Handled<Told extends Outcome> = Told | Problem | Promise<Told | Problem>;

/** Where a credential is that is no token in the head: a token in the body, or nothing but a cookie. */
type CredentialPlace = 'body' | 'cookie';

type Precondition = 'if-match' | 'if-none-match';

/** A row of the route table. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  /** `null` for everybody, without a token. */
  readonly permission: Permission | 'any' | null;
  /** Why a token may not make the call whatever it sends; `null` where `permission` says all. */
  readonly refuses: Refuses | null;
  /** Callers on this machine need no token. */
  readonly openHere?: true;
  /** `null` where a token or a cookie will do, or nothing. */
  readonly credential: CredentialPlace | null;
  readonly takes: Takes;
  readonly answers: string;
  readonly returns: Returns;
  readonly precondition: Precondition | null;
  /** What the body is where it is no JSON. */
  readonly bytes: ByteBody | null;
  readonly run: (raw: Raw, ground: Ground, token: StoredToken | null) => Promise<Outcome | Problem | Refusal>;
}

/** A call that anybody may make. */
export function publicRoute<T extends Takes, Told extends Outcome>(
  spec: Omit<Spec<T, Told, Ground>, 'permission'>,
): Route {
  return row({ ...spec, permission: null }, (raw, ground) => perform(spec, raw, ground));
}

/** A call that needs a token. */
export function route<T extends Takes, Told extends Outcome>(spec: Spec<T, Told, Call>): Route {
  return row(spec, async (raw, ground, token) => {
    const call = admitted(spec.permission, ground, token);
    return call.kind === 'problem' ? call : perform(spec, raw, call.call);
  });
}

/** A call that needs a token only from elsewhere: who asks on this machine may look. */
export function localRoute<T extends Takes, Told extends Outcome>(spec: Spec<T, Told, Ground>): Route {
  const routed = row(spec, async (raw, ground, token) => {
    if (token === null) return perform(spec, raw, ground);
    const call = admitted(spec.permission, ground, token);
    if (call.kind === 'problem') return call;
    // What belongs to nobody's zone alone is not for those who may see some zones only.
    return unlessRestricted(token) ?? perform(spec, raw, ground);
  });
  return { ...routed, openHere: true };
}

/** Why a token may not be told of all zones together; `null` for one that sees them all. */
export function unlessRestricted({ zones, accounts }: Pick<StoredToken, 'zones' | 'accounts'>): Problem | null {
  if (zones === 'all' && accounts === 'all') return null;
  return problem('forbidden', `the token is restricted to ${zones === 'all' ? 'accounts' : 'zones'}`);
}

/** A call that needs a token and is about the zone whose id is `:zone` in the path. */
export function zoneRoute<T extends Takes, Told extends Outcome>(spec: Spec<T, Told, ZoneCall>): Route {
  return row(spec, async (raw, ground, token) => {
    const call = admitted(spec.permission, ground, token);
    if (call.kind === 'problem') return call;
    const refused = spec.refuses?.(call.call.token) ?? null;
    if (refused !== null) return refused;
    const zone = zoneOf(raw, call.call.plane);
    return zone === null ? problem('zone_not_found') : perform(spec, raw, { ...call.call, zone });
  });
}

type Optional = 'precondition' | 'bytes' | 'credential' | 'refuses';
type Row = Omit<Route, 'run' | Optional> & Partial<Pick<Route, Optional>>;

function row(
  { method, path, permission, refuses = null, takes, answers, returns, ...rest }: Row,
  run: Route['run'],
): Route {
  const { precondition = null, bytes = null, credential = null } = rest;
  return { method, path, permission, refuses, takes, answers, returns, precondition, bytes, credential, run };
}

/** What the statuses in an answer are derived from. */
export function progress({ plane, now }: Ground): Progress {
  return { applied: plane.applied(), now };
}

function admitted(
  permission: Permission | 'any',
  ground: Ground,
  token: StoredToken | null,
): { readonly kind: 'admitted'; readonly call: Call } | Problem {
  if (token === null) return problem('unauthenticated');
  if (permission !== 'any' && !allows(token.permissions, permission)) {
    return problem('forbidden', `the token lacks ${permission}`);
  }
  const plane = restrictedPlane(ground.plane, token);
  return { kind: 'admitted', call: { ...ground, plane, token, actor: { token: token.id, from: ground.from } } };
}

const ZONE_PART = z.object({ zone: z.string() });

function zoneOf({ params }: Raw, { zones }: ControlPlane): Zone | null {
  const parsed = ZONE_PART.safeParse(params);
  const id = parsed.success ? zoneId(parsed.data.zone.toLowerCase()) : null;
  return id === null ? null : (zones.get(id) ?? null);
}

async function perform<T extends Takes, Told extends Outcome, C extends Ground>(
  spec: Pick<Spec<T, Told, C>, 'path' | 'takes' | 'badBody' | 'handle'>,
  raw: Raw,
  call: C,
): Promise<Outcome | Problem | Refusal> {
  const { badBody = 'bad_body' } = spec;
  const parsed = read(z.object({ ...usualTakes(spec.path), ...spec.takes }), raw);
  if (parsed === null) return problem(badBody, UNCOMPARABLE);
  if (!parsed.success) return { kind: 'refusal', problems: faults(parsed.error.issues, raw, { body: badBody }) };
  // zod's type for a shape of optional parts does not reduce to Input<T>; by construction it is the same.
  const outcome: Outcome | Problem = await spec.handle(parsed.data as Input<T>, call);
  if (outcome.kind !== 'answer') return outcome;
  const remarks = ignoredParts(raw, parsed.data);
  return remarks.length === 0 ? outcome : { ...outcome, messages: [...(outcome.messages ?? []), ...remarks] };
}

const UNCOMPARABLE = 'an object with a length stands where a text or an array must be';

// Schemas compare the length of whatever has one, also where its type is wrong already: an object in its place, with a toString
// of its own, is no number and cannot become one.
function read<Schema extends z.ZodType>(schema: Schema, raw: Raw): z.ZodSafeParseResult<z.output<Schema>> | null {
  try {
    return schema.safeParse(raw);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const NO_PARAMETERS = { query: z.strictObject({}) };

// Where Cloudflare ignores a parameter that nobody knows, so do we, with a message; our own paths take what they name.
function usualTakes(path: string): Takes {
  return path.startsWith('/postern/') ? NO_PARAMETERS : {};
}

function ignoredParts(raw: Raw, parsed: Readonly<Record<string, unknown>>): readonly Message[] {
  const fields = ignoredFields(raw.body, parsed['body']).map((pointer) => remark('field_ignored', pointer));
  const query = parsed['query'] ?? {};
  const parameters = ignoredFields(raw.query, query).map((pointer) => remark('parameter_ignored', pointer.slice(1)));
  return [...fields, ...parameters];
}
