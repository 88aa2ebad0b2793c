import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHostPort, type HostPort } from './host-port.ts';

/** The file in the data directory of a running `postern up` that says where it answers. */
const FILE = 'listening.json';

/** Where a Postern on this machine answers. */
export interface Listening {
  readonly kind: 'listening';
  readonly url: string;
  /** The certificate that its API shows, in PEM; `null` without TLS. */
  readonly certificate: string | null;
}

/** Its place in a data directory. */
export function listeningPath(data: string): string {
  return join(data, FILE);
}

/** What the file says, if there is one. Nobody but the owner of the directory writes it. */
export function readListening(
  data: string,
): Listening | { readonly kind: 'absent' } | { readonly kind: 'unclear'; readonly path: string } {
  const path = listeningPath(data);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { kind: 'absent' };
  }
  return parse(text) ?? { kind: 'unclear', path };
}

function parse(text: string): Listening | null {
  try {
    const found = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const [url, certificate] = [found?.['api_url'], found?.['api_certificate'] ?? null];
    if (typeof url !== 'string' || !/^https?:/.test(url) || !URL.canParse(url)) return null;
    return certificate === null || typeof certificate === 'string' ? { kind: 'listening', url, certificate } : null;
  } catch {
    return null;
  }
}

/** The API's address as a URL. A listener on all addresses is named by the one that this machine always has. */
export function apiUrl({ host, port }: HostPort, tls: boolean): string {
  const all = host === '::' || host === '0.0.0.0';
  return `${tls ? 'https' : 'http'}://${formatHostPort({ host: all ? 'localhost' : host, port })}`;
}
