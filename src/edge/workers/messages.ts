import type { EdgeZoneDelta } from '../../domain/edge-zone.ts';
import type { OwnListener } from '../../pull/address-policy.ts';
import type { EdgeMessage, FeedMessage } from '../../wire/feed.ts';
import type { Log } from '../../wire/log.ts';
import type { Snapshot } from '../../wire/metrics.ts';
import type { Traffic } from '../../wire/traffic.ts';
import type { HostPort } from '../../inbound/bind.ts';
import type { EdgeSettings } from '../edge-settings.ts';
import type { CountedRequests } from '../request-counts.ts';

/** The two doors through which visitors come. */
export type Scheme = 'https' | 'http';

/** What a worker must know before anything else. Both sides are always of the same version: one started the other. */
export interface Beginning {
  readonly name: string;
  readonly https: HostPort | null;
  readonly http: HostPort | null;
  readonly own: readonly OwnListener[];
  readonly loopName: string;
  readonly settings: EdgeSettings;
  /** Of the key for session tickets, in base64. Never logged. */
  readonly ticketKey: string;
}

/** What the supervisor tells a worker, in order. */
export type Order =
  | { readonly kind: 'begin'; readonly beginning: Beginning }
  /** Say hello to the feed, once more where it was said before. */
  | { readonly kind: 'subscribe' }
  | { readonly kind: 'feed'; readonly messages: readonly FeedMessage[] }
  /** Zones that belong to the next snapshot or delta, which would be too much for one message. */
  | { readonly kind: 'zones'; readonly zones: readonly EdgeZoneDelta[] }
  /** Comes with a connection. */
  | { readonly kind: 'visitor'; readonly id: number; readonly scheme: Scheme }
  | { readonly kind: 'ticket_key'; readonly key: string }
  /** What another worker counted for rate limits. */
  | { readonly kind: 'counted'; readonly counted: readonly CountedRequests[] }
  /** Finish what is under way and end; idle visitors may ask once more for `patience` milliseconds. */
  | { readonly kind: 'drain'; readonly within: number; readonly patience: number };

/** One event of a worker's log. */
export interface LogLine {
  readonly event: string;
  readonly fields: Parameters<Log>[1];
}

/** What a worker tells the supervisor. */
export type Report =
  | { readonly kind: 'alive' }
  | { readonly kind: 'told'; readonly message: EdgeMessage }
  /** Said before the first byte of the visitor is used: until then another worker may have the connection. */
  | { readonly kind: 'took'; readonly id: number }
  /** A visitor's connection is closed. */
  | { readonly kind: 'left' }
  | { readonly kind: 'logged'; readonly lines: readonly LogLine[] }
  /** What this one counted for rate limits, for the others. */
  | { readonly kind: 'counted'; readonly counted: readonly CountedRequests[] }
  /** All that it has counted so far, and what it holds now; once more when it ends. */
  | { readonly kind: 'figures'; readonly snapshot: Snapshot }
  /** What zones and hostnames have counted since the last such report. */
  | { readonly kind: 'traffic'; readonly traffic: Traffic }
  /** Log events that did not fit into the channel. */
  | { readonly kind: 'log_lost'; readonly count: number };
