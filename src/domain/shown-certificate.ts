import type { X509Facts } from './certificate.ts';
import type { Hostname, Instant } from './ids.ts';

/** Why the edge does not believe the certificate that an origin shows: each is a 526. */
export const CERTIFICATE_FAULTS = {
  self_signed: {
    text: 'It has signed itself, and no edge trusts it',
    fix: 'Trust exactly this certificate, once the origin itself tells the same, or its fingerprint is compared with that of the file there.',
  },
  unknown_ca: {
    text: 'No path leads from it to a CA that the edge trusts here',
    fix: 'Trust the CA that signed it, or have the origin send the certificates between: the file that it shows holds them after its own.',
  },
  wrong_name: {
    text: 'It does not name the hostname that the edge asks for',
    fix: 'Give the origin a certificate for that name, or let the record ask for one that it names (its origin server name).',
  },
  expired: {
    text: 'It has expired, or a certificate above it has',
    fix: 'Give the origin a new certificate. Trusting its CA helps nothing before that.',
  },
  not_yet_valid: {
    text: 'It is not valid yet, or a certificate above it is not',
    fix: 'See that the clocks are right, or give the origin another certificate.',
  },
  revoked: {
    text: 'It was revoked here',
    fix: 'Give the origin a new certificate.',
  },
  unfit: {
    text: 'It does not hold',
    fix: 'Give the origin another certificate.',
  },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type CertificateFault = keyof typeof CERTIFICATE_FAULTS;

/** What stands against a certificate, with what there is to say of this one. */
export interface FaultOfCertificate {
  readonly code: CertificateFault;
  readonly detail: string;
}

/** Where somebody looked: as the record has it. */
export interface LookedPlace {
  readonly address: string;
  readonly port: number;
  /** The name that is asked for, and that the certificate must bear. */
  readonly serverName: Hostname;
}

/** The CA that an origin sent along with its certificate, or that certificate where it signed itself. */
export interface OfferedCa {
  readonly kind: 'self_signed' | 'sent';
  readonly certificate: X509Facts;
}

/** What one look at an origin's certificate saw. */
export type Showing =
  | {
      readonly kind: 'shown';
      readonly certificate: X509Facts;
      /** None: the edge believes it. */
      readonly faults: readonly FaultOfCertificate[];
      readonly offered: OfferedCa | null;
      /** Who would have to be trusted, by name, where the origin did not send that. */
      readonly wanted: string | null;
    }
  /** It came to no certificate that could be judged. */
  | { readonly kind: 'unseen'; readonly why: string };

/** One origin of a hostname, and what it shows. */
export interface LookedOrigin {
  readonly place: LookedPlace;
  readonly showing: Showing;
}

/** What the origins of a hostname show, judged as the edge does now. */
export interface ShownCertificates {
  readonly hostname: Hostname;
  readonly at: Instant;
  readonly origins: readonly LookedOrigin[];
}

/** What becomes of what a hostname's origins show, when other CAs are believed. */
export interface ShownApart {
  readonly hostname: Hostname;
  readonly at: Instant;
  readonly kind: 'kept' | 'lost' | 'gained' | 'never' | 'unseen';
  /** Who signed what is shown, or why nothing was seen. */
  readonly about: string;
}

/** One origin under the CAs that are believed now, and under those that shall be. */
export interface JudgedTwice {
  readonly now: Showing;
  readonly later: Showing;
}

/** What a hostname is told of its origins: the worst of them, for some of the visits go to each. */
export function shownApart(hostname: Hostname, at: Instant, origins: readonly JudgedTwice[]): ShownApart {
  const judged = origins.map(apart);
  const kind = WORST_FIRST.find((one) => judged.some((origin) => origin.kind === one)) ?? 'unseen';
  return { hostname, at, kind, about: judged.find((origin) => origin.kind === kind)?.about ?? 'it has no origin' };
}

const WORST_FIRST = ['lost', 'unseen', 'never', 'gained', 'kept'] as const;

function apart({ now, later }: JudgedTwice): Pick<ShownApart, 'kind' | 'about'> {
  if (now.kind === 'unseen') return { kind: 'unseen', about: now.why };
  if (later.kind === 'unseen') return { kind: 'unseen', about: later.why };
  const [was, is] = [now.faults.length === 0, later.faults.length === 0];
  const issuer = later.certificate.issuer;
  if (was) return { kind: is ? 'kept' : 'lost', about: issuer };
  if (is) return { kind: 'gained', about: issuer };
  const [fault] = later.faults;
  return { kind: 'never', about: fault === undefined ? issuer : `${issuer}; ${lowerFirst(faultWords(fault))}` };
}

/** A fault in words, without a stop. */
export function faultWords({ code, detail }: FaultOfCertificate): string {
  const { text } = CERTIFICATE_FAULTS[code];
  return detail === '' ? text : `${text}: ${detail}`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
