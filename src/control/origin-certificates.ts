import { lookup as systemLookup } from 'node:dns';
import type { SecureContext } from 'node:tls';
import type { EdgeHost, EdgeZoneRules, OriginCa, PlanSource, Target } from '../domain/edge-zone.ts';
import type { AccountId, Hostname, ZoneId } from '../domain/ids.ts';
import { pauseInForce } from '../domain/look-settings.ts';
import { pullsOverTls } from '../domain/settings.ts';
import { plan, serve, shownTo } from '../domain/plan.ts';
import { type Problem, problem } from '../domain/problems.ts';
import {
  type LookedPlace,
  type ShownApart,
  type ShownCertificates,
  type Showing,
  shownApart,
} from '../domain/shown-certificate.ts';
import { credentialOf } from '../doctor/credentials.ts';
import type { Door, DoorTls } from '../pull/door.ts';
import { Intake } from '../pull/intake.ts';
import { originContext, type Presented } from '../pull/origin-context.ts';
import { concrete } from '../pull/presenting-way.ts';
import { createResolver, type Resolver } from '../pull/resolve.ts';
import { showing, type ShowingOutcome } from '../pull/showing.ts';
import type { AttestGround } from './attest/examination.ts';
import { Canary, presented } from './attest/presented.ts';
import type { ControlState } from './control-state.ts';
import { type LookPlaces, partyOf } from './look-places.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What the origins of hostnames show. */
export interface OriginCertificateKeeping {
  /** Looks at the certificate that each origin of a hostname shows now, and judges it as the edge does. */
  readonly originCertificates: (zone: ZoneId, hostname: Hostname) => Promise<ShownCertificates | Problem>;
}

/** The same, with what other parts of the control plane ask. */
export interface OriginCertificates {
  readonly keeping: OriginCertificateKeeping;
  /** From now on it is known where origins may lie; before, nobody looks. */
  readonly stand: (ground: AttestGround) => void;
  /** What becomes of what the origins of a zone show, when these CAs are believed instead. */
  readonly under: (zone: ZoneId, believed: readonly OriginCa[]) => Promise<readonly ShownApart[]>;
}

interface Parts {
  readonly places: LookPlaces;
  readonly source: PlanSource;
}

/** Milliseconds for one handshake, and for all of a question. */
const TIMEOUT = 4_000;
const PATIENCE = 8_000;
/** Origins of one hostname, and hostnames of one question. */
const MOST_ORIGINS = 4;
const MOST_NAMES = 20;
/** Handshakes for one account. */
const LOOKS_OF_ACCOUNT = { quota: 120, window: 60 };
const LABEL = 'postern-attestation';

/** Looks at the certificates of origins when somebody asks: only at those of the zone's own proxied records. */
export function originCertificates(state: ControlState, { places, source }: Parts): OriginCertificates {
  const looker = new Looker(state, { places, source });
  return {
    stand: (ground) => looker.stand(ground),
    keeping: { originCertificates: (zone, hostname) => ofHostname(state, looker, zone, hostname) },
    under: (zone, believed) => underOthers(state, looker, zone, believed),
  };
}

async function ofHostname(
  state: ControlState,
  looker: Looker,
  id: ZoneId,
  hostname: Hostname,
): Promise<ShownCertificates | Problem> {
  const entry = state.zones.entry(id);
  if (entry === undefined || state.closed) return problem('zone_not_found');
  const served = serve(looker.source, hostname);
  const mode = entry.edge.rules.ssl;
  if (served === null || served.rules.id !== id || served.host.targets.length === 0)
    return problem('certificate_not_asked', `${hostname} has no proxied record`);
  if (!pullsOverTls(mode)) return problem('certificate_not_asked', `the mode is ${mode}`);
  if (pauseInForce(entry.zone.looks, state.clock()) !== null) return problem('looks_paused', entry.zone.name);
  const { rules, host } = served;
  const targets = host.targets.slice(0, MOST_ORIGINS);
  if (!looker.affords(rules.account, targets.length)) return problem('certificates_seen_enough');
  const at = state.clock();
  const signal = AbortSignal.timeout(PATIENCE);
  const origins = await Promise.all(
    targets.map(async (target) => {
      const visit = { rules, name: hostname, target };
      return { place: placeOf(visit), showing: await looker.look(visit, rules.originCas, signal) };
    }),
  );
  return { hostname, at, origins };
}

async function underOthers(
  state: ControlState,
  looker: Looker,
  id: ZoneId,
  believed: readonly OriginCa[],
): Promise<readonly ShownApart[]> {
  const entry = state.zones.entry(id);
  if (entry === undefined || state.closed || entry.edge.rules.paused) return [];
  if (pauseInForce(entry.zone.looks, state.clock()) !== null) return [];
  const { rules, hosts } = entry.edge;
  const signal = AbortSignal.timeout(PATIENCE);
  return Promise.all(
    firstServed(hosts.values()).map((host) => apart({ state, looker, rules, believed, signal }, host)),
  );
}

interface Question {
  readonly state: ControlState;
  readonly looker: Looker;
  readonly rules: EdgeZoneRules;
  readonly believed: readonly OriginCa[];
  readonly signal: AbortSignal;
}

async function apart({ state, looker, rules, believed, signal }: Question, host: EdgeHost): Promise<ShownApart> {
  const { hostname } = host;
  const at = state.clock();
  const name = concrete(hostname, LABEL);
  const unseen = (about: string): ShownApart => ({ hostname, at, kind: 'unseen', about });
  if (name === null) return unseen('the names below the wildcard are too long');
  if (host.targets.length > MOST_ORIGINS) return unseen(`more than ${MOST_ORIGINS} origins are not looked at`);
  if (!looker.affords(rules.account, host.targets.length * 2)) return unseen('too many were looked at within a minute');
  const judged = await Promise.all(
    host.targets.map(async (target) => {
      const visit = { rules, name, target };
      const now = await looker.look(visit, rules.originCas, signal);
      // Who was not reached once is not waited for again.
      return { now, later: now.kind === 'unseen' ? now : await looker.look(visit, believed, signal) };
    }),
  );
  return shownApart(hostname, at, judged);
}

function firstServed(hosts: Iterable<EdgeHost>): readonly EdgeHost[] {
  const first: EdgeHost[] = [];
  for (const host of hosts) {
    if (first.length === MOST_NAMES) break;
    if (host.targets.length > 0) first.push(host);
  }
  return first;
}

/** One origin, as a visit to a name comes to it. */
interface Visit {
  readonly rules: EdgeZoneRules;
  readonly name: Hostname;
  readonly target: Target;
}

function placeOf({ name, target }: Visit): LookedPlace {
  return { address: target.address, port: target.httpsPort, serverName: target.serverName ?? name };
}

const TOO_LONG: ShowingOutcome = {
  showing: { kind: 'unseen', why: 'It did not answer in time, or there was no place for a look.' },
  failed: null,
};

/** Shakes hands with origins, within what an account may have of it. */
class Looker {
  readonly source: PlanSource;
  readonly #state: ControlState;
  readonly #places: LookPlaces;
  readonly #intake = new Intake();
  readonly #shares = new TokenBuckets(LOOKS_OF_ACCOUNT);
  #ground: (AttestGround & { readonly resolver: Resolver }) | null = null;

  constructor(state: ControlState, { places, source }: Parts) {
    this.#state = state;
    this.#places = places;
    this.source = source;
  }

  stand(ground: AttestGround): void {
    const resolver = createResolver(() => performance.now(), ground.lookup ?? systemLookup);
    this.#ground = { ...ground, resolver };
  }

  /** Whether an account may have so many looks now; they are counted where it may. */
  affords(account: AccountId, looks: number): boolean {
    return this.#shares.take(account, performance.now(), looks).wait === null;
  }

  /** What an origin shows, judged by whether the edge would believe it under these CAs. */
  async look(visit: Visit, cas: readonly OriginCa[], signal: AbortSignal): Promise<Showing> {
    const { address, port } = placeOf(visit);
    const work = async () => {
      const seen = await this.#knock(visit, cas, { presents: null, signal });
      // Some servers shake hands only with who shows a certificate, as the edge does.
      if (seen.failed !== 'handshake_failed' && seen.failed !== 'identity_refused') return seen;
      const presents = await this.#identity(visit);
      return presents === null ? seen : await this.#knock(visit, cas, { presents, signal });
    };
    const party = partyOf(visit.rules.account, 'certificates');
    const late = Promise.withResolvers<ShowingOutcome>();
    const giveUp = () => late.resolve(TOO_LONG);
    signal.addEventListener('abort', giveUp);
    const looked = this.#places.pass(party, work, `${address} ${port}`).catch(() => TOO_LONG);
    const { showing: saw } = await Promise.race([looked, late.promise]);
    signal.removeEventListener('abort', giveUp);
    return saw;
  }

  #knock(
    { rules, name, target }: Visit,
    cas: readonly OriginCa[],
    { presents, signal }: { readonly presents: Presented | null; readonly signal: AbortSignal },
  ): Promise<ShowingOutcome> {
    const ground = this.#ground;
    const context = contextOf(presents, { rules, cas, originCa: this.#state.originCa.pem });
    if (ground === null || context === null || signal.aborted) return Promise.resolve(TOO_LONG);
    const { addresses: policy, resolver } = ground;
    const clock = () => performance.now();
    const judging = { now: this.#state.clock(), revoked: rules.revokedOrigins };
    const options = { policy, resolver, intake: this.#intake, context, timeout: TIMEOUT, clock, ...judging };
    return new Promise((resolve) => {
      showing(doorOf({ rules, name, target }), options, resolve);
    });
  }

  /** What the edge shows there; `null` where it shows nothing. */
  async #identity({ rules, name, target }: Visit): Promise<Presented | null> {
    const zone = this.#state.zones.index.get(rules.id);
    const decided = plan(this.source, name, 'https', this.#state.clock());
    if (zone === undefined || decided.kind !== 'present' || decided.zone !== rules.id) return null;
    const { certificate: id } = shownTo(target, decided.identity);
    const canary = new Canary(this.#state);
    const identity = (await presented(this.#state, { zone, id, extent: 'quick', canary }))?.identity ?? null;
    return identity === null || identity.key === null
      ? null
      : credentialOf({ chain: identity.chain, key: identity.key });
  }
}

interface ContextTerms {
  readonly rules: EdgeZoneRules;
  readonly cas: readonly OriginCa[];
  readonly originCa: string;
}

// OpenSSL judges what it is given only when it loads it.
function contextOf(presents: Presented | null, { rules, cas, originCa }: ContextTerms): SecureContext | null {
  try {
    const check = { kind: 'strict', cas, revoked: rules.revokedOrigins } as const;
    return originContext(presents, { check, compliance: rules.compliance }, originCa);
  } catch {
    return null;
  }
}

function doorOf(visit: Visit): Door & { readonly tls: DoorTls } {
  const { rules, name, target } = visit;
  const { address, port, serverName } = placeOf(visit);
  const { compliance } = rules;
  return {
    zone: rules.id,
    hostname: name,
    scheme: 'https',
    address,
    port,
    mayBePrivate: target.mayBePrivate,
    tls: { serverName, identity: null, check: { kind: 'none' }, compliance, http2: false },
  };
}
