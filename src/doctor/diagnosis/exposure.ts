import type { FindingKind } from './severity.ts';

/** How somebody would learn the origin's address. None of it opens a lock; all of it leads to its door. */
export const EXPOSURE = {
  spf_names_origin: {
    severity: 'high',
    refs: [],
    title: "The SPF record names the origin's address.",
    fix: 'Send mail from another address or through a provider, take this one out of the record, and then move the origin: the old address is known.',
  },
  mx_at_origin: {
    severity: 'high',
    refs: [],
    title: 'Mail for the zone is delivered to the address of the origin.',
    fix: 'Take in mail at another address or at a provider, and then move the origin: the old address is known.',
  },
  name_at_origin: {
    severity: 'high',
    refs: ['LO-08'],
    title: 'A name that visitors use leads to the origin, past the edge.',
    fix: 'Have the edge serve the name (proxied instead of DNS-only), take old records away, and then move the origin.',
  },
  sibling_at_origin: {
    severity: 'high',
    refs: [],
    title: "Another name of the zone leads to the origin's address.",
    fix: 'Have the edge serve that name too, or take the record away, and then move the origin: the old address is known.',
  },
  spf_names_addresses: {
    severity: 'medium',
    refs: [],
    title: "The SPF record names single addresses, of which one may be the origin's.",
    fix: 'See whether one is: run this again with --origin-address. If so, send mail from elsewhere.',
  },
  mx_beside_edge: {
    severity: 'medium',
    refs: [],
    title: "Mail is delivered to a host of the zone beside the edge, which may be the origin's.",
    fix: 'See whether it is: run this again with --origin-address. If so, take in mail elsewhere.',
  },
  sibling_beside_edge: {
    severity: 'medium',
    refs: [],
    title: "A name of the zone leads past the edge, to an address that may be the origin's.",
    fix: 'See whether it is: run this again with --origin-address. If so, have the edge serve that name, or take it away.',
  },
  certificate_names_zone: {
    severity: 'medium',
    refs: [],
    title: 'Whoever connects to the bare address is shown a certificate with names of the zone.',
    fix: 'Refuse handshakes without a known name, or show a certificate there that names nobody: search engines list addresses by these names.',
  },
  page_on_bare_address: {
    severity: 'medium',
    refs: ['NE-07'],
    title: 'Whoever asks for the bare address is given a page.',
    fix: 'Refuse names that no site has, so that an address does not tell whose it is.',
  },
} as const satisfies Record<string, FindingKind>;
