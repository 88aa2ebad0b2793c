import type { CertificateId, Hostname, Instant } from './ids.ts';

/**
 * One way into an origin, as an owner sees it: a hostname, a place where its origin listens, and by which names it is
 * called there. Behind one address several servers may listen, each with a lock of its own: these names choose among them.
 */
export interface OriginName {
  readonly hostname: Hostname;
  /** As the record has it: an IP address, or a name. */
  readonly address: string;
  readonly port: number;
  /** As the record has them; `null` where it is the visitor's hostname. */
  readonly serverName: Hostname | null;
  readonly hostHeader: string | null;
}

/** The origin behind one target of a hostname. */
export function originAt(
  hostname: Hostname,
  { address, httpsPort: port, serverName, hostHeader }: Omit<OriginName, 'hostname' | 'port'> & { httpsPort: number },
): OriginName {
  return { hostname, address, port, serverName, hostHeader };
}

/** The name alone of what has one. */
export function originOf({ hostname, address, port, serverName, hostHeader }: OriginName): OriginName {
  return { hostname, address, port, serverName, hostHeader };
}

/** An origin as one word, for maps and lists. */
export function originKey({ hostname, ...at }: OriginName): string {
  return [hostname, at.address, at.port, ...calledThere(at)].join(' ');
}

/** An origin for people. */
export function originWords({ hostname, ...at }: Spoken & { readonly hostname: string }): string {
  return `${hostname} at ${placeWords(at)}`;
}

/** Where an origin is, for people, and by which names it is called there where those are not the visitor's. */
export function placeWords(at: Spoken): string {
  return [`${at.address}:${at.port}`, ...calledThere(at)].join(' ');
}

type Spoken = Pick<OriginName, 'address' | 'port' | 'hostHeader'> & { readonly serverName: string | null };

function calledThere({ serverName, hostHeader }: Pick<Spoken, 'serverName' | 'hostHeader'>): readonly string[] {
  return [
    ...(serverName === null ? [] : [`as ${serverName}`]),
    ...(hostHeader === null ? [] : [`with Host ${hostHeader}`]),
  ];
}

/** What an edge is asked to look at: an origin, with the identity that it is shown now and the one that shall follow. */
export interface ProofTask extends OriginName {
  readonly from: CertificateId;
  readonly to: CertificateId;
}

/**
 * What one knock saw. `answered`: the request went through, whatever the status. `refused`: the server ended it for the
 * certificate, or for want of one; nginx says that with a page. `failed`: nothing can be said about certificates.
 */
export type Sight =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'refused'; readonly how: 'alert' | 'closed' | 'page'; readonly alert: number | null }
  | { readonly kind: 'failed'; readonly because: string };

/** What was seen at one IP address with the old identity, with the new one, and with none. */
export interface AddressSights {
  readonly ip: string;
  readonly from: Sight;
  readonly to: Sight;
  readonly none: Sight;
}

/** What one edge saw of an origin. `fault` says why it could not look at all; then there are no sights. */
export interface OriginSights {
  readonly origin: OriginName;
  readonly sights: readonly AddressSights[];
  readonly fault: string | null;
}

/** The sights of one origin by the edge that had them. */
export interface Evidence {
  readonly at: Instant;
  readonly edges: readonly { readonly edge: string; readonly seen: OriginSights }[];
}

/** What evidence says of an origin, the worst first. */
export const FINDINGS = {
  unreachable: {
    text: 'The origin could not be reached, so nothing is known about it',
    fix: 'See that it runs and that the edge may connect; it is looked at again.',
  },
  refused: {
    text: 'The origin refuses the new certificate',
    fix: 'Install the present bundle there and reload: postern ca bundle.',
  },
  differs: {
    text: 'With the new certificate the origin answers otherwise than with the old one',
    fix: 'Look there for rules that name the old one: a fingerprint, serial or subject.',
  },
  unlocked: {
    text: 'It answers callers without a certificate too: that proves nothing',
    fix: 'Lock it (postern origin config). Until then it keeps the old certificate.',
  },
  unseen: { text: 'Not every edge has looked at the origin yet', fix: 'Wait: it is looked at by itself.' },
  proved: { text: 'The origin accepts the new certificate and refuses callers without one', fix: '' },
} as const satisfies Record<string, { readonly text: string; readonly fix: string }>;

export type ProofFinding = keyof typeof FINDINGS;

/**
 * What the evidence says: the worst of what any of these edges saw at any address. An origin that refuses the old identity
 * and accepts the new one is proved too: there is nothing left to compare with, and nothing to lose.
 */
export function judge(evidence: Evidence | undefined, edges: readonly string[]): ProofFinding {
  if (evidence === undefined) return 'unseen';
  const found = evidence.edges.flatMap(({ seen }) => judgeSights(seen));
  const absent = edges.some((edge) => !evidence.edges.some((one) => one.edge === edge));
  if (absent || edges.length === 0) found.push('unseen');
  return ORDER.find((finding) => found.includes(finding)) ?? 'unseen';
}

const ORDER = Object.keys(FINDINGS) as readonly ProofFinding[];

/**
 * Why nothing was seen at an address of a family in which the edge's machine can reach nothing at all: no pull goes there
 * either. Beside an address that was seen it says nothing about the origin.
 */
export const NO_ROUTE = 'no_route';

function judgeSights({ sights, fault }: OriginSights): ProofFinding[] {
  const seen = routed(sights);
  return fault !== null || seen.length === 0 ? ['unreachable'] : seen.map(judgeAddress);
}

function routed(sights: readonly AddressSights[]): readonly AddressSights[] {
  return sights.filter(({ none }) => none.kind !== 'failed' || none.because !== NO_ROUTE);
}

function judgeAddress({ from, to, none }: AddressSights): ProofFinding {
  if (to.kind === 'failed') return 'unreachable';
  if (to.kind === 'refused') return 'refused';
  if (none.kind === 'failed') return 'unreachable';
  // Who turns away a caller without a certificate only in the application (403 in place of 200) refuses it all the same.
  if (none.kind === 'answered' && none.status === to.status) return 'unlocked';
  if (from.kind === 'answered' && from.status !== to.status) return 'differs';
  // Without a baseline nobody knows what the origin would have answered; a key that is lost gives none any more.
  if (from.kind === 'failed' && !from.because.startsWith('key_unusable')) return 'unreachable';
  return 'proved';
}

/** Whether the evidence shows that the old identity is refused now, everywhere, while the new one is not. */
export function oldRefused(evidence: Evidence | undefined, edges: readonly string[]): boolean {
  if (evidence === undefined || edges.length === 0) return false;
  if (edges.some((edge) => !evidence.edges.some((one) => one.edge === edge))) return false;
  return evidence.edges.every(({ seen: { fault, sights } }) => {
    const seen = routed(sights);
    const refused = seen.every(({ from, to }) => from.kind === 'refused' && to.kind === 'answered');
    return fault === null && seen.length > 0 && refused;
  });
}

/** How pulls of an origin went with one certificate since the last report. */
export interface PullCount {
  readonly origin: OriginName;
  readonly certificate: CertificateId;
  readonly answered: number;
  /** Ended by the origin for the certificate. */
  readonly refused: number;
}
