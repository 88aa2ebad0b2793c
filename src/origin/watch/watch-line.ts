import type { CallerKind } from '../../domain/callers.ts';
import { isJsonObject, jsonObject } from '../../wire/json-object.ts';
import { saysOwnLook } from '../../wire/own-look.ts';

/** What a line of a watch log says of one request. Everything in it is a stranger's word but the verdict and the address. */
export interface WatchLine {
  /** Milliseconds; `null` where the line has no time. */
  readonly at: number | null;
  readonly kind: CallerKind;
  /** What the request calls the host, and the handshake: lower case, without a port. */
  readonly host: string;
  readonly sni: string;
  readonly address: string;
  /** Whether a lock wrote it: in what Caddy logs, other sites may be that have nothing to do with the lock. */
  readonly ofLock: boolean;
}

/** Longer ones are cut, and say nothing. */
const MOST_LINE = 16_384;

const VERDICT = 'verify="';
const FIELD = /([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*/;

/** So HAProxy writes of a connection that shook hands and asked for nothing, or for nothing that it takes. */
const NO_REQUEST = '<BADREQ>';

/** What a line says: of nginx, Apache, lighttpd, HAProxy, Node or Caddy. `null` for one that is none of a watch log. */
export function watchLine(line: string): WatchLine | null {
  if (line.length > MOST_LINE) return null;
  return line.startsWith('{') ? caddyLine(line) : textLine(line);
}

/** Whether a request is a look of Postern's own, by the program that it names and by `METHOD /path`. */
export function isOwnLook(agent: string, request: string): boolean {
  const [, path = ''] = request.split(' ', 2);
  return saysOwnLook(agent, path);
}

// The first of each name counts: what stands further right may be a stranger's, and quotes in it are escaped.
function textLine(line: string): WatchLine | null {
  const start = line.lastIndexOf(VERDICT);
  if (start === -1) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, plain] of line.slice(start).matchAll(FIELD))
    if (!fields.has(name)) fields.set(name, quoted ?? plain ?? '');
  const verdict = fields.get('verify') ?? '';
  const address = fields.get('from');
  if (address === undefined || fields.get('request') === NO_REQUEST) return null;
  const own = isOwnLook(fields.get('agent') ?? '', fields.get('request') ?? '');
  return {
    at: timeOf(TIME.exec(line)?.[0]),
    kind: own ? 'looks' : kindOf(verdict),
    host: nameOf(fields.get('host')),
    sni: nameOf(fields.get('sni')),
    address,
    ofLock: true,
  };
}

function kindOf(verdict: string): CallerKind {
  if (verdict === 'SUCCESS') return 'accepted';
  return verdict === 'NONE' || verdict === '' || verdict === '-' ? 'without' : 'foreign';
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  // Apache and lighttpd write the zone without a colon.
  const at = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isNaN(at) ? null : at;
}

function nameOf(text = ''): string {
  return text === '-' ? '' : text.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Caddy verifies nobody whom it does not refuse: it only says whether there was a certificate. */
function caddyLine(line: string): WatchLine | null {
  const entry = jsonObject(line);
  const request = entry?.['request'];
  if (entry === null || !isJsonObject(request)) return null;
  const { tls, headers } = request;
  const address = textOf(request['remote_ip']) ?? textOf(request['client_ip']);
  if (address === null || !isJsonObject(tls)) return null;
  const agents = isJsonObject(headers) ? headers['User-Agent'] : undefined;
  const agent = Array.isArray(agents) ? (textOf(agents[0]) ?? '') : '';
  const own = saysOwnLook(agent, textOf(request['uri']) ?? '');
  const presented = textOf(tls['client_serial']) !== null;
  const { ts } = entry;
  return {
    at: typeof ts === 'number' ? ts * 1_000 : null,
    kind: own ? 'looks' : presented ? 'unverified' : 'without',
    host: nameOf(textOf(request['host']) ?? ''),
    sni: nameOf(textOf(tls['server_name']) ?? ''),
    address,
    ofLock: false,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
