import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Instant } from '../../domain/ids.ts';
import { type Problem, type ProblemCode, problem } from '../../domain/problems.ts';
import { failure, statusOf, success } from '../../wire/envelope.ts';
import type { Figures } from '../../wire/metrics.ts';
import type { Analytics } from '../analytics/collector.ts';
import { namesTag } from '../api/entity-tag.ts';
import { hostFields } from '../api/host-check.ts';
import { acceptJson, BadBody } from '../api/json-body.ts';
import type { Allowance } from '../api/rate-limits.ts';
import type { Comer, Ground, Route, Settings } from '../api/route.ts';
import type { Answer, Stream } from '../api/outcome.ts';
import { errorFields, type Log } from '../log.ts';
import type { ControlPlane } from '../plane.ts';
import type { Servers } from './servers.ts';

const BODY_LIMIT = 1024 * 1024;
/** A hostname in a path; the router's own limit is shorter than RFC 1035's. */
const MAX_PARAMETER = 300;

/** For every answer: the API is no web page, is in no frame, and is cached by nobody unless a route says otherwise. */
const SECURITY_FIELDS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

// RFC 6797 §6.1. Not for names below: they need not be ours.
const TLS_FIELDS = { 'strict-transport-security': 'max-age=31536000' } as const;

/** A listener's server without routes: its limits, the fields of every answer, and how it refuses what it cannot read. */
export function createApp(servers: Servers, log: Log): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    serverFactory: servers.create,
    routerOptions: { maxParamLength: MAX_PARAMETER, ignoreTrailingSlash: true },
    frameworkErrors: (_error, _request, reply) => void refuse(reply, [problem('no_route')]),
    clientErrorHandler: (error, socket) => refuseBytes(error.code, socket),
  });
  acceptJson(app);
  const fields = { ...SECURITY_FIELDS, ...(servers.tls ? TLS_FIELDS : {}) };
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...fields, 'x-request-id': request.id });
    // RFC 9112 §3.2. Node would take the first and forget the others.
    return hostFields(request.raw).length > 1 ? refuse(reply, [problem('bad_request')]) : undefined;
  });
  app.addHook('onResponse', async (request, reply) => {
    log('api_request', {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      from: request.socket.remoteAddress ?? null,
    });
  });
  app.addHook('preClose', async () => servers.end());
  app.setNotFoundHandler((_request, reply) => refuse(reply, [problem('no_route')]));
  app.setErrorHandler((error, request, reply) => refuse(reply, [thrown(error, request, log)]));
  return app;
}

/** What a listener gives to the handlers of its calls. */
export interface Giving {
  readonly plane: ControlPlane;
  readonly clock: () => Instant;
  readonly settings: Settings;
  readonly figures: () => Promise<Figures>;
  readonly analytics: Analytics;
}

/** At a listener where nobody signs in. */
const STRANGER: Comer = { session: null, signIn: () => problem('no_route') };

/** What a handler may use for a request, whoever calls. */
export function groundOf(
  request: FastifyRequest,
  { plane, clock, settings, figures, analytics }: Giving,
  comer: Comer = STRANGER,
): Ground {
  return {
    ...comer,
    plane,
    settings,
    now: clock(),
    clock,
    base: baseOf(request),
    from: request.socket.remoteAddress ?? '',
    header: (name) => headerOf(request, name),
    figures,
    analytics,
  };
}

/** `http(s)://host:port` as a request addressed us. */
export function baseOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}

/** A field of a request. One that came several times is joined. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

type Outcome = Exclude<Awaited<ReturnType<Route['run']>>, Stream>;

/** Sends what a handler answered. */
export function deliver(reply: FastifyReply, outcome: Outcome): FastifyReply {
  switch (outcome.kind) {
    case 'answer':
      reply.headers(outcome.headers ?? {});
      if (isKnown(outcome, reply.request)) return reply.code(304).send();
      return reply.send(success(outcome.result, outcome.messages ?? [], outcome.info));
    case 'document':
      return reply.code(outcome.status).headers(outcome.headers).send(outcome.text);
    case 'download':
      return reply.headers(outcome.headers).send(outcome.bytes);
    case 'refusal':
      return refuse(reply, outcome.problems);
    case 'problem':
      return refuse(reply, [outcome]);
  }
}

// RFC 9110 §13.1.2. What is said beside the result may have changed, so an answer that says something is sent in full.
function isKnown({ headers, messages = [] }: Answer, request: FastifyRequest): boolean {
  const etag = headers?.['etag'];
  const reads = request.method === 'GET' || request.method === 'HEAD';
  return etag !== undefined && reads && messages.length === 0 && namesTag(headerOf(request, 'if-none-match'), etag);
}

/** Says what is left of a limit, and turns the request away where nothing is. */
export function hold(reply: FastifyReply, { fields, wait }: Allowance): FastifyReply | undefined {
  reply.headers(fields);
  if (wait === null) return undefined;
  return refuse(reply.header('retry-after', String(wait)), [problem('rate_limited')]);
}

// Refused for now, where nothing says until when.
const SOON: ReadonlySet<ProblemCode> = new Set(['too_many_failures', 'rate_limited']);

/** Answers with problems, in the envelope. */
export function refuse(reply: FastifyReply, problems: readonly Problem[]): FastifyReply {
  if (problems.some(({ code }) => SOON.has(code)) && !reply.hasHeader('retry-after')) reply.header('retry-after', '1');
  return reply.code(statusOf(problems)).type('application/json; charset=utf-8').send(failure(problems));
}

// Fastify's own refusals of what came in.
const THROWN: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'bad_json',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'bad_json',
  FST_ERR_BAD_URL: 'no_route',
  FST_ERR_MAX_PARAM_LENGTH: 'no_route',
};

function thrown(error: unknown, request: FastifyRequest, log: Log): Problem {
  if (error instanceof BadBody) return error.problem;
  const fields = errorFields(error);
  const known = THROWN[fields.code ?? ''];
  if (known !== undefined) return problem(known);
  // Whoever sends half a body and leaves hears nothing of it, and is no fault of ours.
  if (request.raw.destroyed && !request.raw.complete) return problem('bad_request');
  log('api_error', { request: request.id, ...fields });
  return problem('internal', `request ${request.id}`);
}

// What Node calls a message that is no HTTP, or not in time. Everything else, such as a failed handshake, is answered
// by nobody: there is no connection on which to answer.
const NOT_HTTP = /^(?:HPE_|ERR_HTTP_)/;

const TOO_MUCH: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'too_slow',
  HPE_HEADER_OVERFLOW: 'fields_too_large',
};

/** What is not even HTTP, or not in time, is answered in the envelope too, and the connection ends. */
function refuseBytes(code: string, socket: Socket): void {
  if (!NOT_HTTP.test(code) || !socket.writable) return void socket.destroy();
  const problems = [problem(TOO_MUCH[code] ?? 'bad_request')];
  const status = statusOf(problems);
  const body = JSON.stringify(failure(problems));
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
