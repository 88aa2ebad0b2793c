import type { Hostname } from './ids.ts';
import { type HostTraffic, type TrafficFacts, trafficOf } from './traffic.ts';
import { type Measure, trafficWords } from './traffic-words.ts';

/** How much a consequence matters: `stop` breaks what works now, or opens what is closed. */
export const CONSEQUENCE_SEVERITIES = ['stop', 'warning', 'note'] as const;
export type ConsequenceSeverity = (typeof CONSEQUENCE_SEVERITIES)[number];

interface ConsequenceRow {
  readonly severity: ConsequenceSeverity;
  readonly text: string;
  readonly fix: string;
  /** What is said of the pulls of the last hour; how many there were, where it is left out. */
  readonly measure?: Measure;
}

/** What may follow from a change, as it is told before the change is made. */
export const CONSEQUENCES = {
  locked_origin_refuses: {
    severity: 'stop',
    text: 'Their origins were seen locked, and are shown no certificate any more that they let in: visitors get errors',
    fix: 'Have the origins let in what the edge shows then, or open their locks first: postern aop open.',
    measure: 'failing',
  },
  locked_origin_knows_not: {
    severity: 'stop',
    text: 'Their origins were seen locked, and nobody told them of the CA of the certificate that they are shown then: they refuse it until they believe that CA, and visitors get errors',
    fix: 'Have the origins believe the CA of the new certificate first, beside those that they believe now.',
    measure: 'failing',
  },
  pulls_refused: {
    severity: 'stop',
    text: 'The edge answers with an error page and does not pull: the level that decides has no certificate it can present',
    fix: 'Give that level a certificate that has not ended, or let another level decide.',
    measure: 'failing',
  },
  no_longer_served: {
    severity: 'stop',
    text: 'The edge serves them no more: visitors get an error page',
    fix: 'Lead visitors elsewhere before the change.',
    measure: 'failing',
  },
  origin_exposed: {
    severity: 'stop',
    text: 'The edge does not stand in front of them any more: their records tell everybody the address of the origin',
    fix: 'Keep the record proxied. If the address must be public, expect it to be known for good, and keep the lock enforced.',
  },
  pulled_in_plaintext: {
    severity: 'stop',
    text: 'They are pulled over plain HTTP: nothing is encrypted, and no certificate is shown',
    fix: 'Choose the mode full, strict or origin_pull.',
    measure: 'certified',
  },
  http_in_plaintext: {
    severity: 'warning',
    text: 'What visitors ask for over http:// is pulled over plain HTTP, without a certificate',
    fix: 'Switch always_use_https on, or choose the mode origin_pull.',
  },
  pulled_without_certificate: {
    severity: 'warning',
    text: 'They are pulled over TLS without a client certificate: their origins cannot tell the edge from strangers',
    fix: 'Keep a level of origin pulls on.',
    measure: 'certified',
  },
  identity_changes: {
    severity: 'warning',
    text: 'Their origins are shown another certificate',
    fix: 'See first that the origins let it in: install the present bundle of the zone there (postern ca bundle).',
  },
  origin_verified: {
    severity: 'warning',
    text: "The edge verifies their origins' own certificates from then on, and answers 526 where one does not hold",
    fix: 'See that each origin has a certificate of a public CA, of the Origin CA, or of the trust store of the zone.',
  },
  origin_unverified: {
    severity: 'warning',
    text: "The edge verifies their origins' own certificates no more: it may be talking to somebody else",
    fix: 'Choose the mode strict or origin_pull.',
  },
  origins_change: {
    severity: 'warning',
    text: 'They are pulled from other places than before, and nobody has seen whether a lock holds there',
    fix: 'Prepare the new origin with the bundle of the zone, and have it looked at after the change: postern attestations now.',
  },
  fewer_origins: {
    severity: 'note',
    text: 'They are pulled from fewer places than before',
    fix: 'See that those that are left can carry all of it.',
  },
  old_tls_refused: {
    severity: 'stop',
    text: 'Visitors that speak nothing newer than TLS 1.2 are refused in the handshake, before the edge could tell them why',
    fix: 'See in the access log who they are, and give them time for newer software.',
  },
  old_tls_unknown: {
    severity: 'warning',
    text: 'Visitors that speak nothing newer than TLS 1.2 would be refused in the handshake; whether there are any cannot be told',
    fix: 'Wait until an hour of visits is counted, and ask again.',
  },
  old_tls_unseen: {
    severity: 'warning',
    text: 'Visitors that speak nothing newer than TLS 1.2 would be refused in the handshake; none of them was seen',
    fix: 'An hour is not a week: expect those who come seldom to be refused as well.',
  },
  old_tls_let_in: {
    severity: 'note',
    text: 'Visitors that speak nothing newer than TLS 1.2 are let in again',
    fix: 'Nothing to do.',
  },
  visitors_asked: {
    severity: 'stop',
    text: 'Visitors must show a certificate there, and get an error page without one',
    fix: 'See that everybody who may come has a certificate of a CA of the list before.',
  },
  visitors_free: {
    severity: 'stop',
    text: 'Visitors need no certificate there any more: everybody gets in',
    fix: 'Keep the list, unless the site is meant for everybody.',
  },
  visitor_authorities_left: {
    severity: 'stop',
    text: 'Visitors with a certificate of a CA that leaves the list are turned away there',
    fix: 'Give them certificates of a CA that stays, and take the old one out afterwards.',
  },
  visitor_authorities_joined: {
    severity: 'warning',
    text: 'Whoever has a certificate of the CAs that join the list gets in there',
    fix: 'See that these CAs sign for nobody else.',
  },
  everybody_blocked: {
    severity: 'stop',
    text: 'Every visitor with an address of that kind is turned away, unless a smaller network lets it in',
    fix: 'Block the networks that are meant, and no more.',
  },
  visitors_blocked: {
    severity: 'warning',
    text: 'Visitors from there are turned away with an error page',
    fix: 'See in the access log who comes from there.',
  },
  visitors_unblocked: {
    severity: 'warning',
    text: 'Visitors from there are let in again, unless a greater network is blocked',
    fix: 'Keep the rule, if the reason for it has not gone.',
  },
  visitors_exempt: {
    severity: 'warning',
    text: 'Visitors from there pass whatever other rules and limits say',
    fix: 'Let in networks only whose visitors you know.',
  },
  visitors_exempt_no_more: {
    severity: 'warning',
    text: 'Visitors from there meet the other rules and the limits again',
    fix: 'See that no rule turns away whom you want to let in.',
  },
  visitors_limited: {
    severity: 'warning',
    text: 'Visitors that ask more often than the limit allows are turned away for a while',
    fix: 'Have the limit simulate first: the log says whom it would turn away.',
  },
  limit_simulates: {
    severity: 'note',
    text: 'The limit turns nobody away: the log says whom it would',
    fix: 'Nothing to do.',
  },
  limit_wider: {
    severity: 'note',
    text: 'The limit allows more than before',
    fix: 'Nothing to do.',
  },
  visitors_unlimited: {
    severity: 'warning',
    text: 'Nobody is turned away by the limit any more, however often they ask',
    fix: 'See that the origins can carry whatever comes.',
  },
  visitors_shown_local: {
    severity: 'stop',
    text: 'Visitors are shown a certificate of the CA of this installation: browsers do not know it, and warn of the site',
    fix: 'Upload a certificate that a public CA signed for these names first.',
  },
  visitors_shown_another: {
    severity: 'note',
    text: 'Visitors are shown another certificate',
    fix: 'Nothing to do, unless somebody pins the present one.',
  },
  origin_cas_left: {
    severity: 'stop',
    text: 'The edge believes fewer CAs for the certificates of their origins, and answers 526 where one hangs on a CA that left',
    fix: 'Give these origins certificates of a CA that stays before.',
    measure: 'pulls',
  },
  origin_cas_joined: {
    severity: 'warning',
    text: 'The edge believes more CAs for the certificates of their origins than before',
    fix: 'See that the CAs that joined sign for nobody else.',
    measure: 'pulls',
  },
  key_exchanges_fewer: {
    severity: 'warning',
    text: 'The edge offers their origins fewer key exchanges, and answers 525 where an origin has none of those that are left',
    fix: 'Have the locks looked at right after the change: postern attestations now.',
    measure: 'pulls',
  },
  key_exchanges_more: {
    severity: 'note',
    text: 'The edge offers their origins more key exchanges than before',
    fix: 'Nothing to do.',
  },
  redirected_to_https: {
    severity: 'note',
    text: 'Visitors over http:// are sent to https://',
    fix: 'Nothing to do, as long as no visitor speaks http:// only.',
  },
  redirected_to_http: {
    severity: 'stop',
    text: 'Visitors over https:// are sent to http://, where everybody on the way can read along',
    fix: 'Choose another mode than off.',
  },
  pulled_with_certificate: {
    severity: 'note',
    text: 'They are pulled over TLS with the client certificate',
    fix: 'Have their origins ask for it; until they do, the lock is open.',
  },
  certificate_unused: {
    severity: 'note',
    text: 'No hostname presents this certificate',
    fix: 'Nothing to do.',
  },
  keys_destroyed: {
    severity: 'warning',
    text: 'The CAs and the certificates of the zone go with it, and their keys for good: a zone of the same name gets others',
    fix: 'Have its origins trust something else before, or take a backup: postern backup.',
  },
  enforce_refuses_edge: {
    severity: 'stop',
    text: 'The edge shows no certificate there: an origin that insists on one refuses every visitor',
    fix: 'Switch the zone level on first (postern aop on), with the mode full, strict or origin_pull.',
    measure: 'failing',
  },
  callers_without_certificate: {
    severity: 'stop',
    text: 'Somebody still comes without a certificate, and would be refused',
    fix: 'See who it is in the log of the origin while it watches, and lead them through the edge.',
    measure: 'without',
  },
  edge_refused_already: {
    severity: 'stop',
    text: 'An origin refuses the certificate of the edge already',
    fix: 'Install the present bundle of the zone there and reload the server: postern ca bundle.',
  },
  already_locked: {
    severity: 'note',
    text: 'Their origins were seen refusing everybody else already',
    fix: 'Nothing to do.',
  },
  shared_lets_neighbours_in: {
    severity: 'warning',
    text: 'The edge shows them the identity that all zones share: every other zone gets in too, unless the origin pins it',
    fix: "Switch the zone level on: its identity is the zone's alone.",
  },
  traffic_unknown: {
    severity: 'warning',
    text: 'Whether somebody still comes without a certificate, and would be refused, cannot be told',
    fix: 'Let the origin watch for a while, and see who comes without a certificate.',
  },
  traffic_partial: {
    severity: 'warning',
    text: 'Nobody was seen coming without a certificate, but not all of the last hour is counted',
    fix: 'Wait until an hour is counted at every edge, and ask again.',
    measure: 'without',
  },
  no_traffic: {
    severity: 'note',
    text: 'Nothing was pulled there in the last hour: nothing shows yet that the certificate is let in',
    fix: 'Ask for a page through the edge first, or have the lock looked at: postern attestations now.',
  },
  rotation_proves_first: {
    severity: 'note',
    text: 'Each origin is shown the new certificate only after it was seen letting it in; what works goes on working',
    fix: 'Nothing to do.',
  },
  bundle_changes: {
    severity: 'warning',
    text: 'Their origins must trust a new CA before the rotation can go on',
    fix: 'Install the bundle that the zone has from then on, or have origins follow it by themselves: postern origin sync.',
  },
  rotation_held: {
    severity: 'warning',
    text: 'Their locks were not seen holding: such origins hold the rotation back until somebody mends them',
    fix: 'See what was seen of them: postern attestations list.',
  },
  rotation_leaves_uploads: {
    severity: 'note',
    text: 'They present certificates that were uploaded: the rotation leaves those alone',
    fix: 'Upload their successors yourself.',
  },
  no_effect: {
    severity: 'note',
    text: 'No pull of any hostname is different afterwards',
    fix: 'Nothing to do.',
  },
} as const satisfies Record<string, ConsequenceRow>;

export type ConsequenceCode = keyof typeof CONSEQUENCES;

/** The severity of a kind of consequence. */
export function severityOf(code: ConsequenceCode): ConsequenceSeverity {
  return CONSEQUENCES[code].severity;
}

/** What would follow from a change for some hostnames. */
export interface Consequence {
  readonly code: ConsequenceCode;
  /** What there is to say of this case: sentences that follow the text of the row. */
  readonly detail: string;
  /** The first of them. */
  readonly hostnames: readonly Hostname[];
  readonly count: number;
  readonly traffic: HostTraffic | null;
}

/** Hostnames that are named: there may be a hundred thousand. */
const MOST_NAMED = 20;

/** A consequence for these hostnames, with what was pulled for them. */
export function consequence(
  code: ConsequenceCode,
  hostnames: readonly Hostname[],
  { traffic, detail = '' }: { readonly traffic: TrafficFacts; readonly detail?: string },
): Consequence {
  const pulled = trafficOf(traffic, hostnames);
  const { severity, measure = 'pulls' }: ConsequenceRow = CONSEQUENCES[code];
  const isBare = hostnames.length === 0 || severity === 'note';
  const words = [detail, isBare ? '' : trafficWords(measure, pulled, traffic)];
  return {
    code,
    detail: words.filter((part) => part !== '').join(' '),
    hostnames: hostnames.slice(0, MOST_NAMED),
    count: hostnames.length,
    traffic: hostnames.length === 0 ? null : pulled,
  };
}

/** The most severe first; in the order of the table where they are alike. */
export function bySeverity(consequences: readonly Consequence[]): readonly Consequence[] {
  const codes = Object.keys(CONSEQUENCES);
  const rank = ({ code }: Consequence) =>
    CONSEQUENCE_SEVERITIES.indexOf(severityOf(code)) * codes.length + codes.indexOf(code);
  return consequences.toSorted((a, b) => rank(a) - rank(b));
}
