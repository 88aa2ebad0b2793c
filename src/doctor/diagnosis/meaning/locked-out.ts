import type { LOCKED_OUT } from '../locked-out.ts';
import type { Meaning } from './meaning.ts';

export const LOCKED_OUT_MEANING: Readonly<Record<keyof typeof LOCKED_OUT, Meaning>> = {
  edge_refused: {
    means: 'The lock holds against everybody, the edge among them. Visitors see errors.',
    seen: 'The identity given with --identity is refused like the others. Which alert came, or which page, narrows down why.',
  },
  edge_refused_in_part: {
    means: 'Whether visitors see the site depends on what edge and origin agree on. That changes with the next update.',
    seen: 'The right certificate is let in by one version of TLS, or at first, and refused by the other or on resumption.',
  },
  ca_file_missing: {
    means:
      'The server does not start, or keeps running with its old configuration, or refuses everybody. Some trust all public authorities then.',
    seen: 'In a configuration: the file is not there, or none is named.',
  },
  ca_file_unusable: {
    means:
      'The file holds something else: a page that was saved, a key, a broken block. The effect is that of no file.',
    seen: 'In a configuration, when the file is opened.',
  },
  old_authority: {
    means: 'The authority was changed at the edge, and the origin still trusts only the one before.',
    seen: 'The right certificate is refused as one of an unknown authority, and the trusted file holds another of the same name.',
  },
  authority_expired: {
    means: 'Every certificate below it is refused, however new.',
    seen: 'In a configuration, when the file is opened; from outside the right certificate is refused as expired.',
  },
  authority_ending: {
    means: 'On that day every certificate below it is refused. Two authorities may stand in the file at once.',
    seen: 'In a configuration, when the file is opened.',
  },
  identity_expired: {
    means: 'Edges keep presenting a certificate that has ended, and origins refuse it.',
    seen: 'By the certificate that was given, or by what the control plane says.',
  },
  revocation_stale: {
    means:
      'A list that is out of date says nothing any more, so all certificates of its issuer are refused. nginx wants one for every authority of the chain.',
    seen: 'The right certificate is refused. In a configuration: the list has ended, or one is missing.',
  },
  clock_skew: {
    means:
      'Certificates are valid from one moment to another by the clock of the server. One that is wrong refuses good ones.',
    seen: "The Date of the server's answers, compared with the clock here.",
  },
  edge_shows_nothing: {
    means:
      'The origin is locked, and the edge does not use its certificate: it is off for this hostname, or the mode speaks plain HTTP, or visitors come directly.',
    seen: "By what the control plane says, or by the origin's page for callers without a certificate, seen through the edge.",
  },
  origin_not_believed: {
    means:
      'In this SSL mode the edge verifies who the origin is before it sends anything. It cannot, so nobody is served, however well the lock holds. Once a zone trusts CAs of its own, no other counts there.',
    seen: 'By the control plane alone: it shakes hands as the edge does, with the SSL mode and the trust of the zone. Whoever knocks from elsewhere does not know them.',
  },
  server_name_needed: {
    means:
      'Without a name in the handshake another site is chosen, and it does not ask for the certificate or does not know the authority.',
    seen: 'The right certificate is let in with the name, and refused without it.',
  },
  tls_version: {
    means: 'An edge that speaks only the other version cannot connect.',
    seen: 'Handshakes of one version fail with the alert for it.',
  },
  key_kind: {
    means: 'The client may not sign with its key, so it sends no certificate, and is refused for having none.',
    seen: 'The request for a certificate lists signature algorithms without the kind of the key given.',
  },
  names_announced: {
    means:
      'Some clients, Go and Java among them, send no certificate when its authority is not announced. They are refused for having none.',
    seen: 'The request for a certificate names authorities, and none that the certificate given leads to.',
  },
  server_chain: {
    means:
      'lighttpd looks for its own intermediates in the file with which it verifies callers, and does not find them. Every handshake fails.',
    seen: 'All handshakes end with an internal error. In a configuration: the file of the server holds its leaf alone.',
  },
  resumed_refused: {
    means:
      'The edge resumes sessions, as it should. The rule looks at the handshake at hand, in which no certificate is shown.',
    seen: 'The right certificate is let in, and refused when its session is resumed.',
  },
  old_session_refused: {
    means: 'The edge still has a session from before it had a certificate, and takes it up again until that ends.',
    seen: 'A session made without a certificate is resumed and refused. Whether the edge has one cannot be seen.',
  },
  ca_file_large: {
    means:
      'Each authority is named in the handshake. Some clients stop reading at some length, and the edge may be one of them.',
    seen: 'The request for a certificate is larger than some clients take.',
  },
  would_not_start: {
    means: 'The next start, or reload, fails. Until then the server does what it did before.',
    seen: 'In a configuration: something that its own syntax test refuses.',
  },
  edge_refused_unsaid: {
    means:
      'The lock holds against everybody, the edge among them. This server keeps its reason to itself: nginx answers one page, Node.js closes.',
    seen: 'The identity given with --identity is refused like the others, without an alert.',
  },
  certificate_lost: {
    means:
      'The client had a certificate and did not send it, because the server asked for signatures or authorities that do not fit. An edge may do the same.',
    seen: 'The right certificate gets the answer for callers without one.',
  },
  identity_revoked: {
    means: 'The authority says that this certificate must not be used any more, and the server believes it.',
    seen: 'The right certificate is refused with the alert for revoked ones.',
  },
  identity_purpose: {
    means: 'Certificates say what they are for. This one is for servers, and the origin looks.',
    seen: 'The right certificate is refused with the alert for unsupported ones.',
  },
  pin_refused: {
    means:
      'The authority is right, and a second comparison, of a name or a fingerprint, fails. That happens after a renewal.',
    seen: 'The handshake with the right certificate succeeds, and the answer is 403.',
  },
  name_unknown: {
    means:
      'No site of this server has the name, so it refuses the handshake or answers that it was misdirected. The edge is refused like everybody.',
    seen: 'Handshakes with the name are refused with the alert for unknown names, or requests are answered 421.',
  },
};
