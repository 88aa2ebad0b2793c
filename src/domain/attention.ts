import type { Hostname, Instant, ZoneId } from './ids.ts';
import { type Concern, NOTICE_KINDS, type NoticeCode, SEVERITIES, type Severity } from './notice.ts';
import { goesOnAtSetup, mayBeSetup, type SetupStanding } from './under-setup.ts';

/** The parts of a zone, or of the installation, where people look at things. */
export const PLACES = [
  'attestations',
  'rotations',
  'origin_pulls',
  'edge_certificates',
  'visitors',
  'origin_certificates',
  'authority',
  'edges',
  'setup',
  'installation',
] as const;
type Place = (typeof PLACES)[number];

/** Something that wants somebody's attention now. */
export interface Attention {
  readonly severity: Severity;
  readonly code: NoticeCode | EdgeTrouble;
  readonly text: string;
  readonly fix: string;
  readonly zone: { readonly id: ZoneId; readonly name: Hostname } | null;
  readonly hostname: Hostname | null;
  /** The certificate that it is about: its id, or its fingerprint where it has none. */
  readonly certificate: string | null;
  /** Where it is seen. */
  readonly page: Place;
}

/** What may be wrong with edges. */
export const EDGE_TROUBLES = {
  no_edge: {
    severity: 'critical',
    text: 'No edge is connected: nobody serves the zones',
    fix: 'Start one: postern up, or see what its log says.',
  },
  edge_gone: {
    severity: 'critical',
    text: 'An edge is not connected any more',
    fix: 'See what its log says. Until it is back, no change is said to be in force.',
  },
  edge_rejects: {
    severity: 'critical',
    text: 'An edge refuses what it was told, and keeps what it had',
    fix: 'See why: postern edges list.',
  },
  edge_behind: {
    severity: 'warning',
    text: 'An edge has not the newest change in force',
    fix: 'Wait a moment. If it stays so, see what its log says.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly text: string; readonly fix: string }>;
type EdgeTrouble = keyof typeof EDGE_TROUBLES;

/**
 * The same, where the hostname is being set up: from the decision to refuse strangers on, an open lock is an alarm, and the
 * set-up is where one goes on.
 */
export function atSetup(attention: Attention, setup: SetupStanding | null, now: Instant): Attention {
  return mayBeSetup(attention) && goesOnAtSetup(setup, now) ? { ...attention, page: 'setup' } : attention;
}

/** An edge, as far as this asks. */
interface EdgeFacts {
  readonly name: string;
  readonly connected: boolean;
  readonly applied: number;
  readonly rejected: { readonly because: string } | null;
}

/** What is wrong with edges, when this is the newest revision. */
export function edgeAttention(edges: readonly EdgeFacts[], revision: number): readonly Attention[] {
  if (edges.length === 0) return [trouble('no_edge', '')];
  return edges.flatMap(({ name, connected, applied, rejected }) => {
    if (!connected) return [trouble('edge_gone', name)];
    if (rejected !== null) return [trouble('edge_rejects', `${name}: ${rejected.because}`)];
    return applied < revision ? [trouble('edge_behind', `${name} has ${applied} of ${revision}`)] : [];
  });
}

function trouble(code: EdgeTrouble, detail: string): Attention {
  const { severity, text, fix } = EDGE_TROUBLES[code];
  const words = detail === '' ? text : `${text}: ${detail}`;
  return { severity, code, text: words, fix, zone: null, hostname: null, certificate: null, page: 'edges' };
}

/** A concern of a zone, or of the installation for `null`, with where it is seen. */
export function attentionOf({ code, severity, about, detail }: Concern, zone: Attention['zone']): Attention {
  const { text, fix } = NOTICE_KINDS[code];
  return {
    severity,
    code,
    text: detail === '' ? text : `${text}: ${detail}`,
    fix,
    zone,
    hostname: about.hostnames[0] ?? about.origin?.hostname ?? null,
    certificate: about.certificate,
    page: zone === null ? 'installation' : PAGES[code],
  };
}

const PAGES: Readonly<Record<NoticeCode, Place>> = {
  certificate_ending: 'origin_pulls',
  visitor_authority_ending: 'visitors',
  visitor_certificate_ending: 'edge_certificates',
  origin_ca_ending: 'origin_certificates',
  origin_certificate_ending: 'origin_certificates',
  managed_ending: 'rotations',
  authority_ending: 'authority',
  root_list_ending: 'authority',
  revocation_list_ending: 'authority',
  bundle_manifest_ending: 'authority',
  shared_identity_ending: 'installation',
  shared_identity_changed: 'origin_pulls',
  rotation_begun: 'rotations',
  rotation_ended: 'rotations',
  rotation_undone: 'rotations',
  proof_missing: 'rotations',
  origin_refuses: 'rotations',
  origin_switched_back: 'rotations',
  old_ca_trusted: 'rotations',
  lock_open: 'attestations',
  lock_broken: 'attestations',
  lock_unseen: 'attestations',
  lock_not_yet: 'setup',
  lock_holds: 'attestations',
  looks_paused: 'attestations',
  test: 'installation',
};

/** Compares what is to be seen first: what is most severe, and of that open and broken locks. */
export function moreUrgent(a: Attention, b: Attention): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || rank(a) - rank(b) || byName(a, b);
}

const FIRST: readonly Attention['code'][] = ['no_edge', 'edge_gone', 'edge_rejects', 'lock_open', 'lock_broken'];

function rank({ code }: Attention): number {
  const at = FIRST.indexOf(code);
  return at === -1 ? FIRST.length : at;
}

function byName({ zone: a }: Attention, { zone: b }: Attention): number {
  const [one, other] = [a?.name ?? '', b?.name ?? ''];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
