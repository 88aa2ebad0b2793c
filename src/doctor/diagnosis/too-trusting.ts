import type { FindingKind } from './severity.ts';

/** The lock asks, and trusts more than the edge. */
export const TOO_TRUSTING = {
  public_authorities: {
    severity: 'high',
    refs: ['TT-01'],
    title: 'Callers are trusted whom public or many authorities vouch for.',
    fix: "Trust exactly the authority of the edge's certificate.",
  },
  more_authorities: {
    severity: 'high',
    refs: ['TT-02'],
    title: 'A setting meant for something else adds authorities that callers may use.',
    fix: "Take it away, and put the issuer into the server certificate's chain.",
  },
  origin_ca: {
    severity: 'high',
    refs: ['TT-03'],
    title: "The authority for origins' server certificates is trusted, which serves every customer.",
    fix: "Trust the authority of the edge's client certificate only.",
  },
  shared_identity: {
    severity: 'high',
    refs: ['TT-04'],
    title: "The edge's certificate is one that others of the same edge present too.",
    fix: 'Use a certificate of your own for the zone or hostname, and trust its authority only.',
  },
  neighbour_admitted: {
    severity: 'critical',
    refs: ['TT-04'],
    title: "A certificate that is somebody else's is let in.",
    fix: 'Trust the authority of your own zone only, or pin your certificate.',
  },
  neighbour_could_pass: {
    severity: 'medium',
    refs: ['TT-04', 'TT-07'],
    title: 'Another certificate of the same authority is let in: whoever has one passes.',
    fix: 'Keep the authority for this site alone, or pin the certificate.',
  },
  loose_pin: {
    severity: 'high',
    refs: ['TT-05'],
    title: "The comparison of the certificate's name also fits other names.",
    fix: 'Compare the whole value, or the fingerprint.',
  },
  purpose_unchecked: {
    severity: 'low',
    refs: ['TT-06'],
    title: 'A certificate of this authority without a stated purpose is let in.',
    fix: "Use the authority for the edge's certificates and nothing else.",
  },
  shared_authority: {
    severity: 'high',
    refs: ['TT-07'],
    title: 'The trusted authority also vouches for servers, people or devices.',
    fix: 'Use an authority of its own for the edge.',
  },
  depth_too_great: {
    severity: 'low',
    refs: ['TT-08'],
    title: "The chain of a caller may be longer than the edge's is.",
    fix: "Allow the length of the edge's chain.",
  },
  depth_too_small: {
    severity: 'high',
    refs: ['TT-08'],
    title: "The chain of the edge's certificate is longer than is allowed, so the edge is refused.",
    fix: "Allow the length of the edge's chain.",
  },
  missing_intermediate: {
    severity: 'high',
    refs: ['TT-09'],
    title: 'The right certificate comes without its intermediate, and is refused.',
    fix: 'Have the edge send its whole chain, or add the intermediate to the trusted file.',
  },
  leaf_as_authority: {
    severity: 'high',
    refs: ['TT-10'],
    title: 'The trusted file holds a certificate that is no authority of its own.',
    fix: 'Put the root certificate into the file.',
  },
  no_revocation: {
    severity: 'medium',
    refs: ['TT-11'],
    title: 'A revoked certificate is let in until it ends.',
    fix: 'Give the server the revocation lists, and keep them fresh.',
  },
  revocation_unused: {
    severity: 'medium',
    refs: ['TT-12', 'TT-11'],
    title: 'A revocation list is loaded and never looked at.',
    fix: 'Switch the check on.',
  },
  weak_key: {
    severity: 'low',
    refs: ['TT-13'],
    title: 'A certificate with a weak key is let in.',
    fix: "See that the authority signs no such keys; raise the server's security level.",
  },
  issuer_by_name: {
    severity: 'critical',
    refs: ['TT-15'],
    title: 'A certificate whose issuer only has the right name is let in.',
    fix: 'Verify the chain; a name proves nothing.',
  },
  foreign_admitted: {
    severity: 'critical',
    refs: ['TT-01', 'TT-07'],
    title: 'A certificate of another authority is let in.',
    fix: "Trust exactly the authority of the edge's certificate.",
  },
  dated_admitted: {
    severity: 'high',
    refs: ['NE-19'],
    title: 'A certificate outside of its dates, or made for servers, is let in.',
    fix: 'Have the server verify certificates whole.',
  },
  session_of_other_authority: {
    severity: 'high',
    refs: ['TT-16', 'NE-13'],
    title: 'A session made with a certificate of another authority opens the locked name.',
    fix: 'Update the server; one authority for each listener; switch sessions off.',
  },
} as const satisfies Record<string, FindingKind>;
