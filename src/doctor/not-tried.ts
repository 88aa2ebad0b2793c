import type { NotChecked } from './configuration.ts';
import type { Hand } from './credentials.ts';
import type { Observation } from './observation.ts';
import type { CredentialKind } from './probe.ts';
import type { Found } from './probing.ts';
import { NO_SERIAL, revokedSerial } from './revoked-serial.ts';
import { type Target, targetText } from './target.ts';

const NEEDS_CA = 'it takes the key of the CA (--ca-cert and --ca-key)';

// What one certificate of the right CA after the other would show: without its key, that is one thing to say.
const ALL_UNMADE =
  'whether certificates of the right CA are refused that have expired, are not valid yet, are for servers, state no purpose or are for another zone';

const UNMADE: readonly (readonly [CredentialKind, string])[] = [
  ['expired', 'whether an expired certificate of the right CA is refused'],
  ['not_yet_valid', 'whether a certificate of the right CA that is not valid yet is refused'],
  ['server_only', "whether a server's certificate of the right CA is refused"],
  ['no_purpose', 'whether a certificate of the right CA without a stated purpose is refused'],
  ['neighbour', "whether a certificate of the same CA for somebody else's zone is refused"],
];

type Count = (kind: CredentialKind) => number;

/** The same for a look at what matters most. */
export function notTriedQuickly(count: Count, hand: Hand): readonly NotChecked[] {
  const rest = {
    what: 'other names, spellings, protocols, sessions and credentials',
    why: 'a quick look was asked for',
  };
  return [...ofTheEdge(count, hand), rest];
}

function ofTheEdge(count: Count, hand: Hand): readonly NotChecked[] {
  if (count('right') === 0) return [{ what: 'whether the edge itself is let in', why: rightWhy(hand) }];
  if (hand.identity !== null || hand.made.right !== undefined) return [];
  const why = 'the one shown was made for this look: an origin that pins its certificate would refuse it (--identity)';
  return [{ what: "whether the edge's own certificate is let in", why }];
}

/** What is not tried at any target, and why: it is said, so that nobody takes it for checked. */
export function notTried(count: Count, hand: Hand, otherNames: readonly string[]): readonly NotChecked[] {
  return [
    ...ofTheEdge(count, hand),
    ...unmade(count).map((what) => ({ what, why: NEEDS_CA })),
    ...(count('without_intermediate') > 0
      ? []
      : [
          {
            what: 'whether the edge is let in without its intermediate',
            why: hand.authority === null ? NEEDS_CA : 'its CA allows no intermediate',
          },
        ]),
    ...(count('revoked') > 0
      ? []
      : [
          {
            what: 'whether a revoked certificate is refused',
            why: revokedWhy(hand),
          },
        ]),
    ...(count('unwanted') > 0
      ? []
      : [
          {
            what: 'whether a certificate that another customer of the same edge really has is refused',
            why: 'none is at hand (--foreign-identity)',
          },
        ]),
    ...(otherNames.length > 0
      ? []
      : [{ what: 'other names on the same server', why: 'none was named (--other-name)' }]),
    { what: 'HTTP/3', why: 'only TCP is tried' },
  ];
}

function unmade(count: Count): readonly string[] {
  const lacking = UNMADE.filter(([kind]) => count(kind) === 0);
  return lacking.length === UNMADE.length ? [ALL_UNMADE] : lacking.map(([, what]) => what);
}

function revokedWhy({ authority, lists, made }: Hand): string {
  if (authority !== null) {
    const found = revokedSerial(lists, authority.certificate);
    return found.kind === 'none' ? NO_SERIAL[found.why] : 'none could be made';
  }
  if (made.right !== undefined) return 'whoever signed the others has revoked nothing that has not ended';
  return 'it takes the key of the CA and its revocation list (--ca-cert, --ca-key and --crl)';
}

function rightWhy({ identity }: Hand): string {
  return identity === null
    ? 'no identity is at hand (--identity, or --ca-cert and --ca-key)'
    : 'the key of the identity is not at hand; only what the server says of its chain was tried';
}

/** How the examination of a target went. */
interface Course {
  readonly first: readonly Observation[];
  readonly found: Found;
  /** It answered once, and did not any more. */
  readonly fellSilent: boolean;
  /** All the looks at it took too long. */
  readonly outOfTime: boolean;
  /** Kinds of credentials that could not be made for it. */
  readonly unmade: ReadonlySet<CredentialKind>;
}

/** What was not tried at one target, and why. */
export function untried(target: Target, course: Course): readonly NotChecked[] {
  const why = whyShort(target, course);
  return [
    ...(why === null ? [] : [{ what: `everything else at ${targetText(target)}`, why }]),
    ...[...course.unmade].map((kind) => ({
      what: `${UNMADE_HERE[kind] ?? kind} at ${targetText(target)}`,
      why: 'what it takes is not to be had from what the server shows and asks for',
    })),
  ];
}

const UNMADE_HERE: Partial<Readonly<Record<CredentialKind, string>>> = {
  same_name: 'whether an authority of the right name and with another key is refused',
  forged_server: "whether the authority of the server's own certificate is trusted",
  forged: 'what is said of the chain of the right certificate',
};

function whyShort({ door }: Target, { first, found, fellSilent, outOfTime }: Course): string | null {
  const saw = first[0]?.saw;
  if (found.away && saw?.kind === 'unreachable') return `nothing answers there (${saw.code})`;
  if (found.away && saw?.kind === 'silent') return `it is silent there (${saw.stage})`;
  if (fellSilent) return 'it fell silent';
  if (outOfTime) return 'it answers so slowly that the time for one target was up';
  const noTls = door !== 'http' && found.versions.length === 0 && !found.http;
  return noTls ? 'neither TLS 1.2 nor TLS 1.3 is spoken there' : null;
}
