import { comparable } from './comparable.ts';
import type { Deed } from './guarded.tsx';

/** Where the CAs stand that a zone's origins are verified against. */
export function trustStore(zone: string): string {
  return `/client/v4/zones/${zone}/acm/custom_trust_store`;
}

/** What is to be trusted. */
interface ToTrust {
  /** In PEM. */
  readonly certificate: string;
  /** `this CA`, or `this certificate`. */
  readonly what: string;
  readonly fingerprint?: string;
}

/** Has the edge believe it for the origins of a zone; what they show now is looked at before. */
export function trusting(zone: string, { certificate, what, fingerprint }: ToTrust): Deed {
  return {
    title: `Trust ${what}`,
    act: 'Trust it',
    done: 'The edge believes it.',
    call: { method: 'POST', path: trustStore(zone), body: { certificate } },
    change: { kind: 'trusted_ca_add', certificate },
    // Whom one trusts is worth a second look, also where nothing breaks.
    final: true,
    ...(fingerprint === undefined ? {} : { about: `SHA-256 ${comparable(fingerprint)}` }),
  };
}
