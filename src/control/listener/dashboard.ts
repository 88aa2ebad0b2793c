import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../../domain/problems.ts';
import { namesTag } from '../api/entity-tag.ts';
import { headerOf, refuse } from './app.ts';

/** Where the dashboard lives: a path of its own, so that no page of it can stand in the way of a call. */
export const DASHBOARD = '/dashboard/';

/**
 * What a page of the dashboard may do: load what this listener has, and ask this listener. No inline script or style, no
 * other host, no frame around it, no form that posts anywhere (CSP 3).
 */
export const DASHBOARD_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Endings of files that the build has compressed already, by what they are called in HTTP (RFC 9110 §8.4.1). */
const CODINGS = { br: '.br', gzip: '.gz' } as const;
type Coding = keyof typeof CODINGS;

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly coded: Partial<Record<Coding, Buffer>>;
  /** Its name changes with its content, so nobody needs to ask again. */
  readonly lasting: boolean;
}

/** The dashboard's files in memory, by their path below `DASHBOARD`. */
export type Dashboard = ReadonlyMap<string, Asset>;

/**
 * Reads the built dashboard; `null` where it has not been built. Throws what reading a file throws. Names that nobody
 * knows the type of are left out: what is served is what the build is known to make.
 */
export function readDashboard(directory: string): Dashboard | null {
  const names = filesBelow(directory);
  if (!names.includes('index.html')) return null;
  const read = (name: string) => readFileSync(join(directory, name));
  const assets = names.flatMap((name): readonly (readonly [string, Asset])[] => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    const bytes = read(name);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
    const coded = Object.entries(CODINGS).flatMap(([coding, ending]) =>
      names.includes(`${name}${ending}`) ? [[coding, read(`${name}${ending}`)]] : [],
    );
    return [[name, { type, etag, bytes, coded: Object.fromEntries(coded), lasting: name.startsWith('assets/') }]];
  });
  return new Map(assets);
}

function filesBelow(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length).replace(/^\/+/, ''));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Serves the dashboard to whoever asks: it holds nothing of the installation, everything comes from the API. */
export function serveDashboard(app: FastifyInstance, dashboard: Dashboard | null): void {
  app.get('/', (_request, reply) => reply.redirect(DASHBOARD, 302));
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.replace(/[?#].*$/, '');
    // The router takes it for the same, a browser would look for the parts of the page elsewhere.
    if (path === DASHBOARD.slice(0, -1)) return reply.redirect(DASHBOARD, 302);
    if (dashboard === null) return refuse(reply, [problem('no_dashboard')]);
    const asset = assetAt(dashboard, path.slice(DASHBOARD.length));
    return asset === undefined ? refuse(reply, [problem('no_route')]) : send(asset, request, reply);
  };
  app.get(DASHBOARD, serve);
  app.get(`${DASHBOARD}*`, serve);
}

// Pages are addresses within the one document, and names of hosts stand in them; a script or style that is not there is a
// mistake, and the document in its place would hide it.
function assetAt(dashboard: Dashboard, name: string): Asset | undefined {
  return dashboard.get(name) ?? (Object.hasOwn(TYPES, extname(name)) ? undefined : dashboard.get('index.html'));
}

function send({ type, etag, bytes, coded, lasting }: Asset, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({
    'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': DASHBOARD_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    vary: 'accept-encoding',
    etag,
  });
  if (namesTag(headerOf(request, 'if-none-match'), etag)) return reply.code(304).send();
  const coding = (['br', 'gzip'] as const).find((one) => accepts(headerOf(request, 'accept-encoding'), one));
  const smaller = coding === undefined ? undefined : coded[coding];
  if (coding !== undefined && smaller !== undefined) reply.header('content-encoding', coding);
  return reply.type(type).send(smaller ?? bytes);
}

/** Whether a caller takes a coding (RFC 9110 §12.5.3): named, and not with a weight of nothing. */
function accepts(field: string | undefined, coding: Coding): boolean {
  return (field ?? '').split(',').some((one) => {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return name === coding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
