import type { TOO_TRUSTING } from '../too-trusting.ts';
import type { Meaning } from './meaning.ts';

export const TOO_TRUSTING_MEANING: Readonly<Record<keyof typeof TOO_TRUSTING, Meaning>> = {
  public_authorities: {
    means:
      'Public authorities sign certificates for everybody who has a domain, and many of those may be used by clients. Such a lock opens to all of them.',
    seen: 'The server announces many authorities, or well-known ones. In a configuration: a bundle of the system, or no file where the default is one.',
  },
  more_authorities: {
    means:
      'A file that is meant for stapling or for the own chain is used to verify callers as well, and the server does not announce it.',
    seen: 'In a configuration only: what is trusted and not announced cannot be seen from outside.',
  },
  origin_ca: {
    means:
      'That authority signs server certificates for every customer of the edge. They may pass here, while the certificate that the edge really presents comes from another one.',
    seen: 'The server announces that authority. In a configuration: it is in the trusted file.',
  },
  shared_identity: {
    means:
      'The certificate says "this comes from the edge", and not "this comes for my site". Another customer points a site of theirs at your address, with their own rules, and gets in.',
    seen: 'In a configuration, or by the certificate that was given. From outside it takes the certificate of a neighbour.',
  },
  neighbour_admitted: {
    means: 'A certificate that was named as one to be refused was let in.',
    seen: 'The identity given with --foreign-identity, or one made for another zone under the same authority, gets the site.',
  },
  loose_pin: {
    means:
      'The comparison finds the expected name inside of a longer one, or at its beginning. Others can have such names.',
    seen: 'In a configuration: a comparison that is not of the whole value.',
  },
  purpose_unchecked: {
    means:
      'Certificates without a stated purpose count as certificates of clients. Where the authority signs such ones for devices or people, they get in.',
    seen: 'A certificate without a purpose, made with --ca-cert and --ca-key, is let in. All common servers do so.',
  },
  shared_authority: {
    means: 'The authority signs for other ends too, and every holder of such a certificate gets in.',
    seen: "The server's own certificate passes as that of a caller. In a configuration: the authority serves elsewhere as well.",
  },
  depth_too_great: {
    means:
      'A longer chain than that of the edge is allowed. It matters where the authority has subordinates that others run.',
    seen: 'In a configuration only.',
  },
  depth_too_small: {
    means: 'The server stops before it reaches the authority, and refuses the edge with all others.',
    seen: 'The right certificate is refused, and the configuration allows a shorter chain than it has.',
  },
  missing_intermediate: {
    means:
      'The server knows the root and not what stands between, and the certificate that was given does not bring it. An edge that sends the same is kept out.',
    seen: 'The right certificate is refused, it stands alone, and the authority that was given (--ca-cert) shows that its issuer is no root. Where that is not at hand, edge_refused names this as one of the reasons.',
  },
  leaf_as_authority: {
    means:
      'Most servers accept a chain only up to a root, and refuse everybody here. Others take the certificate itself as a pin, or trust all that an intermediate signs.',
    seen: 'In a configuration: the trusted file holds a leaf, or an intermediate alone.',
  },
  no_revocation: {
    means: 'A certificate whose key was stolen gets in until it ends, whatever its authority says.',
    seen: 'A revoked certificate, made with --ca-cert and --ca-key, is let in. In a configuration: no list is named.',
  },
  revocation_unused: {
    means: 'The list is read at the start and never asked. It looks like revocation, and is none.',
    seen: 'In a configuration: a list, without the switch that makes it count.',
  },
  weak_key: {
    means: 'A short key can be broken by others. It matters only where the authority signs such keys.',
    seen: 'A certificate with a short key, made under a throw-away authority or with the key given, is let in.',
  },
  issuer_by_name: {
    means: 'The rule compares the name of the issuer, which everybody may write into a certificate of their own.',
    seen: "A certificate of an authority with the right one's name and another key is let in.",
  },
  foreign_admitted: {
    means: 'A certificate of an authority that was made for this look was let in, so anybody can make one that is.',
    seen: 'A certificate of a foreign authority is let in, one that signed itself is not.',
  },
  dated_admitted: {
    means:
      'Dates and purpose of a certificate are not looked at. A certificate that should have ended is good for ever.',
    seen: 'An expired certificate, or one for servers only, made with --ca-cert and --ca-key, is let in.',
  },
  session_of_other_authority: {
    means: 'A session was made with a certificate that another name trusts, and counts at the locked name as well.',
    seen: 'A session of another name, made with --foreign-identity, is resumed under the locked name, and the site answers.',
  },
  neighbour_could_pass: {
    means:
      'The authority is trusted whole. As long as it signs for this site alone that is no harm; where it signs for others too, they get in.',
    seen: 'A certificate for another zone, made with --ca-cert and --ca-key, is let in.',
  },
};
