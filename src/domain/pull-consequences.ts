import type { ConsequenceRow } from './consequence-row.ts';

/** What a change may mean for pulls, and for the locks of origins. */
export const PULL_CONSEQUENCES = {
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
    fix: 'Choose the mode Full, Full (strict) or Origin pull (full, strict, origin_pull).',
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
    text: 'The edge verifies the certificates of their origins from then on, and answers 526 where one does not hold',
    fix: 'See that each origin has a certificate of a public CA, of the Origin CA, or of the trust store of the zone.',
  },
  origin_unverified: {
    severity: 'warning',
    text: 'The edge verifies the certificates of their origins no more: it may be talking to somebody else',
    fix: 'Choose the mode Full (strict) or Origin pull (strict, origin_pull).',
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
  newly_served: {
    severity: 'note',
    text: 'The edge serves them from then on',
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
    fix: 'Switch the zone level on first (postern aop on), with the mode Full, Full (strict) or Origin pull.',
    measure: 'failing',
  },
  enforce_unserved: {
    severity: 'stop',
    text: 'The edge does not serve them, and answers 404. Whoever asks the origin itself for them is answered by it now, and will be refused once it is locked',
    fix: 'Make a proxied record for each of them first, or take them out of what is locked.',
  },
  enforce_dns_only: {
    severity: 'stop',
    text: 'Their records are DNS only: visitors go to the origin themselves, and will be refused once it is locked',
    fix: 'Have the edge serve them first: proxy their records.',
  },
  callers_without_certificate: {
    severity: 'stop',
    text: 'Somebody still comes without a certificate, and would be refused',
    fix: 'See who it is in the log of the origin while it watches, and lead them through the edge.',
    measure: 'without',
  },
  callers_by_other_names: {
    severity: 'stop',
    text: 'Somebody comes to the origin by another name, or by its address, without a certificate that it would accept, and would be refused',
    fix: 'See whose addresses these are, and lead those that you know through the edge, by a name of the zone.',
  },
  edge_by_other_names: {
    severity: 'warning',
    text: 'Somebody with a certificate comes to the origin by a name that is not locked: that is refused where the virtual host does not have the name',
    fix: 'Lock those names too, or give them a virtual host of their own.',
  },
  edge_refused_already: {
    severity: 'stop',
    text: 'The edge cannot pull from an origin already: it is refused there, or does not believe the certificate of the origin',
    fix: 'See which of the two it is, and what to do: postern attestations show.',
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
  watched_briefly: {
    severity: 'warning',
    text: 'Watched briefly',
    fix: 'Who did not come yet may still be refused.',
  },
  nobody_refusable: {
    severity: 'note',
    text: 'Nobody came without a certificate',
    fix: 'Who did not come in that time may still be refused.',
  },
  past_edge_unknown: {
    severity: 'warning',
    text: 'Who comes to the origin past the edge is not known: nobody counts there',
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
  pulls_stop_until_trusted: {
    severity: 'stop',
    text: 'Nothing is proved before: their origins are shown the new certificate at once, and visitors get errors until they trust the new CA',
    fix: 'Have whoever runs the origins ready to install the new bundle. Without revoking first, nothing stops.',
  },
  shown_without_proof: {
    severity: 'warning',
    text: 'Nothing is proved before: their origins are shown the new certificate at once, and those that do not let it in refuse visitors',
    fix: 'See first that no origin pins the old certificate. Without revoking first, each is asked before.',
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
