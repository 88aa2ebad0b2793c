import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { type Hostname, hostname } from '../domain/ids.ts';
import { parseAuthority } from '../http1/authority.ts';

/** A request as Node gives it, whichever framework stands in between. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/**
 * The one name that a request is for; `null` where it names none, several, or an address. Whoever reads the request later
 * may look at any of the places that are compared here.
 */
export function askedHost(request: NodeRequest): Hostname | null {
  const named = [...values(request, 'host'), ...values(request, ':authority'), ...targetAuthority(request)];
  // RFC 9112 §3.2: one Host, even where a second one says the same.
  if (named.length === 0 || values(request, 'host').length > 1) return null;
  const hosts = new Set(named.map((text) => hostname(parseAuthority(text)?.host ?? '')));
  const [host = null] = hosts;
  return hosts.size === 1 ? host : null;
}

/** All values of a field, by its exact name without regard to case. */
export function values({ rawHeaders }: NodeRequest, name: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) found.push(rawHeaders[at + 1] ?? '');
  }
  return found;
}

/** The target as it arrived: Express and others rewrite `url` where they are mounted below a path. */
export function requestTarget(request: NodeRequest): string {
  const { originalUrl } = request as { readonly originalUrl?: unknown };
  return typeof originalUrl === 'string' ? originalUrl : (request.url ?? '');
}

// RFC 9112 §3.2.2: the absolute form beats Host. A target without a scheme is a path, `*`, or that of CONNECT.
function targetAuthority(request: NodeRequest): readonly string[] {
  const target = requestTarget(request);
  if (target.startsWith('/') || target === '*') return [];
  return [/^https?:\/\/([^/?#]*)/i.exec(target)?.[1] ?? target];
}
