import type { FindingKind } from './severity.ts';

/** What the edge's own settings say against the lock: the origin may be right and the edge does not come with its key. */
export const CONTROL_FACTS = {
  mode_without_tls: {
    severity: 'high',
    refs: ['LO-08'],
    title: 'The SSL mode has the edge pull over plain HTTP, where it cannot present a certificate.',
    fix: 'Set the SSL mode to full or strict.',
  },
  mode_unverified: {
    severity: 'low',
    refs: [],
    title: "The SSL mode does not have the edge verify the origin's own certificate.",
    fix: 'Give the origin a certificate that the edge trusts, and set the SSL mode to strict.',
  },
  dns_only: {
    severity: 'high',
    refs: ['LO-08'],
    title: 'The name is DNS-only: visitors come to the origin themselves, past the edge.',
    fix: 'Switch the record to proxied.',
  },
  hostname_switched_off: {
    severity: 'high',
    refs: ['LO-08'],
    title: 'Origin pulls are switched off for this hostname, whatever the zone says.',
    fix: 'Switch the association of the hostname on, or give it back to the zone.',
  },
  identity_ending: {
    severity: 'medium',
    refs: ['LO-05'],
    title: 'The certificate that the edge presents ends within 30 days.',
    fix: 'Issue or upload its successor now, and wait until it is active.',
  },
  identity_not_active: {
    severity: 'medium',
    refs: ['LO-08'],
    title: 'The certificate of the edge is not in force.',
    fix: 'Wait until its status is active before the origin refuses others; where it stays so, upload it again.',
  },
  plain_visitors: {
    severity: 'low',
    refs: [],
    title: 'Visitors may come over plain HTTP: Always Use HTTPS is off.',
    fix: 'Switch Always Use HTTPS on.',
  },
  zone_unknown: {
    severity: 'medium',
    refs: [],
    title: 'No zone that this token may see holds the name.',
    fix: 'Check the name, and that the token may read the zone.',
  },
} as const satisfies Record<string, FindingKind>;
