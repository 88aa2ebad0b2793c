import { upstream } from '../upstream.ts';

/** What stands behind a guard, and what is spoken to it. */
export interface Application {
  /** `tcp`: bytes as they are, behind a header of the PROXY protocol that says who came. */
  readonly protocol: 'http' | 'tcp';
  readonly place: ApplicationPlace;
}

/** Where it listens. A host is a name or an IP address, IPv6 without brackets. */
export type ApplicationPlace =
  | { readonly kind: 'port'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly path: string };

/** `http://HOST:PORT`, `unix:/path`, `tcp://HOST:PORT` or `tcp+unix:/path`; `null` for anything else. */
export function application(text: string): Application | null {
  const raw = /^tcp(?=:\/\/)|^tcp\+(?=unix:)/.exec(text)?.[0];
  const plain = raw === undefined ? text : raw === 'tcp' ? `http${text.slice(raw.length)}` : text.slice(raw.length);
  // Without a port a web server is meant; for other protocols nobody knows.
  if (raw === 'tcp' && !/:\d+\/?$/.test(text)) return null;
  const content = upstream(plain);
  if (content === null || content.kind === 'static') return null;
  return { protocol: raw === undefined ? 'http' : 'tcp', place: placeOf(content) };
}

function placeOf(content: Exclude<NonNullable<ReturnType<typeof upstream>>, { kind: 'static' }>): ApplicationPlace {
  if (content.kind === 'socket') return { kind: 'socket', path: content.path };
  return { kind: 'port', host: content.host.replace(/^\[|\]$/g, ''), port: content.port };
}
