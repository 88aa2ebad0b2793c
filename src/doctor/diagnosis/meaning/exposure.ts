import type { EXPOSURE } from '../exposure.ts';
import type { Meaning } from './meaning.ts';

const DNS = 'In the DNS of the zone, asked through the resolver that was named.';

export const EXPOSURE_MEANING: Readonly<Record<keyof typeof EXPOSURE, Meaning>> = {
  spf_names_origin: {
    means:
      'Everybody can read which addresses may send mail for the zone. The origin is among them, so its address is public.',
    seen: `${DNS} The record, with what it includes, names an address that was given with --origin-address or --connect.`,
  },
  mx_at_origin: {
    means: 'Mail cannot go through the edge, so its address is public. It is that of the origin.',
    seen: `${DNS} A host of an MX record has an address that was given with --origin-address or --connect.`,
  },
  name_at_origin: {
    means:
      'Visitors of that name come to the origin themselves. The edge protects nothing there, and the address is public.',
    seen: `${DNS} The zone or its www has an address that was given with --origin-address or --connect.`,
  },
  sibling_at_origin: {
    means:
      'Names for mail, files, administration or tests are the first that are tried by whoever looks for an origin.',
    seen: `${DNS} A usual name, or one of --sibling, has an address that was given with --origin-address or --connect.`,
  },
  spf_names_addresses: {
    means:
      'Small sites send mail from the machine that serves them. Whoever looks for an origin tries these addresses.',
    seen: `${DNS} The record names single addresses, and nobody said which one is the origin's.`,
  },
  mx_beside_edge: {
    means: 'Small sites take in mail on the machine that serves them. Whoever looks for an origin tries this address.',
    seen: `${DNS} The host lies in the zone, and its address is not one of the zone's own.`,
  },
  sibling_beside_edge: {
    means:
      'Another name on the same machine is the usual way to find an origin. Names at other machines are told here as well.',
    seen: `${DNS} The name has an address that the zone and its www do not have.`,
  },
  certificate_names_zone: {
    means:
      'Scanners connect to all addresses there are and keep the names in the certificates. One search finds yours.',
    seen: 'A handshake with the address of --connect, without a name.',
  },
  page_on_bare_address: {
    means:
      'A page that can be compared with that of the site tells whose address it is. A default page tells that a server is there.',
    seen: 'A request for the address of --connect, without a name in the handshake and with the address in Host.',
  },
};
