import type { ConsequenceRow } from './consequence-row.ts';

/** What a change may mean for visitors, and for how origins are believed. */
export const VISITOR_CONSEQUENCES = {
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
    text: 'The origins of these hostnames show certificates of a CA that the edge would believe no more: it answers 526',
    fix: 'Trust the CA of these certificates, too, or give the origins certificates of a CA that stays.',
    measure: 'failing',
  },
  origin_cas_unseen: {
    severity: 'warning',
    text: 'Which certificates the origins of these hostnames show could not be seen, and the edge believes other CAs from then on: it answers 526 where one is of none of them',
    fix: 'See that the origins can be reached, and ask again; or know that their certificates are of a CA that is trusted then.',
    measure: 'pulls',
  },
  origin_cas_joined: {
    severity: 'warning',
    text: 'The edge believes more CAs for the certificates of the origins of these hostnames than before',
    fix: 'See that this is the CA of the origins, and that it signs for nobody else.',
    measure: 'pulls',
  },
  origin_cas_never: {
    severity: 'warning',
    text: 'The origins of these hostnames show certificates that the edge believes neither now nor then: it answers 526',
    fix: 'Where it is another CA, trust that: only a certificate that signed itself counts, not one between. Else give the origins other certificates.',
    measure: 'pulls',
  },
  origin_cas_fit: {
    severity: 'note',
    text: 'The edge believes the certificates that the origins of these hostnames show from then on',
    fix: '',
  },
  origin_cas_kept: {
    severity: 'note',
    text: 'The origins of these hostnames show certificates that are believed as before',
    fix: '',
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
} as const satisfies Record<string, ConsequenceRow>;
