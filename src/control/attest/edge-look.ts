import type { SecureContext } from 'node:tls';
import type { PlanSource } from '../../domain/edge-zone.ts';
import type { Instant } from '../../domain/ids.ts';
import { plan } from '../../domain/plan.ts';
import type { Credential } from '../../doctor/knock-request.ts';
import type { AddressPolicy } from '../../pull/address-policy.ts';
import type { DoorTls } from '../../pull/door.ts';
import { PULL_FAILURES } from '../../pull/failure.ts';
import { Intake } from '../../pull/intake.ts';
import { type OpenOutcome, open } from '../../pull/open.ts';
import { originContext } from '../../pull/origin-context.ts';
import { presentingWay, type Way } from '../../pull/presenting-way.ts';
import type { Resolver } from '../../pull/resolve.ts';
import type { Attestee } from './look-order.ts';

/** What the edge would make of the certificate that an origin shows. */
export type EdgeSaw =
  /** The edge verifies nobody there, or pulls otherwise than it is looked at. */
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'believed' }
  | { readonly kind: 'unbelieved'; readonly why: string }
  /** It came to no certificate that could be judged. */
  | { readonly kind: 'unseen'; readonly why: string };

interface EdgeLookWorld {
  readonly source: PlanSource;
  /** In PEM. */
  readonly originCa: string;
  readonly now: () => Instant;
  readonly policy: AddressPolicy;
  readonly resolver: Resolver;
  /** Milliseconds that it may take. */
  readonly timeout: number;
}

interface Asked {
  readonly attestee: Attestee;
  readonly address: string;
  /** What the edge presents; null where it is not at hand. */
  readonly identity: Credential | null;
}

const NOT_ASKED: EdgeSaw = { kind: 'not_asked' };
const LABEL = 'postern-attestation';

/**
 * Shakes hands with an origin once, as a pull of the plan in force would, and closes at once. The doctor looks at origins
 * whoever they say to be; only this tells whether the edge would talk to them.
 */
export function edgeLook(world: EdgeLookWorld) {
  const intake = new Intake();
  const { source, originCa, now, policy, resolver, timeout } = world;
  return async ({ attestee, address, identity }: Asked, signal: AbortSignal): Promise<EdgeSaw> => {
    const { origin, zone } = attestee;
    const way = presentingWay(origin, { zone, label: LABEL }, (name) => plan(source, name, 'https', now()));
    if (typeof way === 'string' || way.door.tls.check.kind === 'none' || signal.aborted) return NOT_ASKED;
    const context = contextOf(identity, way.door.tls, originCa);
    if (context === null) return { kind: 'unseen', why: 'no context could be made for it' };
    const options = { policy, resolver, intake, context, timeout, session: null, clock: () => performance.now() };
    return seen(await shakeHands({ ...way.door, address }, options, signal));
  };
}

// OpenSSL judges what it is given only when it loads it.
function contextOf(identity: Credential | null, terms: DoorTls, originCa: string): SecureContext | null {
  try {
    return originContext(identity, terms, originCa);
  } catch {
    return null;
  }
}

/** What came of it; null where the signal ended it. */
function shakeHands(
  door: Way['door'],
  options: Parameters<typeof open>[1],
  signal: AbortSignal,
): Promise<OpenOutcome | null> {
  return new Promise((resolve) => {
    let giveUp = (): void => undefined;
    const settle = (outcome: OpenOutcome | null): void => {
      signal.removeEventListener('abort', stop);
      resolve(outcome);
    };
    const stop = (): void => {
      giveUp();
      settle(null);
    };
    signal.addEventListener('abort', stop);
    giveUp = open(door, options, (outcome) => {
      // In TLS 1.3 a refusal may still come, and be reported to nobody.
      if (outcome.kind === 'opened') outcome.socket.on('error', () => undefined).destroy();
      settle(outcome);
    });
  });
}

function seen(outcome: OpenOutcome | null): EdgeSaw {
  if (outcome === null) return NOT_ASKED;
  if (outcome.kind === 'opened') return { kind: 'believed' };
  const { code, detail } = outcome.failure;
  if (code !== 'origin_not_verified') return { kind: 'unseen', why: `${PULL_FAILURES[code].text} ${detail}` };
  return { kind: 'unbelieved', why: inWords(detail) };
}

// As Node names what OpenSSL found; what is not here is told as it is.
const IN_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'The certificate of the origin, or one above it, has expired.',
  CERT_NOT_YET_VALID: 'The certificate of the origin, or one above it, is not valid yet.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the origin has signed itself.',
  SELF_SIGNED_CERT_IN_CHAIN: 'A CA that the zone does not trust has signed the certificate of the origin.',
  UNABLE_TO_GET_ISSUER_CERT: 'No path leads from the certificate of the origin to a CA that the zone trusts.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'No path leads from the certificate of the origin to a CA that the zone trusts.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'No path leads from the certificate of the origin to a CA that the zone trusts.',
};

function inWords(detail: string): string {
  const [code = ''] = detail.split(':');
  const words = IN_WORDS[code];
  return words === undefined ? `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.` : `${words} (${code})`;
}
