import type { Hostname, Instant, RecordId } from './ids.ts';

export const RECORD_TYPES = ['A', 'AAAA', 'CNAME'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** Where on an origin the edge knocks and by which names: Postern's addition to Cloudflare's record. */
export interface OriginOptions {
  readonly httpsPort: number;
  readonly httpPort: number;
  /** SNI and the name that is verified; `null` means the visitor's hostname. */
  readonly serverName: Hostname | null;
  /** Host field of the pull; `null` means the visitor's. */
  readonly hostHeader: string | null;
  /** Whether pulls over TLS offer HTTP/2; the origin chooses. */
  readonly http2: boolean;
}

export const DEFAULT_ORIGIN: OriginOptions = {
  httpsPort: 443,
  httpPort: 80,
  serverName: null,
  hostHeader: null,
  http2: false,
};

/**
 * A record with the TTL that holds: that of a proxied one is always automatic, because the edge answers in its place.
 */
export function withEffectiveTtl<R extends Pick<DnsRecord, 'ttl' | 'proxied'>>(record: R): R {
  return record.proxied && record.ttl !== AUTOMATIC_TTL ? { ...record, ttl: AUTOMATIC_TTL } : record;
}

const AUTOMATIC_TTL = 1;

/** One row of the edge's routing table. Records are not served over DNS. */
export interface DnsRecord {
  readonly id: RecordId;
  readonly name: Hostname;
  readonly type: RecordType;
  readonly content: string;
  /** Seconds; 1 means automatic. */
  readonly ttl: number;
  readonly proxied: boolean;
  readonly origin: OriginOptions;
  /** `origin` exactly as it was sent, so that it can be returned as sent; `null` when none was. */
  readonly originSent: string | null;
  readonly comment: string | null;
  /**
   * Whether the edge may find the origin at a private address: who named it had the right to. What a name resolves to is
   * seen at each connect only, so the record carries the right there.
   */
  readonly mayBePrivate: boolean;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
}
