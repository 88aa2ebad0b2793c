import type { Fingerprint, Instant } from '../domain/ids.ts';
import type { PullPlan } from '../domain/plan.ts';
import { all, type Fields, list } from '../http1/fields.ts';
import type { RequestHead } from '../http1/head.ts';
import type { Pulling } from '../pull/door.ts';
import { PULL_FAILURES, type PullFailure } from '../pull/failure.ts';
import { forward, type Way as AnyWay } from '../pull/forward.ts';
import type { OriginRequest } from '../pull/origin-request.ts';
import type { Pools } from '../pull/pools.ts';
import type { PullFacts } from '../pull/pull-facts.ts';
import type { Log } from '../wire/log.ts';
import { admittance } from './doorkeeper.ts';
import type { Gate } from './gate.ts';
import { isLarge } from './large-head.ts';
import { PAGES, type PageCode } from './own-pages.ts';
import { pageReply, redirectReply } from './pages.ts';
import type { Page } from './page.ts';
import type { Planner, Route, RouteDoor } from './planner.ts';
import type { PullWatch } from './pull-watch.ts';
import type { RequestEnd } from './request-end.ts';
import { requestTrailers, sentToOrigin, sentToVisitor } from './sent-on.ts';
import type { Visitor } from './visitor.ts';
import { passedUpgrade } from '../http1/upgrade.ts';

/** A way to an origin, and the names that it expects (`null`: the visitor's). */
interface Way extends AnyWay {
  readonly called: RouteDoor['called'];
}

/** What handling a request needs from the edge. */
export interface HandlerWorld {
  readonly planner: Planner;
  readonly pools: Pools;
  readonly now: () => Instant;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly loopName: string;
  readonly tally: PullWatch['tally'];
  /** Told where a limit that only simulates would have begun to turn a visitor away. */
  readonly simulated: (plan: PullPlan) => void;
  /** Counts up by one at each call. */
  readonly turn: () => number;
  readonly log: Log;
  /** Told once of every request, when it is known how it ends: before the last of its answer is handed over. */
  readonly done: (visitor: Visitor, end: RequestEnd, at: number) => void;
  /** Port of the public listener for a scheme, for redirects; `null` where there is none. */
  readonly publicPort: (scheme: 'http' | 'https') => number | null;
}

/** A handler for requests: decides by plan, then redirects, refuses or pulls. */
export function createHandler(world: HandlerWorld): (visitor: Visitor) => void {
  return (visitor) => serve(world, visitor);
}

function serve(world: HandlerWorld, visitor: Visitor): void {
  const fault = refusal(visitor, world.loopName);
  if (fault !== null) return sendPage(world, visitor, fault);
  const { serverName } = visitor;
  const { hostname: name } = visitor.visit;
  if (name === null) return sendPage(world, visitor, 'unknown_hostname');
  if (serverName !== null && serverName !== name) return sendPage(world, visitor, 'misdirected');
  const route = world.planner.route(name, visitor.scheme, world.now());
  const { gate, plan } = route;
  if (gate !== null && !admitted(world, visitor, { gate, plan })) return;
  carryOut(world, visitor, route);
}

/** Whether the rules of the zone let the request in; who is not let in has been told so. */
function admitted(world: HandlerWorld, visitor: Visitor, { gate, plan }: Gated): boolean {
  const { clock, log } = world;
  const { id, scheme, head } = visitor;
  const { method, path } = head;
  const { address } = visitor.visit;
  // In one spelling: a final dot must not make another name of it.
  const host = visitor.visit.hostname ?? head.host;
  const verdict = gate.judge({ address, scheme, method, host, path }, clock());
  switch (verdict.kind) {
    case 'pass':
      return true;
    case 'simulated':
      world.simulated(plan);
      log('visitor_limit_simulated', { id, host, rule: verdict.rule, address });
      return true;
    case 'blocked':
      sendPage(world, visitor, 'blocked', plan);
      return false;
    case 'limited': {
      const { rule, first, wait } = verdict;
      if (first) log('visitor_limited', { id, host, rule, address, seconds: wait });
      const page = { ...PAGES.limited, code: 'limited', fields: [['Retry-After', String(wait)]] } as const;
      answer(world, visitor, page, { plan, pull: null });
      return false;
    }
  }
}

interface Gated {
  readonly gate: Gate;
  readonly plan: PullPlan;
}

// TRACE would show a visitor the fields that the edge adds (RFC 9110 §9.3.8); CONNECT asks for a tunnel.
function refusal(visitor: Visitor, loopName: string): PageCode | null {
  const { method, fields } = visitor.head;
  if (method === 'CONNECT' || method === 'TRACE') return 'method';
  const loops = list(fields, 'cdn-loop').some((member) => member.split(';')[0]?.trim() === loopName);
  return loops ? 'loop' : null;
}

function carryOut(world: HandlerWorld, visitor: Visitor, route: Route): void {
  const { plan } = route;
  const admitted = admittance(visitor, route, world.now);
  if (admitted.kind === 'turned_away') return turnAway(world, visitor, { ...admitted, plan });
  switch (plan.kind) {
    case 'not_served':
      return sendPage(world, visitor, plan.because, plan);
    case 'redirect':
      return redirect(world, visitor, plan);
    case 'refuse':
      world.log('pull_refused', { id: visitor.id, host: plan.hostname, level: plan.level, because: plan.because });
      return sendPage(world, visitor, 'refuse', plan);
    case 'plaintext':
    case 'without':
    case 'present':
      return pull(world, visitor, plan, { ...doorsFor(visitor, route), clientCert: admitted.clientCert });
  }
}

// HTTP/2 does not carry what changes the protocol (RFC 9113 §8.6). And a head that an origin finds too large may cost
// the whole connection (nginx does so), with the requests of others on it: such a head goes over one of its own.
function doorsFor({ head }: Visitor, { doors, http1Doors }: Route): Omit<Course, 'clientCert'> {
  if (passedUpgrade(head) !== null) return { doors: http1Doors, http2Doors: [] };
  if (!isLarge(head)) return { doors, http2Doors: [] };
  return { doors: http1Doors, http2Doors: doors.filter(({ door }) => door.tls?.http2 === true) };
}

interface TurnedAway {
  readonly page: PageCode;
  readonly because: string;
  readonly plan: PullPlan;
}

function turnAway(world: HandlerWorld, visitor: Visitor, { page, because, plan }: TurnedAway): void {
  const { id, shown, visit } = visitor;
  const { host } = visitor.head;
  world.log('visitor_not_admitted', {
    id,
    host,
    address: visit.address,
    because,
    certificate: shown?.fingerprint ?? null,
  });
  sendPage(world, visitor, page, plan);
}

interface Course extends Pick<Route, 'doors'> {
  /** For origins that turn out to speak nothing but HTTP/2. */
  readonly http2Doors: Route['doors'];
  readonly clientCert: string | null;
}

function pull(world: HandlerWorld, visitor: Visitor, plan: Pulling, { doors, http2Doors, clientCert }: Course): void {
  const next = ways(world, doors);
  let overHttp2: typeof next | null = null;
  const way = next();
  if (way === null) return sendPage(world, visitor, 'dns_only', plan);
  forward(visitor, {
    way,
    next: ({ alert }) => {
      const another = next();
      if (another !== null || alert !== NO_APPLICATION_PROTOCOL) return another;
      overHttp2 ??= ways(world, http2Doors);
      return overHttp2();
    },
    request: (way, upgrade) => request(visitor, { way, upgrade, clientCert, loopName: world.loopName }),
    sentBack: sentToVisitor,
    trailers: requestTrailers,
    tally: world.tally(plan),
    // The rules have let this request in, and counted it, already.
    moved: () =>
      carryOut(
        world,
        visitor,
        world.planner.route(visitor.visit.hostname ?? plan.hostname, visitor.scheme, world.now()),
      ),
    again: ({ code, detail }) => world.log('pull_repeated', { id: visitor.id, host: plan.hostname, code, detail }),
    over: (pull) => pulled(world, visitor, plan, pull),
    clock: world.clock,
  });
}

/** What the head of a pull depends on beside the visitor. */
interface Asking {
  readonly way: Way;
  readonly upgrade: string | null;
  readonly clientCert: string | null;
  readonly loopName: string;
}

function request({ head, id, visit }: Visitor, { way, upgrade, clientCert, loopName }: Asking): OriginRequest {
  const { method, path, authority, framing } = head;
  return {
    ...sentToOrigin(head.fields),
    method,
    path,
    authority: way.called.hostHeader ?? authority,
    forwarding: visit.forwarding,
    clientCert,
    loop: loopField(head, loopName),
    ray: id,
    framing,
    upgrade,
  };
}

// RFC 8586 §2: what others have put there stays, else two edges that point at each other would never notice.
function loopField({ fields }: RequestHead, loopName: string): string {
  return fields.names.includes('cdn-loop') ? [...all(fields, 'cdn-loop'), loopName].join(', ') : loopName;
}

// RFC 7301 §3.2.
const NO_APPLICATION_PROTOCOL = 120;

function pulled(world: HandlerWorld, visitor: Visitor, plan: Pulling, pull: PullFacts): void {
  const { failure, told } = pull;
  const status = told?.status ?? pull.status;
  if (failure !== null) logFailure(world, visitor, plan, { failure, shown: pull.shown });
  if (failure !== null && status === 0) {
    return answer(world, visitor, { ...PULL_FAILURES[failure.code], code: failure.code }, { plan, pull });
  }
  world.done(visitor, { plan, status, page: told?.code ?? null, bytesOut: pull.bytesOut, pull }, pull.endedAt);
}

// Doors take turns, so that several addresses of one name share the work; each is tried once for a request, and those
// that failed lately after all others. They differ in address, server name and, during a rotation, in what they are shown.
function ways({ pools, turn }: HandlerWorld, doors: readonly RouteDoor[]): () => Way | null {
  const first = doors.length === 1 ? 0 : turn() % doors.length;
  let tried = 0;
  let later: Way[] | null = null;
  return () => {
    while (tried < doors.length) {
      const found = doors[(first + tried++) % doors.length];
      if (found === undefined) break;
      const way = { pool: pools.at(found.door, found.key), called: found.called };
      if (doors.length === 1) return way;
      way.pool.doors = doors;
      if (way.pool.leads()) return way;
      later = [...(later ?? []), way];
    }
    return later?.shift() ?? null;
  };
}

function logFailure(
  world: HandlerWorld,
  visitor: Visitor,
  plan: Pulling,
  { failure, shown }: { readonly failure: PullFailure; readonly shown: Fingerprint | null },
): void {
  world.log('pull_failed', {
    id: visitor.id,
    host: plan.hostname,
    plan: plan.kind,
    certificate: shown,
    code: failure.code,
    status: PULL_FAILURES[failure.code].status,
    alert: failure.alert,
    detail: failure.detail,
  });
}

function sendPage(world: HandlerWorld, visitor: Visitor, code: PageCode, plan: PullPlan | null = null): void {
  const shown = plan?.kind === 'refuse' ? plan.because : code;
  answer(world, visitor, { ...PAGES[code], code: shown }, { plan, pull: null });
}

function answer(
  world: HandlerWorld,
  visitor: Visitor,
  page: Page,
  { plan, pull }: Pick<RequestEnd, 'plan' | 'pull'>,
): void {
  const { head, id } = visitor;
  const reply = pageReply(page, { accept: accepted(head.fields), id });
  const bytesOut = head.method === 'HEAD' ? 0 : reply.body.length;
  const end = { plan, status: page.status, page: page.code, bytesOut, pull };
  world.done(visitor, end, pull?.endedAt ?? world.clock());
  visitor.page(reply);
}

function accepted(fields: Fields): string | undefined {
  return fields.names.includes('accept') ? all(fields, 'accept').join(',') : undefined;
}

function redirect(world: HandlerWorld, visitor: Visitor, plan: Extract<PullPlan, { kind: 'redirect' }>): void {
  const { host, path, method } = visitor.head;
  const port = world.publicPort(plan.to);
  const usual = port === null || port === (plan.to === 'https' ? 443 : 80);
  const location = `${plan.to}://${host}${usual ? '' : `:${port}`}${path === '*' ? '/' : path}`;
  // 308 keeps the method where 301 lets clients turn a POST into a GET (RFC 9110 §15.4.9).
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  world.done(visitor, { plan, status, page: null, bytesOut: 0, pull: null }, world.clock());
  visitor.page(redirectReply(location, status, visitor.id));
}
