import type { Instant } from '../domain/ids.ts';
import { get, list } from '../http1/fields.ts';
import type { Pulling } from '../pull/door.ts';
import { PULL_FAILURES, type PullFailure } from '../pull/failure.ts';
import type { Pools } from '../pull/pools.ts';
import type { Log } from '../wire/log.ts';
import { forward, type Way } from './forward.ts';
import { PAGES, type PageCode } from './own-pages.ts';
import { type Page, pageReply, redirectReply } from './pages.ts';
import type { Planner, Route, RouteDoor } from './planner.ts';
import type { Visitor } from './responder.ts';

/** What handling a request needs from the edge. */
export interface HandlerWorld {
  readonly planner: Planner;
  readonly pools: Pools;
  readonly now: () => Instant;
  readonly loopName: string;
  /** Counts up by one at each call. */
  readonly turn: () => number;
  readonly log: Log;
  /** Port of the public listener for a scheme, for redirects; `null` where there is none. */
  readonly publicPort: (scheme: 'http' | 'https') => number | null;
}

/** A handler for requests: decides by plan, then redirects, refuses or pulls. */
export function createHandler(world: HandlerWorld): (visitor: Visitor) => void {
  return (visitor) => serve(world, visitor);
}

function serve(world: HandlerWorld, visitor: Visitor): void {
  const fault = refusal(visitor, world.loopName);
  if (fault !== null) return sendPage(visitor, fault);
  const { hostname: name, serverName } = visitor;
  if (name === null) return sendPage(visitor, 'unknown_hostname');
  if (serverName !== null && serverName !== name) return sendPage(visitor, 'misdirected');
  carryOut(world, visitor, world.planner.route(name, visitor.scheme, world.now()));
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
  switch (plan.kind) {
    case 'not_served':
      return sendPage(visitor, plan.because);
    case 'redirect':
      return redirect(world, visitor, plan.to);
    case 'refuse':
      world.log('pull_refused', { id: visitor.id, host: plan.hostname, level: plan.level, because: plan.because });
      return sendPage(visitor, 'refuse', plan.because);
    case 'plaintext':
    case 'without':
    case 'present':
      return pull(world, visitor, plan, route);
  }
}

function pull(world: HandlerWorld, visitor: Visitor, plan: Pulling, route: Route): void {
  const next = ways(world, route.doors);
  const way = next();
  if (way === null) return sendPage(visitor, 'dns_only');
  forward(visitor, {
    way,
    next,
    loopName: world.loopName,
    moved: () => serve(world, visitor),
    failed: (failure, answered) => {
      logFailure(world, visitor, plan, failure);
      if (!answered) answer(visitor, { ...PULL_FAILURES[failure.code], code: failure.code });
    },
  });
}

// Doors take turns, so that several addresses of one name share the work; each is tried once for a request.
function ways({ pools, turn }: HandlerWorld, doors: readonly RouteDoor[]): () => Way | null {
  const first = doors.length === 1 ? 0 : turn() % doors.length;
  let tried = 0;
  return () => {
    const found = tried < doors.length ? doors[(first + tried++) % doors.length] : undefined;
    return found === undefined ? null : { pool: pools.at(found.door, found.key), hostHeader: found.hostHeader };
  };
}

function logFailure(world: HandlerWorld, visitor: Visitor, plan: Pulling, failure: PullFailure): void {
  world.log('pull_failed', {
    id: visitor.id,
    host: plan.hostname,
    plan: plan.kind,
    certificate: plan.kind === 'present' ? plan.identity.fingerprint : null,
    code: failure.code,
    status: PULL_FAILURES[failure.code].status,
    alert: failure.alert,
    detail: failure.detail,
  });
}

function sendPage(visitor: Visitor, code: PageCode, detail: string = code): void {
  const { status, text } = PAGES[code];
  answer(visitor, { status, code: detail, text });
}

function answer(visitor: Visitor, page: Page): void {
  visitor.page(pageReply(page, { accept: get(visitor.head.fields, 'accept'), id: visitor.id }));
}

function redirect(world: HandlerWorld, visitor: Visitor, to: 'http' | 'https'): void {
  const { host, path, method } = visitor.head;
  const port = world.publicPort(to);
  const usual = port === null || port === (to === 'https' ? 443 : 80);
  const location = `${to}://${host}${usual ? '' : `:${port}`}${path === '*' ? '/' : path}`;
  // 308 keeps the method where 301 lets clients turn a POST into a GET (RFC 9110 §15.4.9).
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  visitor.page(redirectReply(location, status, visitor.id));
}
