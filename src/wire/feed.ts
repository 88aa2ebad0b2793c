import type { EdgeZoneDelta } from '../domain/edge-zone.ts';
import type { CertificateId, Instant, Revision, ZoneId } from '../domain/ids.ts';
import type { OriginSights, ProofTask, PullCount } from '../domain/proof.ts';

/**
 * What the control plane tells an edge. Configuration and keys are messages of their own: a snapshot or a delta may be
 * logged, a key never. Keys that a revision needs are sent before it.
 */
export type FeedMessage =
  | { readonly kind: 'snapshot'; readonly revision: Revision; readonly zones: readonly EdgeZoneDelta[] }
  | { readonly kind: 'delta'; readonly revision: Revision; readonly zones: readonly EdgeZoneDelta[] }
  /** A client certificate that the edge may present, by its id: leaf first, then intermediates. */
  | { readonly kind: 'key'; readonly certificate: CertificateId; readonly chain: string; readonly key: string }
  | { readonly kind: 'key_dropped'; readonly certificate: CertificateId }
  /** The root of the installation's Origin CA, in PEM. Sent before a snapshot. */
  | { readonly kind: 'origin_ca'; readonly certificate: string }
  /** A server certificate that the edge may show to visitors of a zone. The zone's rules say which come first. */
  | {
      readonly kind: 'visitor_certificate';
      readonly zone: ZoneId;
      /** `null` for the one that the installation's own CA issued: each zone has one, shown where no other fits. */
      readonly certificate: CertificateId | null;
      /** DNS names it is good for; may begin with `*.`. */
      readonly names: readonly string[];
      readonly notBefore: Instant;
      readonly notAfter: Instant;
      readonly chain: string;
      readonly key: string;
    }
  | {
      readonly kind: 'visitor_certificate_dropped';
      readonly zone: ZoneId;
      readonly certificate: CertificateId | null;
    }
  /** Look at these origins of a zone, and answer with `proof`. */
  | { readonly kind: 'prove'; readonly id: string; readonly zone: ZoneId; readonly tasks: readonly ProofTask[] }
  /** Tell from now on how pulls of this zone go that show one of these certificates; none ends it. */
  | { readonly kind: 'watch'; readonly zone: ZoneId; readonly certificates: readonly CertificateId[] };

/** How it is known where visitors reach an edge: somebody said so, it listens just there, or the machine has the addresses. */
export const REACHED_BY = ['operator', 'listener', 'machine'] as const;

/** Where an edge takes visitors, each as HOST:PORT. */
export interface EdgeListening {
  readonly https: string;
  readonly http: string | null;
  /** Where visitors reach it over https, the best known first. */
  readonly reached: readonly string[];
  readonly reachedBy: (typeof REACHED_BY)[number];
}

/** What an edge answers: the revision that it has in force now, or why it kept the one before; and what it sees. */
export type EdgeMessage =
  | {
      readonly kind: 'hello';
      readonly edge: string;
      /** It has no configuration yet, so it serves nobody: until its first acknowledgement no change waits for it. */
      readonly empty?: true;
      /** Where it takes visitors; left out where that is not known. */
      readonly listening?: EdgeListening;
    }
  | { readonly kind: 'applied'; readonly edge: string; readonly revision: Revision }
  | { readonly kind: 'rejected'; readonly edge: string; readonly revision: Revision; readonly because: string }
  /** What was seen, for the `prove` of this id: one entry for each task, in order. */
  | { readonly kind: 'proof'; readonly edge: string; readonly id: string; readonly seen: readonly OriginSights[] }
  /** What was counted of a zone that is watched, since the last such message. */
  | {
      readonly kind: 'pulled';
      readonly edge: string;
      readonly zone: ZoneId;
      readonly counts: readonly PullCount[];
    };

/** One edge's connection to the feed, whatever carries it: a function call, a process channel, a socket. */
export interface FeedLink {
  readonly send: (message: FeedMessage) => void;
  /** `null` where there is room for more, else when there will be. Left out by what takes everything at once. */
  readonly room?: () => Promise<void> | null;
  readonly receive: (handler: (message: EdgeMessage) => void) => void;
  /** The feed has let this edge go and sends no more: whoever carries the link may connect anew. */
  readonly ended: (because: string) => void;
}
