import type { ServerFixes } from './server-fixes.ts';

const LOCK = `CAfile = /etc/stunnel/edge-ca.pem
verifyChain = yes
requireCert = yes`;

const TRUST = `; exactly the authority of the edge's certificate
CAfile = /etc/stunnel/edge-ca.pem`;

/** Lines for stunnel. */
export const STUNNEL_FIXES: ServerFixes = {
  not_asked: LOCK,
  optional: LOCK,
  unverified: LOCK,
  verification_off: LOCK,
  any_certificate: LOCK,
  open_sibling: `; in every service that connects to the application
${LOCK}`,
  other_port: `; in the service of that port, or take it away
${LOCK}`,
  application_port: `; the application listens on loopback alone
connect = 127.0.0.1:3000`,
  public_authorities: `${TRUST}
checkHost = my-edge.example`,
  origin_ca: TRUST,
  shared_authority: TRUST,
  shared_identity: `; with a certificate of your own
CAfile = /etc/stunnel/edge-ca.pem`,
  leaf_as_authority: `; the root, or the certificate itself with
verifyPeer = yes`,
  edge_refused: LOCK,
  ca_file_missing: LOCK,
  ca_file_unusable: TRUST,
  no_revocation: 'CRLfile = /etc/stunnel/edge.crl',
  revocation_stale: `; fetch the list anew, then: kill -HUP
CRLfile = /etc/stunnel/edge.crl`,
  lasting_sessions: `sessionResume = no
options = NO_TICKET`,
  tls_version: 'sslVersionMin = TLSv1.2',
  config_differs: '; kill -HUP, or restart: stunnel reads its configuration at its start',
};
