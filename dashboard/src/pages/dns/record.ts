/** A record as `GET /client/v4/zones/:zone/dns_records` has it. */
export interface DnsRecord {
  readonly id: string;
  readonly type: 'A' | 'AAAA' | 'CNAME';
  readonly name: string;
  readonly content: string;
  readonly ttl: number;
  readonly proxied: boolean;
  readonly comment: string | null;
  readonly origin?: Origin | null;
}

/** Where on the origin the edge knocks, and by which names: an addition to Cloudflare's record. */
export interface Origin {
  readonly https_port?: number;
  readonly http_port?: number;
  readonly server_name?: string | null;
  readonly host_header?: string | null;
  readonly http2?: boolean;
}

/** A record while somebody writes it: everything is text, as it stands in the fields. */
export interface RecordDraft {
  readonly type: DnsRecord['type'];
  readonly name: string;
  readonly content: string;
  readonly proxied: boolean;
  readonly comment: string;
  readonly httpsPort: string;
  readonly httpPort: string;
  readonly serverName: string;
  readonly hostHeader: string;
}

export const NEW_RECORD: RecordDraft = {
  type: 'A',
  name: '',
  content: '',
  proxied: true,
  comment: '',
  httpsPort: '',
  httpPort: '',
  serverName: '',
  hostHeader: '',
};

/** The record in the fields of a form. */
export function draftOf({ type, name, content, proxied, comment, origin }: DnsRecord): RecordDraft {
  const text = (value: string | number | null | undefined) => (value === null || value === undefined ? '' : `${value}`);
  return {
    type,
    name,
    content,
    proxied,
    comment: comment ?? '',
    httpsPort: text(origin?.https_port),
    httpPort: text(origin?.http_port),
    serverName: text(origin?.server_name),
    hostHeader: text(origin?.host_header),
  };
}

/**
 * What the API takes. A number that is none goes as the text that was typed: the API says what is wrong with it, and
 * `before` keeps what the form has no field for.
 */
export function bodyOf(draft: RecordDraft, before: Origin | null = null): Readonly<Record<string, unknown>> {
  const port = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim());
  const origin = {
    ...(before?.http2 === undefined ? {} : { http2: before.http2 }),
    ...(draft.httpsPort.trim() === '' ? {} : { https_port: port(draft.httpsPort) }),
    ...(draft.httpPort.trim() === '' ? {} : { http_port: port(draft.httpPort) }),
    ...(draft.serverName.trim() === '' ? {} : { server_name: draft.serverName.trim() }),
    ...(draft.hostHeader.trim() === '' ? {} : { host_header: draft.hostHeader.trim() }),
  };
  return {
    type: draft.type,
    name: draft.name.trim(),
    content: draft.content.trim(),
    proxied: draft.proxied,
    comment: draft.comment === '' ? null : draft.comment,
    origin: Object.keys(origin).length === 0 ? null : origin,
  };
}

/** The fields in which two drafts differ. */
export function differing(one: RecordDraft, other: RecordDraft): readonly (keyof RecordDraft)[] {
  return (Object.keys(NEW_RECORD) as (keyof RecordDraft)[]).filter((name) => one[name] !== other[name]);
}

const ORIGIN_PARTS: ReadonlySet<string> = new Set(['httpsPort', 'httpPort', 'serverName', 'hostHeader']);

/**
 * What was changed since `base`, and nothing else: what others changed in the meantime stays. Where on the origin the edge
 * knocks is one field of the API, so what is `now` there goes with it.
 */
export function changesOf(draft: RecordDraft, base: RecordDraft, now: DnsRecord): Readonly<Record<string, unknown>> {
  const changed = differing(draft, base);
  const own = Object.fromEntries(changed.map((name) => [name, draft[name]]));
  const names: ReadonlySet<string> = new Set(changed.map((name) => (ORIGIN_PARTS.has(name) ? 'origin' : name)));
  const whole = bodyOf({ ...draftOf(now), ...own }, now.origin);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => names.has(name)));
}

/** Where the edge knocks at the origin, in a few words. */
export function originText({ origin }: DnsRecord): string {
  if (origin === null || origin === undefined) return 'Ports 443 and 80';
  const { https_port: https = 443, http_port: http = 80, server_name: name, host_header: host } = origin;
  const names = [
    ...(name ? [`as ${name}`] : []),
    ...(host ? [`Host ${host}`] : []),
    ...(origin.http2 === false ? ['HTTP/1.1 only'] : []),
  ];
  return [`Ports ${https} and ${http}`, ...names].join(', ');
}
