import type { FindingKind } from './severity.ts';

/** The edge itself is kept out, or will be. */
export const LOCKED_OUT = {
  edge_refused: {
    severity: 'high',
    refs: ['LO-04'],
    title: 'The right certificate is refused.',
    fix: "Put the authority of the edge's certificate into the file that the server trusts, and reload.",
  },
  edge_refused_in_part: {
    severity: 'medium',
    refs: ['LO-10'],
    title: 'The right certificate is refused in one version of TLS, or on resumption.',
    fix: 'Let both versions of TLS ask for the certificate in the handshake.',
  },
  ca_file_missing: {
    severity: 'high',
    refs: ['LO-01'],
    title: 'The file of the trusted authority is not there, or none is named.',
    fix: "Put the authority's certificate there, test the configuration, and reload.",
  },
  ca_file_unusable: {
    severity: 'high',
    refs: ['LO-02'],
    title: 'The file of the trusted authority holds no certificate that can be used.',
    fix: "Put the authority's certificate there, in PEM, readable by the server.",
  },
  old_authority: {
    severity: 'high',
    refs: ['LO-03'],
    title: 'The trusted file holds the authority of before, and not the one in use.',
    fix: 'Put both authorities into the file and reload; take the old one away when nothing uses it.',
  },
  authority_expired: {
    severity: 'high',
    refs: ['LO-05'],
    title: 'The trusted authority has expired, so everybody is refused.',
    fix: 'Put its successor into the file, and reload.',
  },
  authority_ending: {
    severity: 'medium',
    refs: ['LO-05'],
    title: 'The trusted authority ends within 30 days.',
    fix: 'Add its successor to the file beside it, and reload.',
  },
  identity_expired: {
    severity: 'high',
    refs: ['LO-05'],
    title: 'The certificate that the edge presents has expired.',
    fix: 'Issue or upload a new one, and wait until it is active.',
  },
  revocation_stale: {
    severity: 'high',
    refs: ['LO-06'],
    title: 'A revocation list is out of date or missing, so valid certificates are refused.',
    fix: 'Fetch the lists anew, and keep them fresh by a timer.',
  },
  clock_skew: {
    severity: 'medium',
    refs: ['LO-07'],
    title: "The server's clock is far from this one.",
    fix: 'Let the server keep its time by NTP.',
  },
  edge_shows_nothing: {
    severity: 'high',
    refs: ['LO-08'],
    title: 'The edge presents no certificate to this origin.',
    fix: 'Switch authenticated origin pulls on for this level, with an SSL mode that uses TLS.',
  },
  server_name_needed: {
    severity: 'medium',
    refs: ['LO-09'],
    title: 'Without the right name in the handshake the right certificate is refused.',
    fix: 'Let the edge send the name of the site in the handshake.',
  },
  tls_version: {
    severity: 'medium',
    refs: ['LO-10'],
    title: 'The server speaks one version of TLS only.',
    fix: 'Allow TLS 1.2 and 1.3.',
  },
  key_kind: {
    severity: 'high',
    refs: ['LO-11'],
    title: "The server does not take signatures of the kind that the edge's key makes.",
    fix: "Allow the signature algorithms of the edge's key.",
  },
  names_announced: {
    severity: 'medium',
    refs: ['LO-12'],
    title: 'The server announces authorities without that of the edge, and some clients then send nothing.',
    fix: "Announce the authority of the edge's certificate, or none.",
  },
  server_chain: {
    severity: 'high',
    refs: ['LO-13'],
    title: "The server's own chain cannot be built, so every handshake fails.",
    fix: "Put the whole chain into the file of the server's certificate.",
  },
  resumed_refused: {
    severity: 'high',
    refs: ['LO-14'],
    title: 'The edge is let in once and refused when it resumes its session.',
    fix: 'Ask whether the session has a certificate, not whether this handshake had one.',
  },
  old_session_refused: {
    severity: 'medium',
    refs: ['LO-15'],
    title: 'A session from before the lock is resumed without a certificate, and refused.',
    fix: 'Make the edge drop its sessions when its identity changes.',
  },
  ca_file_large: {
    severity: 'medium',
    refs: ['LO-17'],
    title: 'The server announces more authorities than some clients can read.',
    fix: "Trust exactly the authority of the edge's certificate.",
  },
  would_not_start: {
    severity: 'high',
    refs: ['LO-01'],
    title: 'The server would not start with this configuration.',
    fix: 'Mend what it says, test the configuration, and reload.',
  },
} as const satisfies Record<string, FindingKind>;
